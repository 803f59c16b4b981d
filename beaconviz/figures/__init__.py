"""Figures and HTML of comparisons: functions that return objects and draw nothing.

Names are imported on first use, so that a page can be shown before torch is loaded. They are listed
in `__init__.pyi`, which type checkers also read.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
