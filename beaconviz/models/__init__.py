"""Load a model, steer it, run it: the place where transformers is spoken to."""
