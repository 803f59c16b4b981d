"""The Model page without a browser: the model and design of the session, and a way to a head."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

import beaconviz as bv
from beaconviz.ui.shell.session import STUDIO, Session
from beaconviz.ui.shell.state import History
from tests.figures.html.test_entities import Page as Html
from tests.figures.html.test_overview import squares
from tests.tiny import tiny_model
from tests.ui.app import WORKED
from tests.ui.patience import PATIENCE
from tests.ui.rules.test_page import app


class Page:
    """The page, as a person's hands and eyes."""

    def __init__(self) -> None:
        self.app = AppTest.from_function(app, default_timeout=PATIENCE)
        self.app.session_state[STUDIO] = Session(History(WORKED))
        self.go("Model")

    def run(self) -> Page:
        self.app.run()
        assert not self.app.exception, "a traceback on the screen"
        assert not self.app.error
        return self

    def go(self, name: str) -> Page:
        self.app.session_state["wanted"] = name
        return self.run()

    def choose(self, part: str, number: int | str) -> Page:
        self.app.selectbox(key=f"model-{part}").set_value(number)
        return self.run()

    @property
    def session(self) -> Session:
        return self.app.session_state[STUDIO]

    @property
    def html(self) -> str:
        return "".join(html.proto.body for html in self.app.get("html"))


@pytest.fixture
def page() -> Page:
    return Page()


def test_it_draws_the_model_and_the_design_of_the_session(page: Page) -> None:
    assert squares(page.html, "self") == [
        (layer, head, 1) for layer in reversed(range(6)) for head in range(12)
    ]
    text = Html(page.html).text
    assert "Modelner-mini" in text
    assert "10 cells of the marker, 1 cell of the beacon, on self attention, all layers" in text
    assert "d of √d32: A = 1 multiplies the odds by 1.19" in text


def test_it_follows_the_design(page: Page) -> None:
    view = page.session.view
    page.session.step(replace(view, design=view.design.targeting(layers=(4,), heads=(2, 3))))
    page.run()
    assert [square for square in squares(page.html, "self") if square[2]] == [(4, 2, 1), (4, 3, 1)]
    page.session.step(replace(view, design=bv.Design.neutral(view.design.words)))
    page.run()
    assert "The design changes none" in page.html


def test_a_head_that_is_chosen_is_shown_in_the_studio(page: Page) -> None:
    assert page.app.selectbox(key="model-layer").value == "mean"
    before = page.session.history
    page.choose("layer", 3).choose("head", 7)
    page.app.button(key="model-show").click()
    page.run()
    assert page.app.get("bidi_component")  # the Studio is shown
    assert (page.session.view.layer, page.session.view.head) == (3, 7)
    assert page.session.history.past == before.past  # where one looks is no step
    page.go("Model")
    assert page.app.selectbox(key="model-layer").value == 3
    page.choose("layer", "mean")
    assert page.session.view.layer is None
    assert page.session.view.head == 7


def test_another_model_with_fewer_heads(page: Page, tmp_path) -> None:
    page.choose("layer", 5).choose("head", 11)
    folder = str(tiny_model("albert", tmp_path))
    page.session.step(replace(page.session.view, model=folder))
    page.run()
    assert page.app.selectbox(key="model-layer").value == "mean"
    assert page.app.selectbox(key="model-head").options == ["mean", *map(str, range(4))]
    assert len(squares(page.html, "self")) == 12
    assert folder in page.html


def test_what_a_checkpoint_says_and_is_not_followed_is_shown(page: Page, tmp_path) -> None:
    assert not page.app.sidebar.caption
    folder = str(tiny_model("albert", tmp_path, labels=["LABEL_0", "LABEL_1"]))
    page.session.step(replace(page.session.view, model=folder))
    page.run()
    assert "no names (LABEL" in page.app.sidebar.caption[0].value.replace("\\", "")
