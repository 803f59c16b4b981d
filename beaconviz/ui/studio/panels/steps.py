"""The most likely tokens at each step of a generated text."""

from __future__ import annotations

import streamlit as st

import beaconviz as bv
from beaconviz.analysis.generations import steps
from beaconviz.ui.shell.session import Session


def steps_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel."""
    st.caption("The most likely tokens at each step of the output, and which of them was written.")
    runs = (comparison.baseline, comparison.edited)
    for column, name, run in zip(st.columns(2), ("Baseline", "Edited"), runs, strict=True):
        column.markdown(f"**{name}**")
        column.dataframe(
            steps(run),
            hide_index=True,
            column_config={
                "probability": st.column_config.ProgressColumn(
                    "probability", format="%.3f", min_value=0, max_value=1
                )
            },
        )
