"""Start quickly: slow imports and the first model come in a thread, behind a page to look at.

The thread starts with the process where `beaconviz app` starts it, else with the first visitor.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock, Thread

import streamlit as st

from beaconviz import samples, ui
from beaconviz.ui.shell.skeleton import skeleton

LOOK = 0.1  # seconds between two looks at how far the start is


def _torch() -> None:
    import torch  # noqa: F401  # imported here for its time alone: it takes seconds


def _transformers() -> None:
    from transformers import AutoModel  # noqa: F401  # as torch: the name loads the library


def _pages() -> None:
    ui.pages.pages()


def _model() -> None:
    ui.pages.warm_up()


class Start:
    """The steps of a start, done one after the other in a thread of their own."""

    def __init__(self, steps: dict[str, Callable[[], None]]) -> None:
        self.steps = steps
        self.done = 0
        self.error: Exception | None = None
        self._lock = Lock()
        self._thread: Thread | None = None

    def begin(self) -> None:
        """Start the thread, once."""
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._work, name="beaconviz-start", daemon=True)
                self._thread.start()

    @property
    def ended(self) -> bool:
        """Whether all steps are done, or one failed."""
        return self.error is not None or self.done == len(self.steps)

    @property
    def waits_for(self) -> str:
        """The step that runs."""
        return list(self.steps)[min(self.done, len(self.steps) - 1)]

    def _work(self) -> None:
        for step in self.steps.values():
            try:
                step()
            except Exception as error:  # the page says it, where it needs what failed
                self.error = error
                return
            self.done += 1


START = Start(
    {
        "Loading PyTorch …": _torch,
        "Loading transformers …": _transformers,
        "Loading the pages …": _pages,
        "Loading the model ner-mini …": _model,
    }
)


def wait_for_start(start: Start = START) -> None:
    """Draw the outline of the page until everything is there; nothing where it is already."""
    start.begin()
    # Always there: what follows would be drawn anew if its place on the page changed.
    place, shown = st.empty(), None
    while not start.ended:
        if shown != start.done:
            shown = start.done
            sentence = samples.texts()[0].text
            place.html(skeleton(sentence, start.waits_for, shown, len(start.steps)))
        time.sleep(LOOK)  # a page's thread has nothing to wait on: the start is shown step by step
    place.empty()
