"""Has a text area tell Python what is typed when the typing pauses.

Streamlit's own waits until somebody leaves the area or presses Ctrl+Enter; this presses it.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

_JS = """
const PAUSE = 400; // ms without a key
const listening = new WeakMap(); // parentElement → its listener; this runs again at each run

function press(area) {
  const keys = { key: "Enter", code: "Enter", ctrlKey: true, bubbles: true };
  area.dispatchEvent(new KeyboardEvent("keydown", keys));
}

export default function ({ data, parentElement }) {
  let timer = null;
  const listen = ({ target, isComposing }) => {
    if (!target.matches?.(`.st-key-${data} textarea`)) return;
    clearTimeout(timer);
    if (!isComposing) timer = setTimeout(press, PAUSE, target);
  };
  const leave = (listener) => {
    for (const event of ["input", "compositionend"]) removeEventListener(event, listener);
  };
  leave(listening.get(parentElement));
  listening.set(parentElement, listen);
  for (const event of ["input", "compositionend"]) addEventListener(event, listen);
  return () => leave(listen);
}
"""


def as_typed(area: str, *, key: str) -> None:
    """Put this beside the text area with the key `area`."""
    _component()(data=area, key=key)


@cache
def _component() -> Any:
    return st.components.v2.component("beaconviz_as_typed", js=_JS)
