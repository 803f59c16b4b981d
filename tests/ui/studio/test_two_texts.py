"""The Studio with models that take two texts, without a browser."""

from __future__ import annotations

from dataclasses import replace

import pytest
from transformers import (
    AutoModel,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
)

from beaconviz import samples
from beaconviz.core.design import Design
from beaconviz.core.maps import PAIRS
from beaconviz.ui.shell import share
from beaconviz.ui.shell.examples import first_view
from beaconviz.ui.studio.panels.registry import PANELS
from tests.tiny import tiny_model
from tests.ui.app import WORDS, Studio

QUESTION = "Who lived in London ?"
PASSAGE = "Ada Lovelace lived in London."
AUTO = {
    "qa": AutoModelForQuestionAnswering,
    "classes": AutoModelForSequenceClassification,
    "states": AutoModel,
}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("two")
    return {
        name: str(tiny_model("bert", root / name, labels=None, auto=auto))
        for name, auto in AUTO.items()
    }


@pytest.fixture
def answering(folders: dict[str, str]) -> Studio:
    studio = Studio().load(folders["qa"]).write(QUESTION)
    return second(studio, PASSAGE)


def second(studio: Studio, text: str) -> Studio:
    studio.app.text_input(key="second").set_value(text)
    return studio.run()


def boxes(studio: Studio) -> list[str]:
    return [box.key for box in studio.app.text_input]


def test_a_model_of_one_text_shows_one_box() -> None:
    studio = Studio()
    assert boxes(studio) == ["text"]
    assert "pair" not in [control.key for control in studio.app.segmented_control]
    assert studio.bench["maps"]["segments"] is None
    assert studio.bench["document"]["second"] is None


def test_a_model_that_answers_takes_the_text_for_its_passage_at_first(
    folders: dict[str, str],
) -> None:
    studio = Studio().load(folders["qa"])
    assert not studio.errors
    assert studio.session.view.second == " ".join(WORDS)
    assert "type a question" in studio.app.info[0].value
    assert studio.design.words == (*WORDS, *WORDS)


def test_both_boxes_may_change_at_once(answering: Studio) -> None:
    """As when somebody types on while the app is at work."""
    answering.app.text_input(key="text").set_value("Who lived in Paris ?")
    second(answering, "Marie Curie lived in Paris.")
    view = answering.session.view
    assert (view.text, view.second) == ("Who lived in Paris ?", "Marie Curie lived in Paris.")
    assert not answering.errors


def test_question_and_passage_are_both_in_the_editors(answering: Studio) -> None:
    assert not answering.errors
    words = [*QUESTION.split(), *PASSAGE.split()]
    document, maps = answering.bench["document"], answering.bench["maps"]
    assert document["words"] == words
    assert document["second"] == 5
    assert maps["segments"] == [0] * 5 + [1] * 5
    assert answering.says.count('<mark class="bv-answer') == 2


def test_an_edit_moves_the_answers_score(answering: Studio) -> None:
    before = answering.session.comparison().edited.output.answer
    answering.paint(beacon=[["*", 5, 60.0], [0, 9, 60.0]])
    assert answering.session.comparison().edited.output.answer != before
    assert "bv-answer" in answering.says


@pytest.mark.parametrize("name", AUTO)
@pytest.mark.parametrize("panel", PANELS)
def test_every_panel_opens(folders: dict[str, str], name: str, panel: str) -> None:
    studio = second(Studio().load(folders[name]), PASSAGE)
    studio.paint(beacon=[["*", 1, 60.0]])
    studio.choose("panel", panel)
    assert not studio.errors


@pytest.mark.parametrize("unit", ["word", "token"])
@pytest.mark.parametrize("special", [True, False])
def test_parts_of_the_maps_are_chosen(answering: Studio, unit: str, special: bool) -> None:
    answering.choose("unit", unit)
    answering.app.toggle(key="special").set_value(special)
    answering.run()
    for number, pair in enumerate(PAIRS):
        answering.choose("pair", pair)
        assert answering.bench["maps"]["pair"] == number
        assert not answering.errors
    names, maps = answering.bench["document"]["words"], answering.bench["maps"]
    assert maps["labels"].count("</s>") == 2 * special
    assert all(
        row is None or names[row] == label
        for row, label in zip(maps["words"], maps["labels"], strict=True)
    )


def test_both_texts_are_kept_while_another_model_is_on_screen(
    answering: Studio, folders: dict[str, str]
) -> None:
    answering.choose("pair", "a→b")
    answering.choose("model", "ner-mini")
    assert boxes(answering) == ["text"]
    assert answering.design.words == tuple(QUESTION.split())
    assert not answering.errors
    answering.load(folders["classes"])
    assert answering.app.text_input(key="second").value == PASSAGE
    assert "bv-bars" in answering.says
    answering.load(folders["states"])
    assert answering.design.words == tuple(QUESTION.split())
    assert "Cosine of both texts" in answering.says


def test_a_step_in_the_second_text_is_undone(answering: Studio) -> None:
    second(answering, "Steve Jobs lived.")
    answering.send(command={"name": "undo"})
    assert answering.session.view.second == PASSAGE
    assert answering.app.text_input(key="second").value == PASSAGE


def test_a_link_has_both_texts_and_the_part(answering: Studio, folders: dict[str, str]) -> None:
    answering.choose("pair", "b→a")
    again = Studio(answering.bench["address"]["link"])
    assert again.session.view == answering.session.view
    assert again.app.text_input(key="second").value == PASSAGE


def test_links_without_a_second_text_are_as_they_were() -> None:
    link = share.encode(first_view())
    assert share.decode(link).second == ""
    assert len(share.encode(replace(first_view(), second=PASSAGE, pair="a→b"))) > len(link)


@pytest.mark.parametrize("text", ["", "  "])
def test_an_empty_passage_is_told_and_loses_nothing(answering: Studio, text: str) -> None:
    view = answering.session.view
    second(answering, text)
    assert "passage is empty" in answering.errors[0]
    assert answering.session.view == view
    assert answering.app.text_input(key="second").value == PASSAGE


@pytest.mark.parametrize(
    ("text", "told"), [("word " * 100, "both texts have"), ("x" * 60_000, "second text has")]
)
def test_a_bad_second_text_is_told_and_loses_nothing(
    answering: Studio, text: str, told: str
) -> None:
    view = answering.session.view
    second(answering, text)
    assert told in answering.errors[0].lower()
    assert answering.session.view == view


def test_a_second_text_is_optional_for_classes_and_states(folders: dict[str, str]) -> None:
    for name in ("classes", "states"):
        studio = Studio().load(folders[name])
        assert not studio.errors
        assert studio.app.text_input(key="second").value == ""
        second(studio, PASSAGE)
        assert not studio.errors
        second(studio, " ")
        assert not studio.errors


def test_html_in_both_texts_is_shown_as_it_is(answering: Studio) -> None:
    answering.write("<script>alert(1)</script> ?")
    second(answering, "<b>Ada</b> & Steve")
    assert "<script>" not in answering.says
    assert "<b>Ada" not in answering.says


def test_a_sample_is_a_passage(answering: Studio) -> None:
    sample = samples.texts()[1]
    answering.choose("sample", sample)
    assert answering.session.view.text == QUESTION
    assert answering.app.text_input(key="second").value == sample.text


def test_undo_goes_back_to_before_the_model_without_an_empty_passage(answering: Studio) -> None:
    for _ in range(4):
        answering.send(command={"name": "undo"})
        assert not answering.errors
    assert answering.session.view.text == " ".join(WORDS)
    assert answering.session.view.second


def test_a_design_for_both_texts_opens(answering: Studio) -> None:
    design = Design.neutral(answering.design.words).with_cells(beacon=[(0, 5, 2.0)])
    file = ("design.json", design.to_json().encode(), "application/json")
    answering.app.file_uploader[0].set_value([file])
    answering.run()
    assert answering.design == design
    assert answering.session.messages.question is None


def test_another_models_folder_is_not_read_for_a_text_that_does_not_fit(
    answering: Studio, folders: dict[str, str]
) -> None:
    answering.choose("model", "ner-mini")
    answering.write("word " * 140)
    view = answering.session.view
    answering.choose("model", folders["qa"])
    assert "takes at most" in answering.errors[0]
    assert answering.session.view == view
