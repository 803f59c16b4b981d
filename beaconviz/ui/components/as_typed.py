"""Sends the content of a text area to Python when the typing pauses.

Streamlit waits until the area loses the focus or Ctrl+Enter is pressed, so `as_typed.js` sends that
key.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st


def as_typed(area: str, *, key: str) -> None:
    """Call this on the page that has the text area with the key `area`."""
    _component()(data=area, key=key)


@cache
def _component() -> Any:
    return st.components.v2.component("beaconviz.as_typed", js="as_typed.js")
