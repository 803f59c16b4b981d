"""How an edit is computed inside a network."""
