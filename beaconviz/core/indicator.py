"""E, the tokens × words indicator matrix, and Ē, the same with normalised columns.

    E[t, w] = 1 where token t belongs to word w          Ē = E with columns that sum to 1

E sums over a word's tokens and spreads a word's number over them; Ē takes their mean. Special
tokens belong to no word: their rows are 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from jaxtyping import Float, Int
from torch import Tensor

Units = Sequence[int | None]  # the word (or other unit) of each token, None for special tokens


def indicator(units: Units, size: int) -> Float[Tensor, "token unit"]:
    """E, 1 where a token belongs to a unit.

    >>> indicator([None, 0, 1, 1], 2).tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    """
    belongs = torch.zeros(len(units), size)
    placed = [(token, unit) for token, unit in enumerate(units) if unit is not None]
    if placed:
        belongs[tuple(torch.tensor(placed).T)] = 1
    return belongs


def averaging(belongs: Float[Tensor, "token unit"]) -> Float[Tensor, "token unit"]:
    """Ē of E: the columns of units that have tokens sum to 1."""
    return belongs / belongs.sum(dim=0).clamp(min=1)


class Spread(NamedTuple):
    """E, or Ē, as an index: `values[:, units] * weights` is values @ Eᵀ, with one column of zeros
    for special tokens after those of `values`."""

    units: Int[Tensor, " token"]
    weights: Float[Tensor, " token"]

    @classmethod
    def of(cls, units: Units, size: int, *, mean: bool) -> Spread:
        """The index of E, or of Ē if `mean`."""
        index = torch.tensor([size if unit is None else unit for unit in units], dtype=torch.long)
        counts = torch.bincount(index, minlength=size + 1)[:size].clamp(min=1)
        weights = torch.cat([1 / counts if mean else torch.ones(size), torch.zeros(1)])
        return cls(index, weights[index])

    def columns(self, values: Float[Tensor, "row unit"]) -> Float[Tensor, "row token"]:
        """Spreads unit columns over tokens: values @ Eᵀ."""
        padded = torch.cat([values, values.new_zeros(len(values), 1)], dim=1)
        return padded[:, self.units] * self.weights
