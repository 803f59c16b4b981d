"""Load a model, tokenize texts for it, and what tasks models have."""
