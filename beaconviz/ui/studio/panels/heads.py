"""How much the edit changed each head, and how the heads attend before and after."""

from __future__ import annotations

import streamlit as st

import beaconviz as bv
from beaconviz.figures import layer_head_map
from beaconviz.figures.charts.distributions import distributions
from beaconviz.ui.shared.charts import PLAIN, head_chart, theme
from beaconviz.ui.shell.session import Session


def heads_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel."""
    view = session.view
    chosen = None if view.layer is None or view.head is None else (view.layer, view.head)
    left, right = st.columns([5, 6])
    figure = layer_head_map(comparison.divergence(view.attention), selected=chosen, theme=theme())
    with left:
        head_chart(session, figure, key="layer-head")
    if view.attention != "self":
        right.caption(
            "How much the edit changed each head of the attention that is shown. If the two outputs "
            "differ in length, their mean attention over all steps is compared."
        )
        return
    measure = right.segmented_control(
        "Measure", ("entropy", "distance"), key="measure", required=True, default="entropy"
    )
    right.plotly_chart(
        distributions(comparison, measure, theme=theme()), theme=None, key="spread", config=PLAIN
    )
