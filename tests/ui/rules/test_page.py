"""The Rules page without a browser: what is typed stays, what is valid is drawn."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from beaconviz import samples
from beaconviz.core.design import Design
from beaconviz.figures.html.rule_marks import described, rule_html
from beaconviz.rules.rule import Rule
from beaconviz.rules.steps import Amount, Rows, Step
from beaconviz.ui.rules import page as rules
from beaconviz.ui.shell.session import STUDIO, Session
from beaconviz.ui.shell.state import History
from tests.ui.app import WORKED
from tests.ui.patience import PATIENCE

WORDS = ("Steve", "Jobs", "was", "the", "co-founder", "of", "Apple", "Inc.")
APPLE = "beaconviz-rule: 1\nname: Apple\nsteps:\n  - words: {in: [apple]}\n    beacon: 9\n"
BROKEN = APPLE.replace("beacon: 9", "baecon: 9")


def app() -> None:
    """The app, with a way for a test to say which page it wants."""
    import streamlit as st

    from beaconviz.ui.pages import pages
    from beaconviz.ui.shell.navigation import go_to

    shown = st.navigation(list(pages().values()), position="hidden")
    target = st.session_state.pop("wanted", None)
    if target is not None:
        go_to(target)
    shown.run()


class Page:
    """The page, as a person's hands and eyes."""

    def __init__(self) -> None:
        self.app = AppTest.from_function(app, default_timeout=PATIENCE)
        self.app.session_state[STUDIO] = Session(History(WORKED))
        self.go("Rules")

    def run(self) -> Page:
        self.app.run()
        assert not self.app.exception, "a traceback on the screen"
        return self

    def go(self, name: str) -> Page:
        self.app.session_state["wanted"] = name
        return self.run()

    def type(self, text: str) -> Page:
        self.app.text_area(key=rules.AREA).set_value(text)
        return self.run()

    def press(self, key: str) -> Page:
        self.app.button(key=key).click()
        return self.run()

    def open(self, name: str, content: bytes) -> Page:
        self.app.file_uploader[0].set_value([(name, content, "application/yaml")])
        return self.run()

    @property
    def typed(self) -> str:
        return self.app.text_area(key=rules.AREA).value

    @property
    def session(self) -> Session:
        return self.app.session_state[STUDIO]

    @property
    def design(self) -> Design:
        return self.app.session_state[rules.KEY].result.design

    @property
    def errors(self) -> list[str]:
        return [error.value.replace("\\", "") for error in self.app.error]

    @property
    def html(self) -> str:
        return "".join(html.proto.body for html in self.app.get("html"))

    @property
    def charts(self) -> int:
        return len(self.app.get("plotly_chart"))


@pytest.fixture
def page() -> Page:
    return Page()


def test_it_opens_on_a_rule_that_catches_something(page: Page) -> None:
    assert not page.errors
    assert "<mark>Steve</mark> <mark>Jobs</mark> was" in page.html
    assert page.charts == 1
    assert page.design.words == WORDS


@pytest.mark.parametrize("name", samples.rules())
def test_every_shipped_rule_can_be_started_from(page: Page, name: str) -> None:
    page.app.selectbox(key="rule-sample").set_value(name)
    page.run()
    assert page.typed == samples.rules()[name]
    assert not page.errors
    assert page.design == Rule.from_yaml(page.typed).design(WORDS)


def test_a_typed_rule_makes_its_matrix_at_once(page: Page) -> None:
    page.type(APPLE)
    assert page.design.edits[0].beacon == (("*", 6, 9.0),)
    assert "of <mark>Apple</mark> Inc." in page.html
    assert "4.9× the odds at d = 32" in page.html


def test_an_error_is_one_line_and_the_last_valid_rule_stays(page: Page) -> None:
    page.type(APPLE)
    page.type(BROKEN)
    (error,) = page.errors
    assert "Step 1 has the unknown field 'baecon' (did you mean beacon?)" in error
    assert page.typed == BROKEN
    assert page.charts == 1
    assert page.design.edits[0].beacon == (("*", 6, 9.0),)
    assert page.app.button(key="rule-use").disabled
    page.type(APPLE)
    assert not page.errors


def test_what_is_typed_survives_a_change_of_page(page: Page) -> None:
    page.type(BROKEN)
    page.go("Studio")
    assert not page.app.text_area
    page.go("Rules")
    assert page.typed == BROKEN


def test_a_sample_in_place_of_what_was_typed_can_be_taken_back(page: Page) -> None:
    page.type(APPLE)
    page.app.selectbox(key="rule-sample").set_value("local-window")
    page.run()
    page.press("rule-back")
    assert page.typed == APPLE
    assert page.app.button(key="rule-back").disabled


def test_the_design_is_taken_to_the_studio_and_undone_there(page: Page) -> None:
    before = page.session.view.design
    page.type(APPLE)
    page.press("rule-use")
    assert not page.app.text_area  # the Studio is shown
    assert page.session.view.design == Rule.from_yaml(APPLE).design(WORDS)
    assert page.session.history.past[-1].design == before


def test_layers_that_the_model_does_not_have_are_refused(page: Page) -> None:
    before = page.session.view
    page.type(APPLE + "    layers: [40]\n")
    assert len(page.errors) == 1
    assert "40" in page.errors[0]
    page.press("rule-use")
    assert any("Nothing was changed" in error for error in page.errors)
    assert page.session.view == before


def test_another_sentence_is_the_studios_too(page: Page) -> None:
    page.type(APPLE)
    page.app.text_input(key="rule-sentence").set_value("Apple <b> pie")
    page.run()
    assert page.session.view.text == "Apple <b> pie"
    assert page.design.edits[0].beacon == (("*", 0, 9.0),)
    assert "<mark>Apple</mark> &lt;b&gt; pie" in page.html


def test_a_sentence_without_words_is_refused_and_the_old_one_stays(page: Page) -> None:
    page.app.text_input(key="rule-sentence").set_value(" ")
    page.run()
    assert "empty" in page.errors[0]
    assert page.design.words == WORDS


def test_the_last_valid_rule_follows_the_sentence(page: Page) -> None:
    page.type(APPLE)
    page.type(BROKEN)
    page.app.text_input(key="rule-sentence").set_value("an Apple")
    page.run()
    assert page.design.edits[0].beacon == (("*", 1, 9.0),)
    assert len(page.errors) == 1


def test_a_rule_that_catches_nothing_says_so(page: Page) -> None:
    page.type(APPLE.replace("apple", "pear"))
    assert page.design.is_neutral
    assert "changes nothing" in page.app.info[0].value
    assert page.charts == 0


def test_edits_on_several_layers_are_shown_one_at_a_time(page: Page) -> None:
    page.type(APPLE + "  - {words: {in: [was]}, marker: 0.5, layers: [1]}\n")
    assert page.charts == 1
    page.app.segmented_control(key="rule-edit").set_value(1)
    page.run()
    assert page.charts == 1
    assert "beacon A stays neutral" in page.app.caption[-1].value
    page.type(APPLE)  # one edit again
    assert page.charts == 1
    assert not page.errors


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\x00", "mine.yaml begins as UTF-16 text"),
        (b"#" * 100_001, "at most 100 KB"),
    ],
)
def test_a_file_that_is_no_text_is_refused_and_loses_nothing(
    page: Page, content: bytes, message: str
) -> None:
    page.type(APPLE)
    page.open("mine.yaml", content)
    assert message in page.errors[0]
    assert page.typed == APPLE


def test_a_file_opens(page: Page) -> None:
    page.open("mine.yaml", APPLE.encode("utf-8-sig"))
    assert page.typed == APPLE
    assert not page.errors


def test_steps_are_described_in_words_and_all_text_is_escaped() -> None:
    amount = Amount(**{"log": 8, "from": 2, "most": 40})
    rows = Rows(within=3, beyond=0)
    step = Step(beacon=amount, rows=rows, layers=(1, 2), heads=(0,))
    assert described(step, 32) == (
        "beacon 8 · ln(1 + words beyond 2), at most 40, for rows 1 to 3 words away, "
        "in layers 1, 2, on heads 0"
    )
    mute = Step(beacon=Amount(start=-10_000))
    assert described(mute, 64) == "beacon -10,000 (almost none of the odds at d = 64)"
    body = rule_html(Rule(name="<i>", steps=(mute,), about="<b>"), ["<u>", "&"], [[1]], 64)
    assert "<h3>&lt;i&gt;</h3><p>&lt;b&gt;</p>" in body
    assert "&lt;u&gt; <mark>&amp;</mark>" in body
    assert "every word" in rule_html(Rule(name="all", steps=(mute,)), ["a", "b"], [[0, 1]], 64)
