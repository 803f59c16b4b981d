"""The reading view on a page, as one component, so that its slider needs no run of Python."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from beaconviz.figures.html.reading_view import asset


def reading_view(data: dict[str, Any], *, key: str) -> None:
    """Draw the reading view of the data that `reading_data` returns."""
    _component()(data=data, key=key)


@cache
def _component() -> Any:
    return st.components.v2.component(
        "beaconviz_reading",
        html="<div class='bvr-root' data-testid='reading'></div>",
        css=asset("reading_view.css"),
        js=asset("reading_view.js"),
    )
