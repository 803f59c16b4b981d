"""What the panels compute, without Streamlit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

import beaconviz as bv
from beaconviz.core.expand import expanded
from beaconviz.figures.html.label_table import labels_html
from beaconviz.figures.html.readings import picture, reading_html
from beaconviz.ui.shell import actions
from beaconviz.ui.shell.state import View
from beaconviz.ui.studio.panels.design_table import retyped, rows_of
from tests.tiny import tiny_model

TEXT = "Ada Lovelace lived in <b>London</b>."
WORDS = TEXT.split()


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> bv.Model:
    return bv.load(str(tiny_model("bert", tmp_path_factory.mktemp("bert"))), device="cpu")


def design(reading: str, unit: str, model: bv.Model) -> bv.Design:
    """Two stacked edits, the second on some heads only."""
    names = model.tokenize(TEXT).names(unit)
    one = bv.Design.neutral(names, reading=reading, unit=unit)
    one = one.with_cells(marker=[(0, 1, 1.0), (0, 0, 0.0)], beacon=[("*", 2, 3.0), (0, 3, -2.0)])
    one = one.stacked(bv.Edit(heads=(1, 2)))
    return one.with_cells(marker=[(1, 0, 1.0), (1, 1, 0.0)], beacon=[(1, 1, 4.0)], edit=1)


@pytest.mark.parametrize("reading", ["product", "gate", "mask"])
def test_a_design_spread_over_tokens_does_the_same(model: bv.Model, reading: str) -> None:
    words = design(reading, "word", model)
    tokens = expanded(words, model.tokenize(TEXT))
    assert tokens.unit == "token"
    on_words, on_tokens = (bv.run(model, TEXT, one) for one in (words, tokens))
    torch.testing.assert_close(on_tokens.logits, on_words.logits)


@pytest.mark.parametrize("reading", ["product", "gate", "mask"])
def test_the_worked_example_spread_over_tokens_does_the_same(
    model: bv.Model, reading: bv.attention.Reading
) -> None:
    """Its marker has rows that are all 0, which mask nothing on tokens either."""
    words = bv.presets.worked_example(bv.presets.EXAMPLE_TEXT.split(), reading=reading)
    tokens = expanded(words, model.tokenize(bv.presets.EXAMPLE_TEXT))
    on_words, on_tokens = (bv.run(model, bv.presets.EXAMPLE_TEXT, one) for one in (words, tokens))
    torch.testing.assert_close(on_tokens.logits, on_words.logits)


def test_neutral_spread_over_tokens_is_neutral(model: bv.Model) -> None:
    for reading in ("product", "gate", "mask"):
        neutral = bv.Design.neutral(WORDS, reading=reading)
        assert expanded(neutral, model.tokenize(TEXT)).edits == (bv.Edit(),)


def test_the_table_of_labels_escapes_words_and_says_both_tags(model: bv.Model) -> None:
    comparison = bv.compare(model, TEXT, design("product", "word", model))
    table = labels_html(comparison.label_table())
    assert "&lt;b&gt;London" in table
    assert "<b>" not in table
    for kind in ("none", "PER", "ORG", "LOC"):
        assert f"<th>{kind}</th>" in table
    assert comparison.edited.tags[0] in table


class TestTable:
    view = View(
        TEXT, bv.Design.neutral(WORDS).with_cells(marker=[(0, 1, 2.0)], beacon=[("*", 2, 3.0)])
    )

    def test_rows_are_the_cells(self) -> None:
        assert [list(row.values()) for row in rows_of(self.view)] == [
            ["marker", "0 Ada", "1 Lovelace", 2.0],
            ["beacon", "every", "2 lived", 3.0],
        ]

    def test_nothing_typed_changes_nothing(self) -> None:
        assert retyped(self.view, {}) == self.view

    def test_edited_added_and_deleted_rows(self) -> None:
        view = retyped(
            self.view,
            {
                "edited_rows": {1: {"value": 5.0}},
                "deleted_rows": [0],
                "added_rows": [
                    {"matrix": "marker", "row": "3 in", "column": "every", "value": 0.5},
                    {"matrix": "beacon", "row": "3 in"},  # not whole yet
                ],
            },
        )
        assert view.design.edits[0] == bv.Edit(marker=((3, "*", 0.5),), beacon=(("*", 2, 5.0),))

    def test_it_writes_to_the_shown_edit(self) -> None:
        stack = actions.stacked(self.view)
        row = {"matrix": "beacon", "row": "0 Ada", "column": "0 Ada", "value": 1.0}
        view = retyped(stack, {"added_rows": [row]})
        assert view.design.edits[0] == self.view.design.edits[0]
        assert view.design.edits[1].beacon == ((0, 0, 1.0),)


def test_removing_an_edit_shows_the_one_before() -> None:
    view = actions.stacked(actions.stacked(TestTable.view))
    assert (len(view.design.edits), view.edit) == (3, 2)
    view = actions.unstacked(replace(view, edit=0))
    assert (len(view.design.edits), view.edit) == (2, 0)


@pytest.mark.parametrize("reading", ["product", "gate", "mask"])
def test_every_reading_has_a_sentence_and_a_picture(reading: str) -> None:
    assert picture(reading).startswith("<svg")
    assert reading_html(reading).count("<p>") == 1


def test_an_svg_file_is_well_formed() -> None:
    from xml.dom.minidom import parse

    from beaconviz.ui.shell.style import ICON

    assert parse(str(Path(ICON))).documentElement.tagName == "svg"
