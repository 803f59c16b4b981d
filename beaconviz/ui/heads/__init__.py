"""The Heads page: which heads should an edit act on?"""
