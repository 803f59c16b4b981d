"""The attention that each source word receives from the whole translation."""

from __future__ import annotations

import streamlit as st

import beaconviz as bv
from beaconviz.figures.charts.alignment import source_bars
from beaconviz.ui.shared.charts import PLAIN, theme
from beaconviz.ui.shell.session import Session
from beaconviz.ui.studio.panels.alignment import cross_place


def weights_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel."""
    st.caption(
        "The attention that each word of the text received, summed over all steps of the translation. "
        "A cross marks a word that received less than a fifth of an equal share."
    )
    figure = source_bars(comparison, **cross_place(session), theme=theme())
    st.plotly_chart(figure, theme=None, key="sources", config=PLAIN)
