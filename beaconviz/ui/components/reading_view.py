"""The reading view on a page: one component, so that its slider asks nobody."""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

from beaconviz.figures.html.reading_view import asset

# The component is called again at each run: it is drawn anew only when its data changed, and keeps
# the slider where a person left it.
_JS = """
const drawn = new WeakMap(); // parentElement → what it shows, as text, and where its slider is
export default function ({ parentElement, data }) {
  const known = drawn.get(parentElement);
  const told = JSON.stringify(data);
  if (known?.told === told) return;
  const left = known ?? { share: data.share, hide: false };
  const root = parentElement.querySelector(".bvr-root");
  const state = { told, share: left.share, hide: left.hide };
  drawn.set(parentElement, state);
  reading(root, { ...data, share: state.share, hide: state.hide }, (share, hide) =>
    Object.assign(state, { share, hide }));
}
"""


def reading_view(data: dict[str, Any], *, key: str) -> None:
    """Draw what `figures.reading.reading_data` gives."""
    _component()(data=data, key=key)


@cache
def _component() -> Any:
    return st.components.v2.component(
        "beaconviz_reading",
        html="<div class='bvr-root' data-testid='reading'></div>",
        css=asset("reading_view.css"),
        js=asset("reading_view.js") + _JS,
    )
