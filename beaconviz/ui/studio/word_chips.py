"""The words under the text: choose some, and edit how much all words attend to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from beaconviz.core.edit import Cell
from beaconviz.core.presets import NEVER, STRONG
from beaconviz.ui.shared.widgets import hold
from beaconviz.ui.shell.guard import plain
from beaconviz.ui.shell.session import Session
from beaconviz.ui.shell.state import View

KEY = "chips"
MANY = 32


def chips(session: Session) -> None:
    """Draw the words, and the edit of the chosen ones."""
    if session.view.attention == "decoder":  # its columns are steps
        return
    words = session.view.design.words
    kept = [number for number in st.session_state.get(KEY, []) if number < len(words)]
    if session.page_data.get(KEY) != words:  # a new text: no word is chosen
        session.page_data[KEY], kept = words, []
    hold(KEY, kept)
    with _place(len(words)):
        st.pills(
            "Words",
            range(len(words)),
            key=KEY,
            selection_mode="multi",
            format_func=lambda number: plain(words[number]),
            label_visibility="collapsed",
        )
        if not kept:
            return
        for name, value, about in (
            ("Boost", STRONG, "All words attend more to these words"),
            ("Mute", NEVER, "No word attends to these words"),
            ("Clear", None, "Sets the columns of these words in A back to 0"),
        ):
            st.button(
                name,
                key=f"chips-{name}",
                help=about,
                on_click=lambda value=value: session.attempt(
                    lambda: beaconed(session.view, kept, value)
                ),
            )


def _place(count: int) -> DeltaGenerator:
    """The container of the words; many words are behind a button, since they are redrawn at every
    stroke."""
    if count > MANY:
        return st.popover(f"Choose among {count} words", key="chips-many")
    return st.container(horizontal=True, key="chips-row", vertical_alignment="center")


def beaconed(view: View, words: Iterable[int], value: float | None) -> View:
    """The view with a beacon of `value` (units of S) on the words' columns; None clears them."""
    if value is None:
        design = view.design.without(beacon=[("*", word) for word in words], edit=view.edit)
    else:
        cells: list[Cell] = [("*", word, value) for word in words]
        design = view.design.with_cells(beacon=cells, edit=view.edit)
    return replace(view, design=design)
