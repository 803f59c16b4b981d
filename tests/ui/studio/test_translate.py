"""The Translate page without a browser: what is edited there, and the way to the other pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest
from transformers import AutoModelForCausalLM

from beaconviz import samples
from beaconviz.core.design import Design
from beaconviz.core.edit import Edit
from beaconviz.ui.shell import actions, share
from beaconviz.ui.shell.examples import first_view
from beaconviz.ui.shell.navigation import PageName
from beaconviz.ui.studio.panels.design_table import Sides, retyped, rows_of
from beaconviz.ui.studio.panels.registry import panels_of
from tests.tiny import tiny_model
from tests.ui.app import WORDS, WORKED, Studio
from tests.ui.rules.test_page import app

TEXT = "I like to eat apples."
TRANSLATION = "我喜欢吃苹果。"
EXAMPLE = Design.from_json(samples.designs()["dropped-word"])


def other_page(studio: Studio, name: PageName) -> Studio:
    """What somebody sees who clicks on the name of a page."""
    studio.app.session_state["wanted"] = name
    return studio.run()


@pytest.fixture
def visit(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Studio]:
    """Opens the app at a page, perhaps with a link."""
    monkeypatch.setattr(AppTest, "from_file", lambda *_, **how: AppTest.from_function(app, **how))

    def opened(page: PageName | None = "Translate", link: str | None = None) -> Studio:
        studio = Studio(link, view=WORKED if page is None else None)
        return studio if page is None else other_page(studio, page)

    return opened


@pytest.fixture
def translate(visit: Callable[..., Studio]) -> Studio:
    return visit()


@pytest.fixture(scope="module")
def causal(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("causal")
    return str(tiny_model("llama", root, labels=None, auto=AutoModelForCausalLM))


def texts(studio: Studio) -> tuple[str | None, str | None]:
    """Both translations."""
    comparison = studio.session.comparison()
    return comparison.baseline.text, comparison.edited.text


def force(studio: Studio, text: str) -> Studio:
    studio.app.text_input(key="forced").set_value(text)
    return studio.run()


class TestScreen:
    def test_it_opens_on_a_dropped_word_with_both_texts(self, translate: Studio) -> None:
        assert translate.session.view == first_view("Translate")
        assert translate.design == EXAMPLE
        assert translate.session.view.attention == "cross"
        before, after = texts(translate)
        assert before == TRANSLATION != after
        assert "苹果" in translate.bench["says"]
        document = translate.bench["document"]
        assert document["steps"]
        assert document["words"] == TEXT.split()
        assert not translate.errors

    @pytest.mark.parametrize("panel", panels_of("Translate"))
    @pytest.mark.parametrize("attention", ["cross", "self", "decoder"])
    def test_every_panel_opens(self, translate: Studio, panel: str, attention: str) -> None:
        translate.choose("attention", attention)
        translate.choose("panel", panel)
        assert translate.app.segmented_control(key="panel").value == panel
        assert translate.bench["document"]["causal"] == (attention == "decoder")
        assert not translate.errors


class TestEdits:
    def test_a_painted_cell_of_a_step_changes_the_text(self, translate: Studio) -> None:
        translate.send(command={"name": "reset"})
        assert texts(translate) == (TRANSLATION, TRANSLATION)
        translate.paint(beacon=[["*", 4, -200.0]])
        assert translate.design.edits[0].beacon == (("*", 4, -200.0),)
        assert texts(translate)[1] != TRANSLATION
        translate.send(command={"name": "undo"})
        assert texts(translate)[1] == TRANSLATION

    def test_a_step_that_is_not_written_is_kept(self, translate: Studio) -> None:
        translate.send(command={"name": "reset"})
        translate.paint(beacon=[[90, 4, 5.0]])
        assert not translate.errors
        assert translate.design.edits[0].beacon == ((90, 4, 5.0),)
        assert texts(translate)[1] == TRANSLATION

    def test_another_kind_of_attention_has_an_edit_of_its_own(self, translate: Studio) -> None:
        translate.choose("attention", "self")
        assert (translate.session.view.edit, translate.session.view.attention) == (1, "self")
        assert translate.design.edits[1] == Edit()
        assert not translate.bench["document"]["steps"]
        translate.choose("attention", "cross")
        assert translate.session.view.edit == 0
        translate.choose("attention", "self")
        assert len(translate.design.edits) == 2
        translate.choose("attention", "decoder")
        assert translate.design.edits[2] == Edit(attention="decoder")
        translate.send(command={"name": "undo"})
        translate.send(command={"name": "undo"})
        assert translate.design == EXAMPLE
        assert not translate.errors

    def test_a_kind_is_turned_to_its_first_edit(self) -> None:
        edits = tuple(Edit(attention=kind) for kind in ("self", "cross", "cross"))
        view = replace(first_view("Translate"), design=replace(EXAMPLE, edits=edits))
        assert actions.turned(view, "cross").edit == 1
        assert actions.turned(view, "cross").design == view.design
        assert actions.turned(view, "decoder").edit == 3

    @pytest.mark.parametrize("name", ["mute", "boost"])
    def test_a_preset_of_columns_becomes_an_edit_of_steps(
        self, translate: Studio, name: str
    ) -> None:
        translate.choose("preset", name)
        translate.press("apply")
        assert not translate.errors
        assert {edit.attention for edit in translate.design.edits} == {"cross"}

    def test_chosen_words_are_muted_for_every_step(self, translate: Studio) -> None:
        translate.send(command={"name": "reset"})
        translate.choose("chips", [4])
        translate.press("chips-Mute")
        assert translate.design.edits[0] == Edit(beacon=(("*", 4, -1e4),), attention="cross")
        translate.choose("attention", "decoder")  # which does not look at words
        assert "chips" not in [pills.key for pills in translate.app.pills]

    def test_a_preset_of_pairs_of_words_stays_between_words(self, translate: Studio) -> None:
        translate.choose("preset", "local-window")
        translate.press("apply")
        assert not translate.errors
        assert {edit.attention for edit in translate.design.edits} == {"self"}

    def test_words_and_tokens_keep_what_steps_do(self, translate: Studio) -> None:
        after = texts(translate)[1]
        translate.choose("unit", "token")
        assert not translate.errors
        assert translate.session.view.attention == "cross"
        assert texts(translate)[1] == after
        translate.choose("unit", "word")
        assert translate.design == EXAMPLE


class TestHowItIsWritten:
    def test_beams_are_of_both_texts(self, translate: Studio) -> None:
        translate.choose("beams", 4)
        assert translate.session.view.beams == 4
        assert not translate.errors
        assert all(texts(translate))

    def test_a_forced_text_gives_both_runs_the_same_steps(self, translate: Studio) -> None:
        force(translate, TRANSLATION)
        assert texts(translate) == (TRANSLATION, TRANSLATION)
        assert translate.app.selectbox(key="beams").disabled
        maps = translate.bench["maps"]
        assert maps["labels"] == maps["baseline_labels"]
        force(translate, "")
        assert texts(translate)[1] != TRANSLATION

    def test_a_forced_text_that_is_too_long_loses_nothing(self, translate: Studio) -> None:
        view = translate.session.view
        force(translate, "我" * 2000)
        assert "at most" in translate.errors[0]
        assert translate.session.view == view
        assert translate.app.text_input(key="forced").value == "我" * 2000  # to be mended
        force(translate, " 我喜欢吃。 ")
        assert not translate.errors
        assert translate.app.text_input(key="forced").value == "我喜欢吃。"

    def test_a_link_has_beams_the_forced_text_and_the_edits(
        self, translate: Studio, visit: Callable[..., Studio]
    ) -> None:
        translate.choose("attention", "decoder")
        translate.choose("beams", 2)
        force(translate, TRANSLATION)
        view = translate.session.view
        assert share.decode(share.encode(view)) == view
        again = visit(None, translate.bench["address"]["link"])
        assert again.session.view == view
        assert texts(again) == texts(translate)


class TestPages:
    def test_a_model_of_another_kind_leads_to_its_page_and_back(self, translate: Studio) -> None:
        translate.paint(beacon=[["*", 1, -50.0]])
        painted = translate.design
        translate.choose("model", "ner-mini")
        assert not translate.errors
        assert translate.session.visits.page == "Studio"
        assert translate.session.view.text == TEXT
        assert {edit.attention for edit in translate.design.edits} == {"self"}
        other_page(translate, "Translate")
        assert translate.design == painted
        translate.choose("model", "ner-mini")
        translate.choose("model", "translate-mini")
        assert translate.session.visits.page == "Translate"
        assert translate.design == painted
        assert not translate.errors

    def test_a_model_that_goes_on_leads_to_the_page_write(
        self, translate: Studio, causal: str
    ) -> None:
        translate.load(causal)
        assert not translate.errors
        assert translate.session.visits.page == "Write"
        assert translate.session.view.text == TEXT
        assert "bv-" in translate.says

    def test_the_text_on_screen_goes_along(self, translate: Studio) -> None:
        other_page(translate, "Studio")
        translate.write("She likes tea.")
        other_page(translate, "Translate")
        assert translate.session.view.text == "She likes tea."
        assert translate.session.view.model == "translate-mini"
        assert texts(translate)[0]

    def test_undo_is_of_the_page(self, translate: Studio) -> None:
        translate.paint(beacon=[["*", 1, -50.0]])
        other_page(translate, "Studio")
        translate.send(command={"name": "undo"})
        assert not translate.errors
        other_page(translate, "Translate")
        translate.send(command={"name": "undo"})
        assert translate.design == EXAMPLE

    def test_who_came_by_a_link_reaches_every_page_at_once(
        self, visit: Callable[..., Studio]
    ) -> None:
        studio = visit(None, share.encode(first_view()))
        other_page(studio, "Translate")
        assert studio.session.visits.page == "Translate"
        assert texts(studio)[0]

    def test_a_link_to_a_translation_leads_to_its_page(self, visit: Callable[..., Studio]) -> None:
        view = first_view("Translate")
        studio = visit(None, share.encode(view))
        assert studio.session.visits.page == "Translate"
        assert studio.session.view == view

    def test_a_design_of_steps_is_no_design_for_ner(self, visit: Callable[..., Studio]) -> None:
        studio = visit(None)
        view = studio.session.view
        studio.press("design-dropped-word")
        studio.press("answer-0")
        assert len(studio.errors) == 1
        assert "take a model that translates" in studio.errors[0]
        assert studio.session.view == view
        assert studio.design.words == tuple(WORDS)


class TestOtherPages:
    @pytest.mark.parametrize("kind", ["translate", "causal"])
    @pytest.mark.parametrize("page", ["Evaluate", "Heads"])
    def test_names_are_only_scored_in_models_that_name(
        self, translate: Studio, causal: str, kind: str, page: PageName
    ) -> None:
        if kind == "causal":
            translate.load(causal)
        view = translate.session.view
        other_page(translate, page)
        assert not translate.errors
        verb = {"Evaluate": "Evaluate", "Heads": "Profile"}[page]
        next(button for button in translate.app.button if button.label == verb).click()
        translate.run()
        assert ["The model names no entities" in error for error in translate.errors] == [True]
        assert translate.session.view == view

    @pytest.mark.parametrize("kind", ["translate", "causal"])
    def test_a_rule_is_tried_on_every_model_and_used_on_its_page(
        self, translate: Studio, causal: str, kind: str
    ) -> None:
        if kind == "causal":
            translate.load(causal)
        model, room = translate.session.view.model, translate.session.visits.page
        other_page(translate, "Rules")
        assert not translate.errors
        translate.press("rule-use")
        assert not translate.errors
        assert (translate.session.view.model, translate.session.visits.page) == (model, room)
        assert {edit.attention for edit in translate.design.edits} == {"self"}
        assert translate.bench["document"]["words"] == TEXT.split()


class TestTable:
    def test_rows_are_steps_and_columns_are_words(self, translate: Studio) -> None:
        translate.paint(beacon=[["*", 4, -9.0], [1, 0, 2.0], [90, 0, 3.0]])
        run = translate.session.comparison().edited
        written = run.generation
        assert written is not None
        view = translate.session.view
        rows = [list(row.values()) for row in rows_of(view, Sides.of(view, run))]
        assert rows == [
            ["beacon", "every", "4 apples.", -9.0],
            ["beacon", f"1 {written.tokens.tokens[1]}", "0 I", 2.0],
            ["beacon", "90", "0 I", 3.0],
        ]
        translate.choose("panel", "design")
        assert not translate.errors
        assert "cross attention" in translate.says

    @pytest.mark.parametrize("attention", ["cross", "decoder"])
    @pytest.mark.parametrize("reading", ["product", "gate"])
    def test_what_is_typed_counts_steps(
        self, translate: Studio, attention: str, reading: str
    ) -> None:
        translate.choose("reading", reading)
        translate.choose("attention", attention)
        translate.choose("panel", "design")
        column = 4 if attention == "cross" else 7
        translate.paint(marker=[[12, 3, 0.5]], beacon=[[12, column, 1.0]])
        assert not translate.errors
        view = translate.session.view
        assert retyped(view, {}) == view
        row = {"matrix": "beacon", "row": "9", "column": "every", "value": 4.0}
        typed = retyped(view, {"added_rows": [row]}).design.edits[view.edit]
        assert typed.beacon == ((12, column, 1.0), (9, "*", 4.0))
