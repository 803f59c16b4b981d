"""The Evaluate page: through AppTest what it does, in a browser what a person does with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

import beaconviz as bv
from beaconviz import samples
from beaconviz.core.presets import PRESETS
from beaconviz.evaluate.judge import DesignFor
from beaconviz.rules.rule import Rule
from beaconviz.ui.evaluate.job import Job
from beaconviz.ui.evaluate.page import JOB
from beaconviz.ui.rules.page import KEY as DRAFT
from beaconviz.ui.shared.rule_draft import RuleDraft
from beaconviz.ui.shell.session import STUDIO, Session
from beaconviz.ui.shell.state import History
from tests.ui.app import WORKED
from tests.ui.browser import Workbench, idle
from tests.ui.patience import PATIENCE, until

NAMES = "- Dr. Smith - ( IBM ) ."  # in which the rule without punctuation changes a tag
SAMPLE = (samples.shipped("sample_data") / "sample.conll").read_text("utf-8")


def evaluate_page() -> None:
    from beaconviz.ui.evaluate.page import page

    page()


class Evaluate:
    """The page, as a person's hands and eyes."""

    def __init__(self) -> None:
        self.app = AppTest.from_function(evaluate_page, default_timeout=PATIENCE)
        self.app.session_state[STUDIO] = Session(History(WORKED))
        self.run()

    def run(self) -> Evaluate:
        self.app.run()
        assert not self.app.exception
        return self

    @property
    def job(self) -> Job | None:
        return self.app.session_state[STUDIO].page_data.get(JOB)

    @property
    def errors(self) -> list[str]:
        return [error.value for error in self.app.error]

    def choose(self, key: str, value: object) -> Evaluate:
        widgets = (*self.app.segmented_control, *self.app.selectbox, *self.app.number_input)
        next(widget for widget in widgets if widget.key == key).set_value(value)
        return self.run()

    def start(self) -> Evaluate:
        next(button for button in self.app.button if button.label == "Evaluate").click()
        return self.run()

    def finish(self) -> Evaluate:
        until(lambda: not self.job.running)
        return self.run()


@pytest.fixture
def evaluate() -> Evaluate:
    return Evaluate()


def test_the_sample_is_judged_and_the_verdict_shown(evaluate: Evaluate) -> None:
    evaluate.start().finish()
    assert len(evaluate.job.done) == 60
    assert not evaluate.errors
    verdict = evaluate.job.outcome.verdict.split(":")[0]
    assert any(verdict in markdown.value for markdown in evaluate.app.markdown)


def test_what_was_left_out_of_the_data_is_shown(evaluate: Evaluate) -> None:
    tasks = [
        {"data": {"text": "Ann sang"}, "annotations": annotations}
        for annotations in ([{"result": []}], [])
    ]
    content = json.dumps(tasks).encode()
    evaluate.app.session_state[STUDIO].page_data["data-file"] = "own.json", content
    evaluate.choose("data-source", "Upload")
    captions = [caption.value for caption in evaluate.app.caption]
    assert any("nobody annotated with entities" in text for text in captions), captions
    assert not evaluate.errors


@pytest.mark.parametrize("source", ["The Studio's design", "A preset", "A rule"])
def test_every_kind_of_edit_reaches_the_model(evaluate: Evaluate, source: str) -> None:
    """What the page scored is what the model says with that edit, sentence by sentence."""
    steve = (
        "Steve Jobs founded Apple Inc."  # has words of the Studio's design, so it does something
    )
    evaluate.app.session_state[STUDIO].page_data["data-file"] = "own.conll", conll(steve, NAMES)
    evaluate.choose("data-source", "Upload").choose("edit-source", source)
    choose_settings(evaluate, source)
    evaluate.start().finish()
    assert not evaluate.errors
    expected, model = edit_by_hand(source), bv.load("ner-mini")
    changed = 0
    for text, judged in zip([steve, NAMES], evaluate.job.outcome.judged, strict=True):
        words = text.split()
        baseline, edited = bv.run(model, words), bv.run(model, words, expected(words))
        assert list(judged.baseline) == baseline.tags
        assert list(judged.edited) == edited.tags
        changed += baseline.tags != edited.tags
    assert changed  # a page that evaluates nothing would not pass


def choose_settings(evaluate: Evaluate, source: str) -> None:
    if source == "The Studio's design":
        view = evaluate.app.session_state[STUDIO].view
        strong = view.design.with_cells(beacon=[("*", 6, 60.0)])  # everybody looks at Apple
        evaluate.app.session_state[STUDIO].step(replace(view, design=strong))
        evaluate.run()
    if source == "A preset":
        evaluate.choose("evaluate-preset", "local-window").choose("local-window-width", 0)


def edit_by_hand(source: str) -> DesignFor:
    """The designs that the page should make, made without it."""
    if source == "The Studio's design":
        strong = WORKED.design.with_cells(beacon=[("*", 6, 60.0)])
        return lambda words: strong.realigned(tuple(words))
    if source == "A preset":
        return lambda words: PRESETS["local-window"].make(words, width=0)
    return Rule.from_yaml(samples.rules()["mute-punctuation"]).design


def conll(*texts: str) -> bytes:
    return "\n\n".join("\n".join(f"{word} O" for word in text.split()) for text in texts).encode()


def test_the_rule_that_was_typed_can_be_evaluated(evaluate: Evaluate) -> None:
    text = samples.rules()["long-names"].replace("name: long-names", "name: my own")
    draft = RuleDraft(text)
    draft.update(["Ada", "Lovelace"])
    evaluate.app.session_state[DRAFT] = draft
    evaluate.run().choose("evaluate-rule", "The rule on the Rules page").start().finish()
    assert not evaluate.errors
    assert evaluate.job.outcome.edit.startswith("rule ")
    assert evaluate.job.design_for == draft.result.rule.design


def test_a_setting_that_fits_no_sentence_is_one_line(evaluate: Evaluate) -> None:
    evaluate.choose("edit-source", "A preset").choose("evaluate-preset", "local-window")
    evaluate.choose("local-window-width", -1).start()
    assert evaluate.job is None
    assert len(evaluate.errors) == 1
    assert "Width is" in evaluate.errors[0].replace("\\", "")


def test_a_bad_map_is_one_line_and_nothing_starts(evaluate: Evaluate) -> None:
    evaluate.app.text_input(key="tag-map").set_value("GPE")
    evaluate.run()
    assert len(evaluate.errors) == 1
    button = next(button for button in evaluate.app.button if button.label == "Evaluate")
    assert button.disabled


def upload(page: Page, file: Path) -> None:
    page.get_by_role("radio", name="Upload").click()
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text(file.name).first).to_be_visible()


@pytest.mark.browser
def test_progress_stop_go_on_and_a_sentence_in_the_studio(
    serve: Callable[[str], str], page: Page, tmp_path: Path
) -> None:
    page.goto(serve("app.py"))
    page.locator("[data-drawn]").wait_for()
    page.get_by_role("link", name="Evaluate").click()
    file = tmp_path / "many.conll"
    file.write_text("\n".join([SAMPLE] * 60))
    upload(page, file)
    limit = page.get_by_role("spinbutton", name="Sentences, of 720")
    limit.fill("720")
    limit.press("Enter")
    idle(page).get_by_role("combobox", name="Edit", exact=True).click()
    page.get_by_role("option", name="A preset").click()
    idle(page).get_by_role("combobox", name="Preset", exact=True).click()
    page.get_by_role("option", name="Long distance").click()
    expect(page.get_by_role("spinbutton", name="Distance (words)")).to_have_value("3")
    idle(page).get_by_role("button", name="Evaluate", exact=True).click()
    expect(page.get_by_text("of 720 sentences ·")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped after")).to_be_visible()
    expect(page.get_by_role("heading", level=3)).to_be_visible()  # what was done is scored
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Stopped after")).to_be_hidden()
    expect(page.get_by_role("heading", level=3)).to_be_visible()

    expect(page.get_by_text("Choose a row to open its sentence")).to_be_visible()
    grid = idle(page).get_by_test_id("stDataFrame")
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    page.mouse.click(box["x"] + 18, box["y"] + 52)  # the box that chooses the first row
    bench = Workbench(page)
    bench.settle()
    text = page.get_by_role("textbox", name="Text").input_value()
    assert text in [
        " ".join(line.split()[0] for line in s.splitlines()) for s in SAMPLE.split("\n\n")
    ]
    page.get_by_role("link", name="Evaluate").click()
    expect(page.get_by_text("Choose a row to open its sentence")).to_be_visible()  # still there
