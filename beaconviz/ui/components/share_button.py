"""The address bar follows the screen, and a button copies it.

Streamlit's own `st.query_params` adds a step to the browser's history for each change, so
that painting would bury the page a person came from. This replaces the address instead, at
most five times a second. The link comes with the maps: the workbench hands it on in an event,
since a message of its own for each stroke would cost the browser time.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import streamlit as st

_HTML = '<button type="button"></button>'

_CSS = """
button {
  color: var(--st-text-color); background: transparent; cursor: pointer; white-space: nowrap;
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
  height: 2.5rem; padding: 0 0.75rem; width: 100%; font: 400 14px var(--st-font);
}
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color); }
button:disabled { opacity: 0.5; cursor: not-allowed; }
"""

_JS = """
const PAUSE = 200; // ms between two changes of the address
let last = 0, timer = null;

function setAddress({ name, link }) {
  clearTimeout(timer);
  const set = () => {
    last = performance.now();
    const address = new URL(location.href);
    address.searchParams.set(name, link);
    if (address.href !== location.href) history.replaceState(history.state, "", address);
  };
  timer = setTimeout(set, Math.max(0, last + PAUSE - performance.now()));
}

async function copy(button) {
  try {
    await navigator.clipboard.writeText(location.href);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Share"; }, 1500);
  } catch {
    prompt("Copy this link", location.href);
  }
}

export default function ({ parentElement }) {
  const button = parentElement.querySelector("button");
  const follow = (address) => {
    button.disabled = Boolean(address.problem);
    button.title = address.problem || "Copy a link to exactly this screen";
    setAddress(address);
  };
  const listen = ({ detail }) => follow(detail);
  button.textContent = "Share";
  button.onclick = () => copy(button);
  if (window.beaconvizAddress) follow(window.beaconvizAddress); // told before this was here
  addEventListener("beaconviz:address", listen);
  return () => removeEventListener("beaconviz:address", listen);
}
"""


def share_button(*, key: str) -> None:
    """A button that copies the address; the page's workbench says what the address is."""
    _component()(key=key)


@cache
def _component() -> Any:
    return st.components.v2.component("beaconviz_share", html=_HTML, css=_CSS, js=_JS)
