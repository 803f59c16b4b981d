"""The Rules page."""

from __future__ import annotations

import streamlit as st

from beaconviz.ui.guard import guarded
from beaconviz.ui.pages import page_links
from beaconviz.ui.style import CSS


def page() -> None:
    """Draw the page."""
    st.html(CSS)
    with guarded(), st.sidebar:
        page_links()
