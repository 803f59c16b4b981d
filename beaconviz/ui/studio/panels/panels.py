"""The row of panels under the workbench; only the open one is computed, and not at each stroke."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

import beaconviz as bv
from beaconviz.ui.components.idle import when_still
from beaconviz.ui.shared.widgets import hold, on_choice
from beaconviz.ui.shell.guard import guarded
from beaconviz.ui.shell.page_models import kind_of
from beaconviz.ui.shell.session import Session, current
from beaconviz.ui.studio.panels.registry import PANELS, panels_of


@st.fragment
def panels() -> None:
    """Draw the row of names and the open panel, once painting pauses."""
    session = current()
    with guarded():
        when_still(key="still")
        session.settle()
        if session.view != session.screen.view:  # a panel changed the state of the page around it
            st.rerun()
        _draw(session, session.comparison())


def _draw(session: Session, comparison: bv.Comparison) -> None:
    names = panels_of(kind_of(comparison.baseline.model))
    panel = session.view.panel if session.view.panel in names else names[0]
    hold("panel", panel)
    st.segmented_control(
        "Panel",
        names,
        key="panel",
        required=True,
        format_func=lambda name: PANELS[name].title,
        label_visibility="collapsed",
        on_change=on_choice("panel", lambda name: session.show(replace(session.view, panel=name))),
    )
    PANELS[panel].draw(session, comparison)
