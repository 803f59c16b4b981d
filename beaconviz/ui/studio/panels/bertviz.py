"""Both runs in BertViz, side by side."""

from __future__ import annotations

from typing import Literal

import streamlit as st

import beaconviz as bv
from beaconviz.figures import bertviz_html
from beaconviz.figures.bertviz import depth
from beaconviz.ui.shared.charts import theme
from beaconviz.ui.shell.session import Session


def bertviz_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel. Pages of several MB are made on request, not at each stroke."""
    view = session.view
    layers = range(depth(comparison.baseline))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind: Literal["head", "model"] = st.segmented_control(
            "View", ("head", "model"), key="bertviz-view", required=True, default="head"
        )
        chosen = st.pills(
            "Layers", layers, key="bertviz-layers", selection_mode="multi", default=list(layers[:2])
        )
        page_key = (
            kind,
            tuple(sorted(chosen)),
            view.design.unit,
            view.model,
            view.text,
            view.second,
            theme(),
        )
        drawn = session.page_data.get("bertviz")
        old = drawn is not None and drawn[0] == page_key and drawn[1] != view.design
        if old and st.button("Draw again", key="bertviz-draw", help="The design has changed"):
            drawn = None
    if drawn is None or drawn[0] != page_key:
        pages = [
            bertviz_html(run, kind, layers=page_key[1], unit=page_key[2], theme=theme())
            for run in (comparison.baseline, comparison.edited)
        ]
        session.page_data["bertviz"] = drawn = (page_key, view.design, pages)
    for column, name, page in zip(st.columns(2), ("Baseline", "Edited"), drawn[2], strict=True):
        column.markdown(f"**{name}**")
        column.iframe(page, height=520, alt=f"BertViz, {name.lower()} run")
