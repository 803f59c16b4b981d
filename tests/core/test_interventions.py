"""Each kind of marker by hand: its neutral element, its scores, its rows, its wording."""

from __future__ import annotations

from typing import get_args

import pytest
import torch

from beaconviz.core.attention import beacon_attention, edit_scores
from beaconviz.core.interventions import INTERVENTIONS, READINGS, EditedRows, Reading
from beaconviz.core.interventions.base import aligned

INF = float("inf")
SCORES = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
MARKER = torch.tensor([[0.0, 0.0, 1.0], [1.0, 1.0, 0.0], [0.0, 0.0, 0.0]])
EXPECTED = {
    "product": [[7.0, 8.0, 9.0], [5.0, 7.0, 9.0], [0.0, 0.0, 0.0]],
    "gate": [[0.0, 0.0, 3.0], [4.0, 5.0, 0.0], [0.0, 0.0, 0.0]],
    "mask": [[-INF, -INF, 3.0], [4.0, 5.0, -INF], [7.0, 8.0, 9.0]],  # a row of 0 hides nothing
}


def test_the_names_are_those_of_the_type():
    assert get_args(Reading) == READINGS


@pytest.mark.parametrize("reading", READINGS)
def test_scores_by_hand(reading):
    assert edit_scores(SCORES, MARKER, None, reading).tolist() == EXPECTED[reading]


@pytest.mark.parametrize("reading", READINGS)
def test_the_neutral_marker_changes_nothing(reading):
    kind = INTERVENTIONS[reading]
    neutral = kind.neutral_rows(torch.arange(3), 3)
    assert torch.equal(kind.scores(SCORES, neutral), SCORES)
    assert torch.equal(neutral[1:], kind.neutral_rows(torch.tensor([1, 2]), 3))
    cells = [[kind.neutral(row, column) for column in range(3)] for row in range(3)]
    assert neutral.tolist() == cells


def test_a_row_of_a_mask_that_is_all_0_keeps_its_beacon():
    """It hides nothing, and A still acts: its softmax is that of S + A."""
    query, key = torch.eye(2)[None, None], torch.zeros(1, 1, 2, 2)
    marker, beacon = torch.tensor([[0.0, 0.0], [0.0, 1.0]]), torch.tensor([[0.0, 1.0], [0.0, 0.0]])
    _, weights = beacon_attention(query, key, key, marker, beacon, reading="mask", scale=1.0)
    expected = torch.tensor([[0.0, 1.0], [-INF, 0.0]]).softmax(-1)
    assert torch.allclose(weights[0, 0], expected)


@pytest.mark.parametrize("reading", READINGS)
def test_rows_of_two_edits_compose_as_the_definition_stacks_them(reading):
    """M and B of the stack are those of the edits, one on the scores that the other left."""
    kind = INTERVENTIONS[reading]
    first = EditedRows(torch.tensor([0, 2]), MARKER[[0, 1]], torch.tensor([[1.0, 0, 0], [0, 2, 0]]))
    second = EditedRows(
        torch.tensor([1, 2]), MARKER[[1, 0]], torch.tensor([[0, 0, 3.0], [4, 0, 0]])
    )

    def applied(scores, rows):
        marker = kind.neutral_rows(torch.arange(3), 3)
        marker[rows.rows] = rows.marker
        offset = aligned(torch.arange(3), rows.rows, rows.offset, 0.0)
        queries = marker @ scores if kind.mixes_rows else scores
        return kind.logits(queries, marker, offset)

    composed = kind.compose(first, second)
    assert composed.rows.tolist() == [0, 1, 2]
    assert torch.equal(applied(SCORES, composed), applied(applied(SCORES, first), second))


@pytest.mark.parametrize(
    ("reading", "row", "words"),
    [
        ("product", [0.0, 1.0, 0.0], "leaves this row as it is"),
        ("product", [0.0, 0.0, 0.0], "every key gets the same weight"),
        ("product", [0.5, 0.0, 2.0], "0.5 × “a” + 2 × “c”"),
        ("gate", [1.0, 1.0, 1.0], "leaves this row as it is"),
        ("gate", [1.0, 0.0, 2.0], "the scores of 2 of 3 keys"),
        ("mask", [1.0, 0.0, 0.0], "hides 2 of 3 keys"),
        ("mask", [0.0, 0.0, 0.0], "which hides nothing"),
        ("mask", [1.0, 1.0, 1.0], "leaves this row as it is"),
    ],
)
def test_a_row_in_words(reading, row, words):
    assert words in INTERVENTIONS[reading].describe(row, 1, ["a", "b", "c"])
