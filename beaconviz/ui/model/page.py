"""The Model page: the network that the Studio edits, and where the design touches it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

import streamlit as st

from beaconviz.figures.html.overview import facts_html, overview_html
from beaconviz.ui.shared.widgets import hold
from beaconviz.ui.shell import cache
from beaconviz.ui.shell.guard import guarded, plain
from beaconviz.ui.shell.navigation import go_to, page_links
from beaconviz.ui.shell.page_models import kind_of
from beaconviz.ui.shell.session import Session, current
from beaconviz.ui.shell.style import CSS

MEAN = "mean"  # over all layers, or over all heads


def page() -> None:
    """Draw the page."""
    st.html(CSS)
    with guarded():
        session = current()
        session.settle()
        model = cache.model(session.view.model)
        with st.sidebar:
            page_links()
            st.html(facts_html(model))
            for remark in model.remarks:
                st.caption(plain(remark))
        with st.container(horizontal=True, vertical_alignment="bottom"):
            sizes = model.sizes[session.view.attention]
            _choice(session, "layer", sizes.layers)
            _choice(session, "head", sizes.heads)
            room = kind_of(model)
            if st.button(
                "Show in the Studio" if room == "Studio" else f"Show on the page {room}",
                key="model-show",
                type="primary",
                help="The maps of this layer and head, before and after the edit",
            ):
                go_to(room)
        st.html(overview_html(model, session.view.design))


def _choice(session: Session, what: Literal["layer", "head"], count: int) -> None:
    """Which of so many layers or heads the Studio shows."""
    key = f"model-{what}"

    def choose() -> None:
        number = st.session_state[key]
        looked: dict[str, Any] = {what: None if number == MEAN else number}
        session.show(replace(session.view, **looked))

    shown = getattr(session.view, what)
    hold(key, MEAN if shown is None else shown)
    st.selectbox(what.capitalize(), [MEAN, *range(count)], key=key, on_change=choose, width=110)
