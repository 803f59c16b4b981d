"""The formula, the design and its edits, words and tokens. Torch only."""

import lazy_loader

__getattr__, __dir__, _ = lazy_loader.attach(__name__, submodules=["attention", "presets"])
