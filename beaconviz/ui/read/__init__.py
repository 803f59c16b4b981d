"""The Read page: the key words of a text."""
