"""The longest answer: fifteen tokens, as transformers' pipeline had it."""

from __future__ import annotations

import pytest
import torch

from beaconviz.core.words import Tokens, find_words
from beaconviz.models.tasks.answers import scored

LETTERS = "abcdefghijklmnopqrstuvwxyz"
QUESTION = "? "
PASSAGE = " ".join(LETTERS)


def tokens():
    """A token a letter, after a special token and a question of one."""
    spans = ((0, 0), *((2 * n, 2 * n + 1) for n in range(len(LETTERS) + 1)))
    count = len(spans)
    return Tokens(
        text=QUESTION + PASSAGE,
        words=find_words(QUESTION + PASSAGE),
        tokens=("<s>", "?", *LETTERS),
        ids=tuple(range(count)),
        word_of=(None, *range(count - 1)),
        spans=spans,
        special=(True, *[False] * (count - 1)),
        second=len(QUESTION),
    )


@pytest.mark.parametrize(("length", "possible"), [(1, True), (14, True), (15, True), (16, False)])
def test_an_answer_has_at_most_fifteen_tokens(length, possible):
    logits = torch.zeros(len(LETTERS) + 2, 2)
    logits[4, 0] = logits[4 + length - 1, 1] = 9.0  # the network is sure of both ends
    found = scored(logits, tokens())
    sure = {place for place, score in found.items() if score > 0.5}
    start = 2 * 3
    assert sure == ({(start, start + 2 * length - 1)} if possible else set())
