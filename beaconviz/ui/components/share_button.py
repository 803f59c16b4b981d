"""The address bar follows the screen, and a button copies it.

Streamlit's own `st.query_params` adds a step to the browser's history for each change, so
that painting would bury the page a person came from. This replaces the address instead, at
most five times a second. The link comes with the maps: the workbench hands it on in an event,
since a message of its own for each stroke would cost the browser time.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

_HTML = '<button type="button"></button>'


def share_button(*, key: str) -> None:
    """A button that copies the address; the page's workbench says what the address is."""
    _component()(key=key)


@cache
def _component() -> Any:
    return st.components.v2.component(
        "beaconviz.share_button", html=_HTML, css="share_button.css", js="share_button.js"
    )
