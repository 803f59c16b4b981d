"""Read and check a checkpoint: its files, weights, tokenizer, labels and settings."""
