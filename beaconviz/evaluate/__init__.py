"""Does an edit help, over a data set? And which heads should it act on?"""
