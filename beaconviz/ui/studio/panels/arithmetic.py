"""One row of attention, step by step: QKᵀ, + A, M, / √d, softmax."""

from __future__ import annotations

import streamlit as st

import beaconviz as bv
from beaconviz.analysis.arithmetic import describe_row, row_steps
from beaconviz.ui.shell.guard import plain
from beaconviz.ui.shell.session import Session


def arithmetic_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel: a token's row under one layer and head."""
    view, tokens = session.view, comparison.edited.aligned
    place = view.place_in_words
    layer, head = (number or 0 for number in place)
    with st.container(horizontal=True, vertical_alignment="center"):
        row = st.selectbox(
            "Row",
            range(len(tokens)),
            index=min(1, len(tokens) - 1),
            format_func=lambda number: f"{number} {tokens.tokens[number]}",
            key="arithmetic-row",
            width=200,
        )
        st.latex(view.design.kind.latex)
    chosen = None not in place
    st.caption(
        f"Layer {layer}, head {head}, on tokens, as the model sees them"
        f"{'' if chosen else ' (click a head above to choose it)'}. {plain(describe_row(comparison, row))}."
    )
    st.dataframe(
        row_steps(comparison, layer, head, row),
        hide_index=True,
        height=min(38 + 35 * len(tokens), 460),
        column_config={
            name: st.column_config.ProgressColumn(name, format="%.3f", min_value=0, max_value=1)
            for name in ("softmax", "baseline")
        },
    )
