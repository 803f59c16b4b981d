"""What Streamlit's widgets lack."""

from __future__ import annotations

from typing import Any

import streamlit as st


def hold(key: str, value: Any) -> None:
    """Make the widget `key` show `value`. The view is the truth, widgets only mirror it."""
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
