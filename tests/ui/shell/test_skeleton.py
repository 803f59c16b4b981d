"""What a page says while it waits for a model."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from beaconviz.ui.shell import skeleton

SHOWN: list[str] = []


def page() -> None:
    import streamlit as st

    from beaconviz.ui.shell.skeleton import loading, place_for_loading
    from tests.ui.shell.test_skeleton import watch

    for arrived in (True, False):
        with place_for_loading(arrived=arrived), watch(), loading("<b>acme</b>"):
            st.write("loaded")


class watch:
    """Notes what the place at the top of the page shows."""

    def __enter__(self) -> None:
        place, arrived = skeleton._place.get()
        skeleton._place.set((self, arrived))
        self.place = place

    def __exit__(self, *_: object) -> None:
        pass

    def html(self, body: str) -> None:
        SHOWN.append(body)
        self.place.html(body)

    def empty(self) -> None:
        self.place.empty()


def test_a_new_page_shows_its_outline_and_one_that_is_there_a_line() -> None:
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception
    new, there = SHOWN
    assert 'class="boxes"' in new
    assert 'class="boxes"' not in there
    for body in SHOWN:
        assert "Loading the model &lt;b&gt;acme" in body
    assert not app.get("html")  # both are gone when the model is there


def test_a_callback_says_nothing() -> None:
    ran = []
    with skeleton.loading("acme"):
        ran.append("acme")
    assert ran
