"""Run a text through a model, let it generate, and what a run says."""
