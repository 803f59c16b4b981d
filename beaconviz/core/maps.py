"""Attention maps for display: over words or tokens, with or without special tokens.

Axes are `… query key`; rows are probabilities and sum to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple, get_args

import torch
from jaxtyping import Float
from torch import Tensor

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.indicator import averaging, indicator
from beaconviz.core.words import Tokens

Pair = Literal["all", "a→a", "a→b", "b→a", "b→b"]
PAIRS: tuple[Pair, ...] = get_args(Pair)
NO_TOKEN = "(no token)"  # marks a word that the tokenizer dropped, so that no edit affects it


def present(
    weights: Float[Tensor, "*axes query key"],
    queries: Tokens,
    keys: Tokens,
    unit: str = "token",
    special: bool | None = None,
    *,
    steps: bool = False,
) -> Float[Tensor, "*axes row column"]:
    """A token map, summed up to words if asked, with special tokens kept or dropped.

    Args:
        unit: "word" joins tokens. A word's row is the mean of its tokens' rows; its column is the
            sum of their columns.
        special: whether special tokens are kept as rows and columns of their own. By default they
            are kept on tokens and dropped on words; the remaining weights are renormalised.
        steps: whether each query keeps its own row, because it is a step of a generated text.
    """
    special = unit == "token" if special is None else special
    means = _members(queries, "token" if steps else unit, special).to(weights)
    columns = _members(keys, unit, special).to(weights)
    folded = averaging(means).transpose(0, 1) @ weights @ columns
    total = folded.sum(dim=-1, keepdim=True)
    even = torch.full_like(
        folded, 1 / max(columns.shape[1], 1)
    )  # a row that attends only to special tokens
    return torch.where(total > 0, folded / total.clamp(min=torch.finfo(folded.dtype).tiny), even)


def _members(tokens: Tokens, unit: str, special: bool) -> Float[Tensor, "token row"]:
    """E of the rows of a folded map."""
    row_of: list[int | None] = [None] * len(tokens)
    folded = rows(tokens, unit, special)
    for number, row in enumerate(folded):
        for token in row.tokens:
            row_of[token] = number
    return indicator(row_of, len(folded))


class MapRow(NamedTuple):
    """A row of `present`.

    name: its label. tokens: those that it stands for. place: its row in the design's matrices; None
    for a special token where they are over words. segment: the text it belongs to, 0 or 1; None for
    a special token.
    """

    name: str
    tokens: tuple[int, ...]
    place: int | None
    segment: int | None


def names(tokens: Tokens, unit: str = "token", special: bool | None = None) -> list[str]:
    """The names of the rows of `present`."""
    return [row.name for row in rows(tokens, unit, special)]


def rows(tokens: Tokens, unit: str = "token", special: bool | None = None) -> list[MapRow]:
    """The rows of `present`, in the order of the text; a word without tokens is marked so."""
    special = unit == "token" if special is None else special
    single = [
        MapRow(name, (t,), t, segment)
        for t, (name, segment) in enumerate(zip(tokens.tokens, tokens.segments, strict=True))
    ]
    if unit == "token":
        return [row for row in single if special or not tokens.special[row.tokens[0]]]
    words = [
        MapRow(word.text if pieces else f"{word.text} {NO_TOKEN}", pieces, number, segment)
        for number, (word, pieces, segment) in enumerate(
            zip(tokens.words, tokens.pieces, tokens.word_segments, strict=True)
        )
    ]
    if not special:
        return words
    edges = [row._replace(place=None) for row in single if tokens.special[row.tokens[0]]]
    return sorted(words + edges, key=_order(tokens))


def part(rows: Sequence[MapRow], pair: str) -> tuple[list[int], list[int]]:
    """The rows and columns of a part of a map of two texts: "all", "a→a", "a→b", "b→a" or "b→b".
    "a→b" has queries of the first text and keys of the second.

    Raises:
        BeaconvizError: no such part, or a map of one text.
    """
    if pair not in PAIRS:
        raise BeaconvizError(f"the pair is {pair!r}; expected one of {', '.join(PAIRS)}")
    if pair == "all":
        return list(range(len(rows))), list(range(len(rows)))
    if all(row.segment != 1 for row in rows):
        raise BeaconvizError(f"the pair is {pair!r}, and the map is of one text; take 'all'")
    queries, keys = (
        [n for n, row in enumerate(rows) if row.segment == "ab".index(name)]
        for name in pair.split("→")
    )
    return queries, keys


def second_row(tokens: Tokens, unit: str) -> int | None:
    """The row at which the second text begins; None where there is one text."""
    segments = tokens.word_segments if unit == "word" else tokens.segments
    return segments.index(1) if 1 in segments else None


def _order(tokens: Tokens) -> Callable[[MapRow], int]:
    """The sort key of rows. A word that the tokenizer dropped is placed after the word before it in
    its text, or at the first token of its text."""
    at: list[int] = []
    for word, pieces in enumerate(tokens.pieces):
        segment = tokens.word_segments[word]
        first = next((t for t, of in enumerate(tokens.segments) if of == segment), len(tokens))
        same = word > 0 and tokens.word_segments[word - 1] == segment
        at.append(pieces[0] if pieces else at[-1] if same else first)
    # Sorting is stable: words at the same token keep the order of the text.
    return lambda row: row.tokens[0] if row.place is None else at[row.place]
