"""What the model says of each word: labels, classes, answers or guesses, as a table."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import beaconviz as bv
from beaconviz.figures.html.guesses import seen
from beaconviz.figures.html.label_table import labels_html
from beaconviz.ui.shell.session import Session


def words_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel."""
    model = comparison.baseline.model
    if model.task.over == "labels":
        st.html(labels_html(comparison))
    elif model.task.over == "classes":
        _table(
            "The probability of each class, before and after the edit.",
            comparison.classes(),
            bars=model.classing != "numbers",
        )
    elif model.task.over == "spans":
        _table("The most likely answers of both runs.", comparison.answers())
    elif model.task.over == "vocabulary":
        caption = "The most likely words of both runs, at each place where the model predicts one."
        frame = comparison.guesses()
        _table(caption, frame.assign(guess=frame["guess"].map(seen)))
    else:
        st.info("This model has no output for words; its maps and numbers can be used.")


def _table(caption: str, frame: pd.DataFrame, *, bars: bool = True) -> None:
    """What the model says, in rows, with bars for probabilities."""
    st.caption(caption)
    column = st.column_config
    drawn = {
        name: column.ProgressColumn(name, format="%.4f", min_value=0, max_value=1)
        for name in ("baseline", "edited")
    }
    names = {name: name.replace("_", " ") for name in frame.columns if name not in drawn}
    st.dataframe(frame, hide_index=True, column_config=names | drawn if bars else names)
