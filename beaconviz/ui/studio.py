"""The Studio page: edit attention inside a live model, and see both answers."""

from __future__ import annotations

import streamlit as st

from beaconviz.ui import tags
from beaconviz.ui.chips import chips
from beaconviz.ui.guard import guarded
from beaconviz.ui.live import live, outline
from beaconviz.ui.panels import panels
from beaconviz.ui.session import current
from beaconviz.ui.sidebar import sidebar
from beaconviz.ui.style import CSS
from beaconviz.ui.topbar import topbar


def page() -> None:
    """Draw the page."""
    # Once for the page: a style that came with each answer would have the browser restyle it all.
    st.html(CSS + tags.STYLE)
    with guarded():
        session = current()
        session.settle()
        with st.sidebar:
            sidebar(session)
        topbar(session)
        chips(session)
        session.outline = outline(session)
        live()
        panels()
