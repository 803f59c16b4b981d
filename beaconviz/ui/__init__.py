"""The Studio: Streamlit pages, panels, and the live workbench.

`pages` is imported when it is first used: it takes torch along, and the first thing on screen must
not wait for that (see `starting`).
"""

import lazy_loader

__getattr__, __dir__, _ = lazy_loader.attach(__name__, submodules=["pages"])
