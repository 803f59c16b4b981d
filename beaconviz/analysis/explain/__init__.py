"""Key words of a text, and whether they are faithful to the model."""
