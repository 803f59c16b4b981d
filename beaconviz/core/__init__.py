"""The formula, the design, words and tokens. Torch only."""
