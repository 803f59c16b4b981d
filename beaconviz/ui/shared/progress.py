"""A task on the page while it runs: how far it is, and the button that stops it."""

from __future__ import annotations

import streamlit as st

from beaconviz.ui.shared.background import BackgroundTask


@st.fragment(run_every=0.5)
def progress(task: BackgroundTask, *, kept: str) -> None:
    """Draw it, until the task ends and the page is drawn anew; `kept` is what a stop leaves."""
    if not task.running:
        st.rerun()
    st.progress(task.share, text=task.progress)
    st.button(
        "Stopping …" if task.stopping else "Stop",
        key="stop",
        disabled=task.stopping,
        on_click=task.stop,
        help=kept,
    )
