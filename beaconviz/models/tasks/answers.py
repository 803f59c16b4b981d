"""The answer to a question: the part of the passage with the most likely start and end."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from beaconviz.core.words import Tokens

LONGEST = 15  # the most tokens of an answer, as in transformers' pipeline


@dataclass(frozen=True)
class Answer:
    """A part of the passage; `start` and `end` are characters of the passage.

    score: the probability of its first token as a start times that of its last as an end.
    """

    text: str
    start: int
    end: int
    score: float


def scored(logits: Tensor, tokens: Tokens) -> dict[tuple[int, int], float]:
    """Every possible answer, as characters of `tokens.text`, with its score.

    Starts and ends are softmaxed over the passage and the first special token, on which networks
    put "there is no answer", and an answer has at most `LONGEST` tokens (as in the pipeline for
    question answering of transformers 4). Answers are extended to whole words; of equal ones the
    most likely counts.

    Args:
        logits: Float[Tensor, "token 2"], of start and end.
    """
    passage = [t for t, segment in enumerate(tokens.segments) if segment == 1]
    none = [0] if tokens.special[0] else []
    ends = torch.softmax(logits[[*none, *passage]].double(), dim=0)[len(none) :].cpu()
    joint = ends[:, :1] * ends[:, 1]  # (start, end)
    allowed = torch.ones_like(joint, dtype=torch.bool).triu().tril(LONGEST - 1)
    whole = [_whole(tokens, token) for token in passage]
    scores_by_place: dict[tuple[int, int], float] = {}
    for (first, last), score in zip(
        allowed.nonzero().tolist(), joint[allowed].tolist(), strict=True
    ):
        place = whole[first][0], whole[last][1]
        if place[0] < place[1] and score >= scores_by_place.get(place, 0.0):
            scores_by_place[place] = score
    return scores_by_place


def answer(tokens: Tokens, place: tuple[int, int], score: float) -> Answer:
    """The answer at characters of `tokens.text`."""
    start, end = place
    shift = tokens.second or 0
    return Answer(tokens.text[start:end], start - shift, end - shift, score)


def _whole(tokens: Tokens, token: int) -> tuple[int, int]:
    """A token's characters, extended over adjacent letters and digits of its word."""
    text, (start, end), word = tokens.text, tokens.spans[token], tokens.word_of[token]
    if word is None:
        return start, end
    low, high = tokens.words[word].start, tokens.words[word].end
    start = max(start, low)  # without the space before it
    while start > low and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < high and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return start, end
