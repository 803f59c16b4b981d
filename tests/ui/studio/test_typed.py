"""A text that a person types: another sentence starts clean, an edited one keeps its cells."""

from __future__ import annotations

import pytest

from beaconviz.ui.shell import actions
from tests.ui.app import WORKED, Studio

EDITED = "Steve Jobs was the co-founder of Pixar Inc."


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.mark.parametrize(
    "text", ["Ada Lovelace lived in London.", "Steve Jobs left Apple Inc.", "Apple", "今天天气很好"]
)
def test_another_sentence_starts_with_a_neutral_design(studio: Studio, text: str) -> None:
    studio.choose("layers", [1, 2])
    studio.write(text)
    assert studio.session.view.text == text
    assert studio.design.is_neutral
    assert studio.design.edits[0].layers == "all"
    assert studio.session.messages.question is None
    studio.send(command={"name": "undo"})
    assert not studio.design.is_neutral


def test_cells_of_an_edited_sentence_stay_and_it_is_said(studio: Studio) -> None:
    studio.write(EDITED)
    assert studio.design.edits[0].beacon == ()  # its column was Apple
    assert (0, 2, 1.0) in studio.design.edits[0].marker
    question = studio.session.messages.question
    assert question is not None
    assert "cells of the design" in question.text
    studio.press("answer-0")  # Start clean
    assert studio.design.is_neutral
    assert studio.session.view.text == EDITED
    assert studio.session.messages.question is None


def test_who_keeps_the_cells_is_not_asked_again(studio: Studio) -> None:
    studio.write(EDITED)
    before = studio.design
    studio.press("answer-none")
    assert studio.design == before
    assert studio.session.messages.question is None


def test_a_neutral_design_has_nothing_to_ask_about(studio: Studio) -> None:
    studio.send(command={"name": "reset"})
    studio.write(EDITED)
    assert studio.session.messages.question is None


def test_a_text_that_is_refused_asks_nothing(studio: Studio) -> None:
    studio.write("Steve Jobs was the co-founder of Apple Inc. " + "x" * 60_000)
    assert studio.errors
    assert studio.session.messages.question is None
    assert studio.session.messages.offer is None


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Steve Jobs was the co-founder of Apple", True),
        ("Today Steve Jobs was the co-founder of Apple Inc. again", True),
        ("Steve Jobs was the only man", False),  # four of eight words
        ("", False),
    ],
)
def test_a_sentence_is_the_same_while_more_than_half_of_its_words_are(
    text: str, same: bool
) -> None:
    assert (actions.retyped(WORKED, text).design == WORKED.design) is same
