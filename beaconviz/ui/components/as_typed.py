"""Sends what is typed into a text area to Python when the typing pauses.

Streamlit's own waits until the area is left or Ctrl+Enter is pressed; `as_typed.js` presses it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st


def as_typed(area: str, *, key: str) -> None:
    """Put this beside the text area with the key `area`."""
    _component()(data=area, key=key)


@cache
def _component() -> Any:
    return st.components.v2.component("beaconviz.as_typed", js="as_typed.js")
