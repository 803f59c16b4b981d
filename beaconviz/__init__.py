"""beaconviz: edit the attention of a transformer, and see what changes.

Names are loaded when they are first used, so that `beaconviz --help` does not wait for torch.
They are listed in `__init__.pyi`, which type checkers read too.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
