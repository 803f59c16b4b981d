"""What every kind of marker is: its neutral element, its dense definition, its rows, its wording.

A kind says all that the rest of beaconviz has to know of it, so that no other file branches on its
name. Scores are in units of S; a *logit* is a score / √d.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Literal, NamedTuple

import torch
from torch import Tensor

Reading = Literal["product", "gate", "mask"]


class EditedRows(NamedTuple):
    """Some token rows of M, and of the offset B that is added to the scores; others are neutral."""

    rows: Tensor  # Int (k,), ascending
    marker: Tensor  # (k, query) where M mixes rows, else (k, key)
    offset: Tensor  # (k, key), in units of S


class Intervention(ABC):
    """One way to read M.

    Attributes:
        name: as design files and options have it.
        mixes_rows: whether M is query × query, a row of it the mix of rows that a query becomes.
        hides_keys: whether a cell of M says that a key is out of sight.
        values: the numbers that a cell of M may hold; None where any number may stand.
        formula, latex: of the edited weights. sentence: what editing M means.
        example: a first row of M for three words, for the picture beside the sentence.
    """

    name: ClassVar[Reading]
    mixes_rows: ClassVar[bool] = False
    hides_keys: ClassVar[bool] = False
    values: ClassVar[tuple[float, ...] | None] = None
    formula: ClassVar[str]
    latex: ClassVar[str]
    sentence: ClassVar[str]
    example: ClassVar[tuple[float, float, float]]

    # The neutral element.

    def neutral(self, row: object, column: object) -> float:
        """The value of a cell of M that changes nothing."""
        return 1.0

    def neutral_rows(self, rows: Tensor, columns: int) -> Tensor:
        """These rows of the neutral M, Float[Tensor, "k columns"]."""
        return torch.ones(len(rows), columns)

    # The dense definition.

    @abstractmethod
    def scores(self, scores: Tensor, marker: Tensor) -> Tensor:
        """What M makes of the scores S + A, Float[Tensor, "… query key"], in units of S."""

    def effective(self, marker: Tensor) -> Tensor:
        """Rows of M as they act, Float[Tensor, "k columns"]."""
        return marker

    def converted(self, marker: Tensor) -> Tensor:
        """The numbers of another reading's M, as this one can hold them."""
        return marker

    # Rows.

    @abstractmethod
    def offset(self, marker: Tensor, rows: Tensor, beacon_rows: Tensor, beacon: Tensor) -> Tensor:
        """B of one edit: what M makes of A, for the rows of M.

        Args:
            marker: M's rows, Float[Tensor, "… k columns"]; rows: their numbers, Int[Tensor, "k"].
            beacon: A's rows that differ from 0, Float[Tensor, "… m key"]; beacon_rows: theirs.
        """

    @abstractmethod
    def compose(self, first: EditedRows, second: EditedRows) -> EditedRows:
        """`second` on the scores that `first` left."""

    @abstractmethod
    def logits(self, logits: Tensor, marker: Tensor, offset: Tensor) -> Tensor:
        """The edited rows' logits, Float[Tensor, "head k key"].

        Args:
            logits: of the rows' queries (mixed already where M mixes rows).
            marker: M's rows; over keys, Float[Tensor, "k key"], where M does not mix rows.
            offset: B, in logits.
        """

    def only_adds(self, marker: Tensor) -> bool:
        """Whether rows of M only change queries, hide keys, or add to the logits: then the fused
        kernel takes the edit."""
        return True

    # Wording.

    @abstractmethod
    def describe(self, marker: Sequence[float], row: int, names: Sequence[str]) -> str:
        """What one row of M does, in words. names: of its columns."""


def aligned(rows: Tensor, other_rows: Tensor, values: Tensor, neutral: float) -> Tensor:
    """Rows with the numbers `other_rows` as rows with the numbers `rows`, of which they are
    some."""
    if len(rows) == len(other_rows):
        return values
    shape = (*values.shape[:-2], len(rows), values.shape[-1])
    at = torch.searchsorted(rows, other_rows)
    return values.new_full(shape, neutral).index_copy(-2, at, values)


def union(first: EditedRows, second: EditedRows) -> Tensor:
    """The numbers of the rows that either has, ascending."""
    rows: Tensor = torch.cat([first.rows, second.rows]).unique()
    return rows
