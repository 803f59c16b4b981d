"""A checkpoint before it is a model: its files, weights, tokenizer, labels and settings,
checked."""
