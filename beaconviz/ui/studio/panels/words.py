"""What the model says of each word: labels, classes, answers or guesses, as a table."""

from __future__ import annotations

import streamlit as st

import beaconviz as bv
from beaconviz.figures.html.guesses import seen
from beaconviz.figures.html.label_table import labels_html
from beaconviz.models.tasks.values import Table
from beaconviz.ui.shell.session import Session


def words_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel."""
    labels, tables = comparison.label_table(), comparison.tables()
    if labels is not None:
        st.html(labels_html(labels))
    for table in tables.values():
        _draw(table)
    if labels is None and not tables:
        st.info("This model has no output for words; its maps and numbers can be used.")


def _draw(table: Table) -> None:
    """Draw a table of what the model says, with bars for probabilities."""
    st.caption(table.caption)
    frame, column = table.frame, st.column_config
    if "guess" in frame:
        frame = frame.assign(guess=frame["guess"].map(seen))
    drawn = {
        name: column.ProgressColumn(name, format="%.4f", min_value=0, max_value=1)
        for name in ("baseline", "edited")
    }
    names = {name: name.replace("_", " ") for name in frame.columns if name not in drawn}
    st.dataframe(
        frame, hide_index=True, column_config=names | drawn if table.probabilities else names
    )
