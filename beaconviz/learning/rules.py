"""Rules: a design for any sentence, made of steps that each catch words and say what is done.

A step catches key words (columns), chooses query rows for each, and sets a beacon or a marker
there. Beacons of several steps add up; a marker of a later step wins. Steps on the same layers
and heads make one edit, others are stacked in order. What a rule looks like as YAML is read and
checked in `learning.rule_file`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from beaconviz.core.attention import Reading
from beaconviz.core.design import MATRICES, MAX_VALUE, Cell, Design, Edit, Heads
from beaconviz.learning.rule_words import Bools, Pattern, RuleError, RuleText

MAX_WORDS = 1_024  # of a sentence, for steps that choose rows: they hold a value for each pair

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
        return np.clip(amount, self.least, self.most)


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


@dataclass(frozen=True)
class Rule:
    """A design for any sentence.

    >>> rule = Rule.from_yaml('''
    ... beaconviz-rule: 1
    ... name: Look at names
    ... steps:
    ...   - words: {shape: title}
    ...     beacon: 4
    ... ''')
    >>> rule.design(["she", "met", "Ada"]).edits[0].beacon
    (('*', 2, 4.0),)
    """

    name: str
    steps: tuple[Step, ...]
    about: str = ""
    reading: Reading = "product"

    @classmethod
    def from_yaml(cls, text: str) -> Rule:
        """Reads a rule file, see `learning.rule_file`; raises `RuleError` naming step and field."""
        from beaconviz.learning.rule_file import read_rule

        return read_rule(text)

    def to_yaml(self) -> str:
        """The rule file; `from_yaml` gives the same rule back."""
        from beaconviz.learning.rule_file import write_rule

        return write_rule(self)

    def design(self, words: Sequence[str]) -> Design:
        """The rule's design over these words; neutral when no step catches anything.

        Raises:
            RuleError: a regular expression that does not end, or more than 1,024 words for steps
                that choose rows.
        """
        sentence = RuleText(tuple(words))
        edits = [self._edit(group, sentence) for group in self._groups]
        return Design(
            sentence.words, tuple(e for e in edits if e.marker or e.beacon), reading=self.reading
        )

    def caught(self, words: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        """The numbers of the words that each step catches; raises as `design` does."""
        sentence = RuleText(tuple(words))
        caught = []
        for number, step in enumerate(self.steps):
            with _at_step(number):
                caught.append(tuple(step.words.caught(sentence).nonzero()[0].tolist()))
        return tuple(caught)

    @cached_property
    def _groups(self) -> list[list[int]]:
        """The numbers of the steps on the same layers and heads, which make one edit."""
        groups: list[list[int]] = []
        for number, step in enumerate(self.steps):
            for group in groups:
                first = self.steps[group[0]]
                if (first.layers, first.heads) == (step.layers, step.heads):
                    group.append(number)
                    break
            else:
                groups.append([number])
        return groups

    def _edit(self, group: list[int], sentence: RuleText) -> Edit:
        first = self.steps[group[0]]
        cells = {name: self._cells(group, name, sentence) for name in MATRICES}
        return Edit(cells["marker"], cells["beacon"], first.layers, first.heads)

    def _cells(self, group: list[int], name: str, sentence: RuleText) -> tuple[Cell, ...]:
        numbers = [number for number in group if self.steps[number].matrix == name]
        if not sentence.words or all(self.steps[n].is_of_columns for n in numbers):
            return self._columns(numbers, sentence)
        if len(sentence) > MAX_WORDS:
            raise RuleError(
                f"the text has {len(sentence):,} words; steps that choose rows, or go by "
                f"distance, take at most {MAX_WORDS:,}: cut it into parts"
            )
        values = neutral = _neutral(name, self.reading, len(sentence))
        for number in numbers:
            step = self.steps[number]
            with _at_step(number):
                where = step.words.caught(sentence) & step.rows.chosen(sentence)
            amount = step.amount.at(sentence.distance)
            values = np.where(where, amount + values if name == "beacon" else amount, values)
        return _short(values.clip(-MAX_VALUE, MAX_VALUE), neutral)

    def _columns(self, numbers: list[int], sentence: RuleText) -> tuple[Cell, ...]:
        """Steps that give all rows the same: a "*" cell for each caught word."""
        values: dict[int, float] = {}
        for number in numbers:
            step = self.steps[number]
            with _at_step(number):
                caught = step.words.caught(sentence).nonzero()[0].tolist()
            for word in caught:
                before = values.get(word, 0.0) if step.matrix == "beacon" else 0.0
                values[word] = max(-MAX_VALUE, min(before + step.amount.start, MAX_VALUE))
        return tuple(("*", word, value) for word, value in values.items())


def _neutral(name: str, reading: Reading, size: int) -> NDArray[np.float64]:
    if name == "marker" and reading == "product":
        return np.eye(size)
    return np.full((size, size), 0.0 if name == "beacon" else 1.0)


def _short(values: NDArray[np.float64], neutral: NDArray[np.float64]) -> tuple[Cell, ...]:
    """The cells that say a matrix: in each column those that differ from neutral, or a "*" cell
    and what differs from it, whichever is shorter."""
    middle = np.sort(values, axis=0)[len(values) // 2]  # what most of a column holds, if most agree
    starred = 1 + (values != middle).sum(axis=0) < (values != neutral).sum(axis=0)
    rows, columns = np.nonzero(values != np.where(starred, middle, neutral))
    stars: list[Cell] = [("*", word, middle[word].item()) for word in starred.nonzero()[0].tolist()]
    cells = zip(rows.tolist(), columns.tolist(), values[rows, columns].tolist(), strict=True)
    return (*stars, *cells)


@contextmanager
def _at_step(number: int) -> Iterator[None]:
    try:
        yield
    except RuleError as error:
        raise RuleError(f"step {number + 1}, {error}") from None
