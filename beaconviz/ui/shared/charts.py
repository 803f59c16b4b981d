"""Plotly charts on a page: in the browser's theme, with heads that can be clicked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from beaconviz.figures.theme import Theme
from beaconviz.ui.shell import cache
from beaconviz.ui.shell.session import Session

PLAIN: dict[str, Any] = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}


def theme() -> Theme:
    """The theme that the browser uses."""
    return "dark" if st.context.theme.type == "dark" else "light"


def head_chart(session: Session, figure: go.Figure, *, key: str) -> None:
    """Draw a map of `figures.charts.maps.head_map`; a click on a cell shows that head's maps."""
    st.plotly_chart(
        figure,
        theme=None,
        key=key,
        on_select=lambda: _click(session, key),
        selection_mode="points",
        config=PLAIN,
    )


def _click(session: Session, key: str) -> None:
    points = st.session_state[key].selection.points
    if points:
        layer, head = divmod(points[0]["point_index"], cache.model(session.view.model).heads)
        session.show(replace(session.view, layer=layer, head=head))
