"""Row edits of tokens that are not generated yet, by hand."""

from __future__ import annotations

import torch

from beaconviz.core.design import Design
from beaconviz.engine.compile import compile_design
from beaconviz.engine.rows import RowEdit
from beaconviz.engine.steps import OpenEdit, OpenEdits
from tests.engine.test_rows import WORDS, tokens_of

TOKENS = tokens_of(WORDS, (1, 1, 1, 1), extra=0)


def compiled(design: Design) -> RowEdit:
    (edit,) = compile_design(design, TOKENS, layers=1, heads=2, open=True)[0]
    return edit


def test_a_star_column_of_m_is_the_words_that_are_there() -> None:
    """M may not point to future tokens: they have no query yet. A new row keeps all of itself."""
    edit = compiled(Design.neutral(WORDS).with_cells(marker=[("*", "*", 0.25)]))
    assert edit.rows.tolist() == [0, 1, 2, 3, 4]
    assert edit.marker[4].tolist() == [0.25, 0.25, 0.25, 0.25, 1.0]
    assert edit.marker[1].tolist() == [0.25, 0.25, 0.25, 0.25, 0.0]
    at = OpenEdit(edit, named=4, columns_grow=True, first=4).at(0, 6, 6)
    assert at is not None
    assert at.marker[5].tolist() == [0.25, 0.25, 0.25, 0.25, 0.0, 1.0]


def test_a_beacon_on_a_column_reaches_every_new_row() -> None:
    edit = compiled(Design.neutral(WORDS).with_cells(beacon=[("*", 2, 3.0), (1, "*", 5.0)]))
    edits = OpenEdits({("self", 0): [OpenEdit(edit, named=4, columns_grow=True, first=4)]})
    (prompt,) = edits.of_call(("self", 0), queries=4, keys=4)
    assert prompt.rows.tolist() == [0, 1, 2, 3]
    assert prompt.offset[1].tolist() == [5.0, 5.0, 5.0, 5.0]
    (step,) = edits.of_call(("self", 0), queries=1, keys=6)  # the sixth token
    assert step.rows.tolist() == [0]
    assert step.offset.tolist() == [[0.0, 0.0, 3.0, 0.0, 0.0, 0.0]]
    assert torch.equal(step.marker, torch.ones(1, 1))


def test_a_place_without_edits_has_none() -> None:
    assert OpenEdits().of_call(("cross", 1), queries=1, keys=4) == []
    assert not OpenEdits().need_earlier_queries
