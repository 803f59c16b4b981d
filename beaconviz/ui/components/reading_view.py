"""The reading view on a page: one component, so that moving its slider starts no run."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from beaconviz.figures.html.reading_view import asset


def reading_view(data: dict[str, Any], *, key: str) -> None:
    """Draw the data that `reading_data` makes."""
    _component()(data=data, key=key)


@cache
def _component() -> Any:
    return st.components.v2.component(
        "beaconviz_reading",
        html="<div class='bvr-root' data-testid='reading'></div>",
        css=asset("reading_view.css"),
        js=asset("reading_view.js"),
    )
