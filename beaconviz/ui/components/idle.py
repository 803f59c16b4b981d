"""Runs its fragment again once the workbench has been still for a moment.

What the browser draws at a stroke delays the maps: a table of 64 words costs it 100 ms. So
only the live part answers a stroke, and what else shows the answer waits for a pause.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st


def when_still(*, key: str) -> None:
    """Put this into the fragment that should follow."""
    _component()(key=key, on_still_change=lambda: None)


@cache
def _component() -> Any:
    return st.components.v2.component("beaconviz.idle", js="idle.js")
