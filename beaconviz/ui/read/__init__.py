"""The Read page: a text by its key words."""
