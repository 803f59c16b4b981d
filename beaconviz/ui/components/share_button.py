"""A button that copies the address, which always describes the screen.

Streamlit's `st.query_params` adds an entry to the browser's history for each change; after a few
strokes the Back button would no longer lead to the previous page. This component replaces the
address instead, at most five times a second. The link comes with the maps: the workbench passes it
on in a browser event, since a separate message for each stroke would take time.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

_HTML = '<button type="button"></button>'


def share_button(*, key: str) -> None:
    """Draw the button; the page's workbench provides the address."""
    _component()(key=key)


@cache
def _component() -> Any:
    return st.components.v2.component(
        "beaconviz.share_button", html=_HTML, css="share_button.css", js="share_button.js"
    )
