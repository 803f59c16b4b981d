"""One step of a rule: which words it catches, what it sets on them, and for which query rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from beaconviz.core.edit import MAX_VALUE, Heads
from beaconviz.rules.words import Bools, Pattern, RuleText

Matrix = Literal["marker", "beacon"]


@dataclass(frozen=True)
class Rows:
    """For which query rows a step acts on a caught word; each test that is not None has to hold.

    Attributes:
        within, beyond: at most, and more than, so many words away; a word is 0 away from itself.
        clause: in the "same" clause as the caught word or in an "other" one.
        mention: "same": mentions the same word.
        words: the row's word is caught by this pattern.
    """

    within: int | None = None
    beyond: int | None = None
    clause: Literal["same", "other"] | None = None
    mention: Literal["same"] | None = None
    words: Pattern | None = None

    def chosen(self, sentence: RuleText) -> Bools:
        """Which query rows for which keys, Bool[Array, "query key"]."""
        size = len(sentence)
        chosen = np.ones((size, size), dtype=bool)
        if self.within is not None:
            chosen &= sentence.distance <= self.within
        if self.beyond is not None:
            chosen &= sentence.distance > self.beyond
        if self.clause is not None:
            same = sentence.clauses[:, None] == sentence.clauses
            chosen &= same == (self.clause == "same")
        if self.mention is not None:
            _, word = np.unique(sentence.bare, return_inverse=True)
            chosen &= word[:, None] == word
        if self.words is not None:
            chosen &= self.words.caught(sentence)[:, None]
        return chosen


EVERY_ROW = Rows()


@dataclass(frozen=True)
class Amount:
    """A number, or one that depends on how many words lie between query and key.

    start + per_word · k + log · ln(1 + k) with k = max(0, distance − beyond), kept from `least`
    to `most`. A beacon is in units of S.

    >>> Amount(per_word=2, beyond=1, most=5).at(np.array([0, 1, 2, 3, 9])).tolist()
    [0.0, 0.0, 2.0, 4.0, 5.0]
    """

    start: float = 0.0
    per_word: float = 0.0
    log: float = 0.0
    beyond: int = 0
    least: float = -MAX_VALUE
    most: float = MAX_VALUE

    @property
    def is_constant(self) -> bool:
        return self.per_word == self.log == 0

    def at(self, distance: NDArray[Any]) -> NDArray[np.float64]:
        """The amount at these distances, in words."""
        if self.is_constant:
            return np.full(distance.shape, self.start)
        further = np.maximum(distance - self.beyond, 0)
        amount = self.start + self.per_word * further + self.log * np.log1p(further)
        clipped: NDArray[np.float64] = np.clip(amount, self.least, self.most)
        return clipped


@dataclass(frozen=True)
class Step:
    """Words that are caught, what is set on their columns, for which rows, and where.

    In the product reading the columns of M are queries: a marker on a caught word says that rows
    attend the way that word does.
    """

    matrix: Matrix
    amount: Amount
    words: Pattern = field(default_factory=Pattern)
    rows: Rows = EVERY_ROW
    layers: Literal["all"] | tuple[int, ...] = "all"
    heads: Heads = "all"

    @property
    def is_of_columns(self) -> bool:
        """Whether all rows get the same, so that one cell a word says it."""
        return self.rows == EVERY_ROW and self.amount.is_constant
