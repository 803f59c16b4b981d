"""What a page shows before it can be drawn: its outline, the sentence, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import streamlit as st
from markupsafe import Markup
from streamlit.delta_generator import DeltaGenerator

from beaconviz.figures.markup import macros
from beaconviz.ui.shell.style import CSS

_place: ContextVar[tuple[DeltaGenerator, bool] | None] = ContextVar("beaconviz_place", default=None)

_HTML = macros(__file__)


def skeleton(sentence: str, waits_for: str, done: int, steps: int) -> Markup:
    """The outline of a page: a sentence, what is loaded now, and how many of the steps are done."""
    return _HTML.page(CSS, sentence, waits_for, done, steps)


@contextmanager
def place_for_loading(*, arrived: bool) -> Iterator[None]:
    """Keep a place at the top of the page for what it waits for, while the block draws the rest.

    Args:
        arrived: the page is new and empty, so that its outline is shown too.
    """
    token = _place.set((st.empty(), arrived))
    try:
        yield
    finally:
        _place.reset(token)


@contextmanager
def loading(name: str) -> Iterator[None]:
    """Say that a model is loaded, for as long as the block runs."""
    place = _place.get()
    if place is None:  # a callback, or a thread of the server's own
        yield
        return
    shown, arrived = place
    shown.html(_HTML.waiting(CSS, f"Loading the model {name:.80} …", arrived))
    try:
        yield
    finally:
        shown.empty()
