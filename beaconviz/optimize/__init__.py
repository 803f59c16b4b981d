"""Edits found by gradient: learn, smallest flip, saliency."""
