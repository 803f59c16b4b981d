"""The panel "Scan heads": without a browser, and what only a browser shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Page, expect

import beaconviz as bv
from beaconviz import samples
from beaconviz.analysis.scan import Divergence, LabelScore, Scan, scan
from beaconviz.ui.studio.panels.scan import KEY, ScanWork, most_moved, table_html, targets
from tests.tiny import tiny_model
from tests.ui.app import Studio
from tests.ui.browser import Studio as Browsed

TEXT = "Steve Jobs was the co-founder of Apple Inc."


@pytest.fixture
def studio() -> Studio:
    return Studio().choose("panel", "scan")


def held(studio: Studio) -> ScanWork:
    """The scan on screen, when it is whole: a slow machine takes it in slices."""
    while not (work := studio.session.page_data[KEY]).whole:
        studio.run()
    return work


class TestPanel:
    def test_it_scans_at_once_for_an_entity(self, studio: Studio) -> None:
        work, session = held(studio), studio.session
        assert work.about[-1] in targets(session.comparison())
        model = bv.load("ner-mini", device="cpu")
        expected = scan(model, TEXT, session.view.design, work.about[-1])
        assert torch.allclose(work.scan.effect, expected.effect, atol=1e-5)
        assert "that head alone" in studio.says

    def test_a_neutral_design_has_nothing_to_scan(self, studio: Studio) -> None:
        studio.send(command={"name": "reset"})
        assert "neutral" in studio.app.info[0].value
        assert "apply a preset" in studio.app.info[0].value

    def test_a_label_at_a_word_and_all_outputs(self, studio: Studio) -> None:
        studio.choose("scan-kind", "label")
        studio.choose("scan-word", 6)
        studio.choose("scan-label", "LOC")
        assert held(studio).about[-1] == LabelScore("LOC", (6,))
        studio.choose("scan-kind", "all")
        assert held(studio).about[-1] == Divergence()
        assert held(studio).scan.unit == "nats"

    def test_a_stroke_does_not_scan_again_unasked(self, studio: Studio) -> None:
        first = held(studio)
        studio.paint(beacon=[["*", 6, 40.0]])
        assert studio.session.page_data[KEY] is first
        studio.press("scan-again")
        assert not torch.equal(held(studio).scan.effect, first.scan.effect)
        assert "scan-again" not in [button.key for button in studio.app.button]

    def test_the_best_heads_become_the_target(self, studio: Studio) -> None:
        work, before = held(studio), studio.design
        studio.choose("scan-direction", "either")
        studio.app.number_input(key="scan-count").set_value(3)
        studio.run().press("scan-aim")
        assert studio.design.edits[0].heads == work.scan.best(3)
        assert studio.design.edits[0].beacon == before.edits[0].beacon
        assert held(studio) is work  # where the design acts is not part of what was scanned
        assert studio.app.button(key="scan-aim").disabled
        studio.send(command={"name": "undo"})
        assert studio.design == before

    def test_another_text_is_another_scan(self, studio: Studio) -> None:
        first = held(studio)
        studio.write("Steve Jobs was the co-founder of Next Inc.")
        assert held(studio) is not first
        assert not studio.errors

    @pytest.mark.parametrize("text", ["of the and", "<b>*x*</b> $y$ `z` Jobs", "乔布斯在加州"])
    def test_any_text_is_taken(self, studio: Studio, text: str) -> None:
        studio.write(text)
        studio.paint(beacon=[["*", 0, 9.0]])
        assert not studio.errors
        assert "<b>*x*" not in studio.says

    def test_entities_that_a_text_has_twice_are_told_apart(self, studio: Studio) -> None:
        studio.write("Steve Jobs met Steve Jobs")
        studio.paint(beacon=[["*", 0, 9.0]])
        offered = studio.app.selectbox(key="scan-entity").options
        assert len(offered) == len(set(offered)) > 1
        studio.choose("scan-entity", studio.app.selectbox(key="scan-entity").options[-1])
        assert not studio.errors

    def test_a_text_the_model_sees_nothing_of_is_told(self, studio: Studio) -> None:
        studio.write("\ufffd \ufffd")
        assert len(studio.errors) == 1
        assert "no token for any word" in studio.errors[0]

    def test_a_bare_encoder_has_all_outputs(self, studio: Studio, tmp_path: Path) -> None:
        studio.load(str(tiny_model("bert", tmp_path / "bert", labels=None)))
        assert not studio.errors
        assert held(studio).scan.unit == "cosine distance"


@pytest.fixture(scope="module")
def comparison() -> bv.Comparison:
    """The worked example on ner-mini, of which "Apple Inc." loses most."""
    design = bv.Design.from_json(samples.designs()["worked-example"])
    return bv.compare(bv.load("ner-mini", device="cpu"), TEXT, design)


def test_entities_of_both_answers_can_be_measured(comparison: bv.Comparison) -> None:
    found = targets(comparison)
    assert len(found) == len(set(found))
    runs = comparison.baseline, comparison.edited
    spans = {(one.label, one.text) for run in runs for one in run.entities}
    assert {(one.label, " ".join(TEXT.split()[n] for n in one.words)) for one in found} == spans


def test_what_moved_most_is_measured_first(comparison: bv.Comparison) -> None:
    fell = LabelScore("ORG", (6, 7))
    stayed = LabelScore("O", (3,))
    assert most_moved(comparison, [stayed, fell]) == fell


def test_the_table_holds_the_strongest_and_escapes_nothing_it_did_not_make() -> None:
    found = Scan("x", "probability", True, 0.5, torch.tensor([[0.25, -0.125], [0.0, 0.375]]))
    table = table_html(found, "up", 9)
    assert table.index("layer 1, head 1") < table.index("layer 0, head 0")
    assert "+0.375" in table
    assert "0.875" in table
    assert 'head 1</td><td class="n">−0.125' not in table
    assert "−0.125" in table_html(found, "down", 1)
    assert "No head" in table_html(Scan("x", "", True, 0.5, torch.zeros(2, 2)), "up", 3)


@pytest.mark.browser
def test_a_click_on_a_head_shows_it_and_a_long_scan_lets_strokes_through(
    page: Page, serve: Callable[[str], str]
) -> None:
    studio = Browsed(page, serve("app.py"))
    studio.open_panel("Scan heads")
    expect(page.get_by_text("that head alone")).to_be_visible()
    heads = page.locator(".st-key-scan-map .nsewdrag").first
    box = heads.bounding_box()
    heads.click(position={"x": box["width"] * 3.5 / 12, "y": box["height"] * 2.5 / 6})
    expect(studio.button("Edit only layer 2, head 3")).to_be_visible()
    studio.write(" ".join([TEXT] * 40))
    expect(page.get_by_role("button", name="Choose among")).to_be_visible()  # many words
    studio.bench.settle().click("beacon", 0, 5)
    progress = page.get_by_text("Trying one head at a time")
    expect(progress).to_be_visible()
    studio.bench.settle().click("beacon", 0, 6)
    expect(page.get_by_text("The design has changed since this scan.")).to_be_visible()
    expect(page.get_by_text("that head alone")).to_be_visible()
    expect(progress).to_be_hidden()
