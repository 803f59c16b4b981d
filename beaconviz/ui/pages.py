"""The pages of the app, and the way from one to another."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Literal, get_args

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from beaconviz.ui.session import KEY, ROOM, SEARCH
from beaconviz.ui.widgets import ARRIVED

_SHOWN = "page-shown"  # the page of the run before

PageName = Literal[
    "Studio", "Translate", "Write", "Read", "Search", "Rules", "Evaluate", "Heads", "Model"
]  # fmt: skip


def pages() -> dict[PageName, StreamlitPage]:
    """Every page, by its name; a page is loaded when it is shown."""
    names: tuple[PageName, ...] = get_args(PageName)
    return {
        name: st.Page(_opener(name), title=name, url_path=name.lower(), default=name == "Studio")
        for name in names
    }


def _opener(name: PageName) -> Callable[[], None]:
    def page() -> None:
        st.session_state[ROOM] = SEARCH if name == "Search" else KEY
        st.session_state[ARRIVED] = st.session_state.get(_SHOWN) != name
        st.session_state[_SHOWN] = name
        import_module(f"beaconviz.ui.{name.lower()}").page()

    return page


def page_links() -> None:
    """The row of pages at the top of the sidebar."""
    with st.container(horizontal=True, key="pages", gap="small"):
        for page in pages().values():
            st.page_link(page, width="content")


def go_to(name: PageName) -> None:
    """Leave this run and show another page; not from within a callback."""
    st.switch_page(pages()[name])
