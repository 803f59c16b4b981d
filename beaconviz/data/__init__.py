"""Data sets and files: CoNLL, JSON Lines, tag schemes, text files."""
