"""The progress of a running task on a page, with a button that stops it."""

from __future__ import annotations

import streamlit as st

from beaconviz.ui.shared.background import BackgroundTask


@st.fragment(run_every=0.5)
def progress(task: BackgroundTask, *, stop_help: str) -> None:
    """Draw the progress until the task ends, then draw the page again.

    Args:
        stop_help: the button's help text, which says what a stop keeps.
    """
    if not task.running:
        st.rerun()
    st.progress(task.share, text=task.progress)
    st.button(
        "Stopping …" if task.stopping else "Stop",
        key="stop",
        disabled=task.stopping,
        on_click=task.stop,
        help=stop_help,
    )
