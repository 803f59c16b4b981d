"""What a page shows before it can be drawn: its outline, the sentence, and what it waits for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from html import escape

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from beaconviz.ui.shell.style import CSS

_place: ContextVar[tuple[DeltaGenerator, bool] | None] = ContextVar("beaconviz_place", default=None)

_CSS = """
<style>
.bv-skeleton .sentence { font-size: 1.1rem; margin: 0 0 0.6rem; padding: 0.5rem 0.8rem; border-radius: 0.4rem; background: color-mix(in srgb, currentColor 6%, transparent); }
.bv-skeleton .wait { margin: 0 0 1rem; }
.bv-skeleton progress { display: block; width: 100%; height: 0.3rem; margin-top: 0.4rem; accent-color: currentColor; }
.bv-skeleton .boxes { display: grid; grid-template-columns: 2fr 2fr 3fr; gap: 1.2rem; }
.bv-skeleton .boxes div { height: 24rem; border-radius: 0.4rem; background: color-mix(in srgb, currentColor 6%, transparent); }
@media (max-width: 40rem) { .bv-skeleton .boxes { grid-template-columns: 1fr; } }
</style>
"""
_BOXES = '<div class="boxes" aria-hidden="true"><div></div><div></div><div></div></div>'


def skeleton(sentence: str, waits_for: str, done: int, steps: int) -> str:
    """The outline of a page, as HTML: a sentence, what is loaded now, and how many of the steps are
    done."""
    bar = f'<progress value="{done}" max="{steps}"></progress>'
    return _outline(f'<p class="sentence">{escape(sentence)}</p>', waits_for, bar, _BOXES)


def _outline(sentence: str, waits_for: str, bar: str, boxes: str) -> str:
    return (
        f'{CSS}{_CSS}<div class="bv-skeleton" role="status">{sentence}'
        f'<div class="wait">{escape(waits_for)}{bar}</div>{boxes}</div>'
    )


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
    shown.html(_outline("", f"Loading the model {name:.80} …", "", _BOXES if arrived else ""))
    try:
        yield
    finally:
        shown.empty()
