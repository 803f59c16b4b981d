"""Links between the pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from beaconviz.ui.shell.session import ACTIVE, ARRIVED, SEARCH, STUDIO
from beaconviz.ui.shell.skeleton import place_for_loading

_SHOWN = "page-shown"  # the page of the previous run

PageName = Literal[
    "Studio", "Translate", "Write", "Read", "Search", "Rules", "Evaluate", "Heads", "Model"
]  # fmt: skip

_PAGES: dict[PageName, Callable[[], None]] = {}  # the functions that draw them, see `register`


def register(pages: Mapping[PageName, Callable[[], None]]) -> None:
    """Register the functions that draw the pages, in the order of their links."""
    _PAGES.update(pages)


def streamlit_pages() -> dict[PageName, StreamlitPage]:
    """All registered pages, by name."""
    return {
        name: st.Page(_opener(name), title=name, url_path=name.lower(), default=name == "Studio")
        for name in _PAGES
    }


def _opener(name: PageName) -> Callable[[], None]:
    def page() -> None:
        st.session_state[ACTIVE] = SEARCH if name == "Search" else STUDIO
        st.session_state[ARRIVED] = st.session_state.get(_SHOWN) != name
        st.session_state[_SHOWN] = name
        with place_for_loading(arrived=st.session_state[ARRIVED]):
            _PAGES[name]()

    return page


def page_links() -> None:
    """The row of pages at the top of the sidebar."""
    with st.container(horizontal=True, key="pages", gap="small"):
        for page in streamlit_pages().values():
            st.page_link(page, width="content")


def go_to(name: PageName) -> None:
    """End this run and show another page; not to be called in a callback."""
    st.switch_page(streamlit_pages()[name])
