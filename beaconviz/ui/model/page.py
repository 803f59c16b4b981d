"""The Model page: the network that the Studio edits, and the layers and heads of the design."""

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
            page_name = kind_of(model)
            if st.button(
                "Show in the Studio" if page_name == "Studio" else f"Show on the page {page_name}",
                key="model-show",
                type="primary",
                help="The maps of this layer and head, before and after the edit",
            ):
                go_to(page_name)
        st.html(overview_html(model, session.view.design))


def _choice(session: Session, part: Literal["layer", "head"], count: int) -> None:
    """Draw the choice of the layer or head that the Studio shows."""
    key = f"model-{part}"

    def choose() -> None:
        number = st.session_state[key]
        change: dict[str, Any] = {part: None if number == MEAN else number}
        session.show(replace(session.view, **change))

    shown = getattr(session.view, part)
    hold(key, MEAN if shown is None else shown)
    st.selectbox(part.capitalize(), [MEAN, *range(count)], key=key, on_change=choose, width=110)
