"""What Streamlit's widgets lack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from beaconviz.ui.shell.session import ARRIVED, Session


def hold(key: str, value: Any) -> None:
    """Make the widget `key` show `value`. The view is the truth, widgets only mirror it."""
    # A browser that comes from a page with a widget of that key mounts it anew, with its default.
    arrived = st.session_state.get(ARRIVED, False)
    if arrived or key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def on_choice(key: str, take: Callable[[Any], object]) -> Callable[[], None]:
    """A callback that hands on what the widget `key` holds.

    A control that always has a choice is empty for a moment when it is drawn after a run that was
    cut short before it: there is nothing to take then.
    """

    def callback() -> None:
        value = st.session_state.get(key)
        if value is not None:
            take(value)

    return callback


def follow(session: Session, key: str, text: str) -> None:
    """Have the text box `key` show `text`. What somebody typed into it since stays until it is
    taken; a visit to another page drops it."""
    if session.boxes.get(key) != text or key not in st.session_state:
        st.session_state[key] = session.boxes[key] = text


@contextmanager
def recalled(session: Session, key: str, default: Any) -> Iterator[str]:
    """A widget whose value survives a visit to another page, where Streamlit forgets it.

    with recalled(session, "width", 3) as key:
        width = st.number_input("Distance (words)", key=key)
    """
    values = session.recalled
    # Set in each run: a browser that mounts a widget anew shows its default otherwise.
    st.session_state[key] = st.session_state.get(key, values.get(key, default))
    yield key
    values[key] = st.session_state[key]
