"""Functions that keep Streamlit's widgets and the session's values in step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from beaconviz.ui.shell.session import ARRIVED, Session


def hold(key: str, value: Any) -> None:
    """Make the widget `key` show `value`, which is the view's; widgets only mirror the view."""
    # After a change of page the browser creates the widget again, with its default value.
    arrived = st.session_state.get(ARRIVED, False)
    if arrived or key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value


def on_choice(key: str, take: Callable[[Any], object]) -> Callable[[], None]:
    """A callback that passes the value of the widget `key` to `take`, unless it is None.

    A control with a required choice has the value None for a moment if the run before was
    interrupted before the control was drawn.
    """

    def callback() -> None:
        value = st.session_state.get(key)
        if value is not None:
            take(value)

    return callback


def follow(session: Session, key: str, text: str) -> None:
    """Make the text box `key` show `text`, if `text` has changed.

    What the person has typed since stays until it is accepted, or until another page is opened.
    """
    if session.boxes.get(key) != text or key not in st.session_state:
        st.session_state[key] = session.boxes[key] = text


@contextmanager
def recalled(session: Session, key: str, default: Any) -> Iterator[str]:
    """The key of a widget whose value is kept during visits to other pages; Streamlit drops it.

    with recalled(session, "width", 3) as key:
        width = st.number_input("Distance (words)", key=key)
    """
    values = session.recalled
    # Set in each run: otherwise a browser that creates the widget again shows its default.
    st.session_state[key] = st.session_state.get(key, values.get(key, default))
    yield key
    values[key] = st.session_state[key]
