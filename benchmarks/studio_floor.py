"""The lower limit of an edit's time in Streamlit: a click, an empty fragment, nothing drawn."""

from __future__ import annotations

import streamlit as st

COUNTER = """
export default function ({ data, parentElement, setStateValue }) {
  let button = parentElement.querySelector("button");
  if (!button) {
    button = document.createElement("button");
    button.textContent = "edit";
    button.addEventListener("pointerdown", () => setStateValue("edit", Number(button.dataset.echo) + 1));
    parentElement.append(button);
  }
  button.dataset.timing = [0, 0, performance.now()].join(" ");
  button.dataset.echo = button.dataset.drawn = data.echo;
}
"""
counter = st.components.v2.component("beaconviz_floor", js=COUNTER)


@st.fragment
def floor() -> None:
    state = st.session_state.get("floor") or {}
    counter(key="floor", data={"echo": state.get("edit") or 0}, on_edit_change=lambda: None)


floor()
