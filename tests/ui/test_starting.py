"""What a person sees before everything is loaded."""

from __future__ import annotations

from threading import Event

import pytest
from streamlit.testing.v1 import AppTest

from beaconviz.ui import starting
from beaconviz.ui.shell.skeleton import skeleton
from beaconviz.ui.starting import START, Start


def test_steps_run_once_and_in_order() -> None:
    done: list[str] = []
    start = Start({name: lambda name=name: done.append(name) for name in "abc"})
    start.begin()
    start.begin()
    start._thread.join(60)
    assert (done, start.ended, start.error) == (["a", "b", "c"], True, None)


def test_a_step_that_fails_ends_the_start() -> None:
    start = Start({"a": lambda: 1 / 0, "b": lambda: pytest.fail("it went on")})
    start.begin()
    start._thread.join(60)
    assert start.ended
    assert isinstance(start.error, ZeroDivisionError)


def test_the_outline_is_drawn_until_the_start_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    may_end = Event()
    start = Start({"Loading slowly …": lambda: may_end.wait(60)})

    def drawn(*arguments: object) -> str:
        shown.append(skeleton(*arguments))
        may_end.set()
        return shown[-1]

    monkeypatch.setattr(starting, "skeleton", drawn)
    monkeypatch.setattr(starting, "START", start)

    def page() -> None:
        import streamlit as st

        from beaconviz.ui import starting

        starting.wait_for_start(starting.START)
        st.write("ready")

    app = AppTest.from_function(page, default_timeout=60).run()
    assert [markdown.value for markdown in app.markdown] == ["ready"]
    assert not app.get("html")  # the outline is gone
    assert len(shown) == 1
    assert "Loading slowly …" in shown[0]
    assert "Steve Jobs" in shown[0]


def test_the_page_keeps_its_places_when_the_start_has_ended() -> None:
    """Otherwise a text area that somebody types in is drawn anew, and loses the cursor."""

    def page() -> None:
        import streamlit as st

        from beaconviz.ui.starting import Start, wait_for_start

        wait_for_start(Start({}))
        st.write("ready")

    app = AppTest.from_function(page, default_timeout=60).run()
    assert [type(each).__name__ for each in app.main.children.values()] == [
        "UnknownElement",
        "Markdown",
    ]


def test_the_text_of_an_outline_is_escaped() -> None:
    assert "<b>" not in skeleton("<b>", "<b>", 0, 1)


def test_a_start_loads_the_first_model() -> None:
    from beaconviz.ui.shell import cache

    START.begin()
    START._thread.join(600)
    assert START.error is None
    assert cache.is_loaded("ner-mini")
