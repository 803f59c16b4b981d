"""Runs its fragment again when the workbench has had no input for a moment.

Everything that the browser draws at a stroke delays the maps: a table of 64 words takes 100 ms. So
only the live part is drawn at a stroke; other parts that depend on the answer wait for a pause.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st


def when_still(*, key: str) -> None:
    """Call this in the fragment that should run again after a pause."""
    _component()(key=key, on_still_change=lambda: None)


@cache
def _component() -> Any:
    return st.components.v2.component("beaconviz.idle", js="idle.js")
