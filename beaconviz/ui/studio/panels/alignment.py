"""Which words of the text each step of a translation attends to."""

from __future__ import annotations

import streamlit as st

import beaconviz as bv
from beaconviz.figures.charts.alignment import alignment
from beaconviz.ui.shared.charts import PLAIN, theme
from beaconviz.ui.shell.session import Session


def alignment_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel."""
    figure = alignment(comparison, **cross_place(session), theme=theme())
    st.plotly_chart(figure, theme=None, key="alignment", config=PLAIN)


def cross_place(session: Session) -> dict[str, int | None]:
    """The shown layer and head if cross-attention is shown, else None for both."""
    view = session.view
    there = view.attention == "cross"
    return {"layer": view.layer if there else None, "head": view.head if there else None}
