"""Attention maps as people look at them: on words or tokens, with or without special tokens.

Axes are `… query key`; rows are probabilities and sum to 1.
"""

from __future__ import annotations

import torch
from torch import Tensor

from beaconviz.core.words import Tokens


def present(
    weights: Tensor,
    queries: Tokens,
    keys: Tokens,
    unit: str = "token",
    special: bool | None = None,
) -> Tensor:
    """A token map, folded and with special tokens kept or dropped.

    Args:
        weights: Float[Tensor, "… query key"].
        unit: "word" folds tokens: what a word pays is the mean over its tokens' rows, what it
            receives the sum over their columns.
        special: whether special tokens stay, as rows and columns of their own. Kept by default
            on tokens, dropped on words; what is left is renormalised.
    """
    special = unit == "token" if special is None else special
    rows, columns = (_members(some, unit, special).to(weights) for some in (queries, keys))
    rows = rows / rows.sum(dim=0, keepdim=True).clamp(min=1)
    folded = rows.transpose(0, 1) @ weights @ columns
    total = folded.sum(dim=-1, keepdim=True)
    even = torch.full_like(folded, 1 / max(columns.shape[1], 1))  # it saw special tokens only
    return torch.where(total > 0, folded / total.clamp(min=torch.finfo(folded.dtype).tiny), even)


def names(tokens: Tokens, unit: str = "token", special: bool | None = None) -> list[str]:
    """What the rows of `present` are called."""
    special = unit == "token" if special is None else special
    return [name for name, _ in _groups(tokens, unit, special)]


def _members(tokens: Tokens, unit: str, special: bool) -> Tensor:
    """Which tokens each row of a folded map is made of, Float[Tensor, "token group"]."""
    groups = _groups(tokens, unit, special)
    belongs = torch.zeros(len(tokens), len(groups))
    for group, (_, members) in enumerate(groups):
        belongs[list(members), group] = 1
    return belongs


def _groups(tokens: Tokens, unit: str, special: bool) -> list[tuple[str, tuple[int, ...]]]:
    """The name and the tokens of each row, in the order of the text."""
    single = [(name, (t,)) for t, name in enumerate(tokens.tokens)]
    if unit == "token":
        return [row for row in single if special or not tokens.special[row[1][0]]]
    words = [(word.text, tokens.pieces[w]) for w, word in enumerate(tokens.words)]
    if not special:
        return words
    edges = [row for row in single if tokens.special[row[1][0]]]
    first = next((t for t, word in enumerate(tokens.word_of) if word is not None), len(tokens))
    before = [row for row in edges if row[1][0] < first]
    return before + words + edges[len(before) :]
