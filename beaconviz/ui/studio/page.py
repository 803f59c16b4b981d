"""The Studio, one page for each kind of model: edit attention inside it, and see both answers."""

from __future__ import annotations

import streamlit as st

from beaconviz.figures.html import label_table as tags
from beaconviz.ui.shell import cache
from beaconviz.ui.shell.guard import guarded
from beaconviz.ui.shell.navigation import go_to, page_links
from beaconviz.ui.shell.page_models import DEFAULTS, Kind, kind_of
from beaconviz.ui.shell.session import Session, current
from beaconviz.ui.shell.style import CSS
from beaconviz.ui.studio.entering import entered
from beaconviz.ui.studio.first_steps import first_steps
from beaconviz.ui.studio.live import live, outline
from beaconviz.ui.studio.panels.panels import panels
from beaconviz.ui.studio.sidebar import model_box, sidebar
from beaconviz.ui.studio.topbar import notice, topbar
from beaconviz.ui.studio.word_chips import chips


def page(kind: Kind = "Studio") -> None:
    """Draw the page for a kind of model."""
    # Once per page: a style in each answer would make the browser restyle everything.
    st.html(CSS + tags.STYLE)
    with guarded():
        session = current()
        session.settle()
        page_of_model = entered(session, kind)
        if page_of_model != kind:
            go_to(page_of_model)
        with st.sidebar:
            page_links()
            model_box(session)
            if kind_of(cache.model(session.view.model)) == kind:
                sidebar(session)
        if kind_of(cache.model(session.view.model)) != kind:
            _without_model(session, kind)
            return
        topbar(session)
        with st.container(horizontal=True, key="chips-line", gap="small"):
            chips(session)
            if kind == "Studio":
                first_steps(session)
        session.screen.outline = outline(session)
        live()
        panels()


def _without_model(session: Session, kind: Kind) -> None:
    """Draw the page when its own model could not be loaded."""
    notice(session.messages.notice)
    st.info(
        f"This page needs a model that {'translates' if kind == 'Translate' else 'generates text'}. "
        f"Choose one on the left, for example {DEFAULTS[kind]}. Your text and your design are kept."
    )
