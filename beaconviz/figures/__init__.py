"""Figures and HTML of comparisons: functions that return objects and draw nothing.

Names are loaded when they are first used, so that a page can be shown before torch is there. They
are listed in `__init__.pyi`, which type checkers read too.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
