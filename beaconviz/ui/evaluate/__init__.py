"""The Evaluate page: does an edit help, over a data set?"""
