"""Rules: a design for any sentence."""
