"""The base of every kind of marker: neutral element, dense definition, row edits, wording.

All that beaconviz needs to know of a kind is in its class, so that no other file branches on its
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
    """The edited token rows of M and of the offset B added to the scores; all others are
    neutral."""

    rows: Tensor  # Int (k,), ascending
    marker: Tensor  # (k, query) where M mixes rows, else (k, key)
    offset: Tensor  # (k, key), in units of S


class Intervention(ABC):
    """One reading of M.

    Attributes:
        name: its name in design files and options.
        mixes_rows: whether M is query × query, each row a combination of the rows of scores.
        hides_keys: whether a cell of M can hide a key.
        values: the allowed values of a cell of M; None for any number.
        formula, latex: of the edited weights. sentence: the meaning of an edit of M.
        example: a first row of M for three words, for the picture next to the sentence.
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
        """M applied to the scores S + A, Float[Tensor, "… query key"], in units of S."""

    def effective(self, marker: Tensor) -> Tensor:
        """The rows of M that take effect, Float[Tensor, "k columns"]; a row may be ignored as a
        whole."""
        return marker

    def converted(self, marker: Tensor) -> Tensor:
        """Another reading's M with values that this reading allows."""
        return marker

    # Rows.

    @abstractmethod
    def offset(self, marker: Tensor, rows: Tensor, beacon_rows: Tensor, beacon: Tensor) -> Tensor:
        """B of one edit: M applied to A, for the rows of M.

        Args:
            marker: M's rows, Float[Tensor, "… k columns"]; rows: their numbers, Int[Tensor, "k"].
            beacon: A's rows that differ from 0, Float[Tensor, "… m key"]; beacon_rows: their
                numbers.
        """

    @abstractmethod
    def compose(self, first: EditedRows, second: EditedRows) -> EditedRows:
        """The edit `first`, followed by `second`."""

    @abstractmethod
    def logits(self, logits: Tensor, marker: Tensor, offset: Tensor) -> Tensor:
        """The edited rows' logits, Float[Tensor, "head k key"].

        Args:
            logits: of the rows' queries, already mixed where M mixes rows.
            marker: M's rows; Float[Tensor, "k key"] where M does not mix rows.
            offset: B, in logits.
        """

    def only_adds(self, marker: Tensor) -> bool:
        """Whether rows of M only change queries, hide keys, or add to the logits, so that the fused
        kernel can compute the edit."""
        return True

    # Wording.

    @abstractmethod
    def describe(self, marker: Sequence[float], row: int, names: Sequence[str]) -> str:
        """What one row of M does, in words. names: of its columns."""


def aligned(rows: Tensor, present_rows: Tensor, values: Tensor, neutral: float) -> Tensor:
    """Expands `values`, given for `present_rows`, to all of `rows`; missing rows are `neutral`.
    `present_rows` is a subset of `rows`."""
    if len(rows) == len(present_rows):
        return values
    shape = (*values.shape[:-2], len(rows), values.shape[-1])
    positions = torch.searchsorted(rows, present_rows)
    return values.new_full(shape, neutral).index_copy(-2, positions, values)


def union(first: EditedRows, second: EditedRows) -> Tensor:
    """The row numbers of both edits, ascending."""
    rows: Tensor = torch.cat([first.rows, second.rows]).unique()
    return rows
