"""Runs its fragment again once the workbench has been still for a moment.

What the browser draws at a stroke delays the maps: a table of 64 words costs it 100 ms. So
only the live part answers a stroke, and what else shows the answer waits for a pause.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

_JS = """
const PAUSE = 250; // ms without a new answer on the canvases
const waiting = new WeakMap(); // parentElement → its listener

export default function ({ parentElement, setTriggerValue }) {
  let timer = null;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => setTriggerValue("still", Date.now()), PAUSE);
  };
  // Who follows a link to another page has this page's fragments forgotten: to ask for one of them now
  // would leave that page empty.
  const leave = (event) => {
    if (event.composedPath().some((one) => one.tagName === "A")) clearTimeout(timer);
  };
  const listen = (act) => {
    window[act]("beaconviz:drawn", wait);
    window[act]("click", leave, true);
  };
  waiting.get(parentElement)?.("removeEventListener");
  waiting.set(parentElement, listen);
  listen("addEventListener");
  return () => listen("removeEventListener");
}
"""


def when_still(*, key: str) -> None:
    """Put this into the fragment that should follow."""
    _component()(key=key, on_still_change=lambda: None)


@cache
def _component() -> Any:
    return st.components.v2.component("beaconviz_still", js=_JS)
