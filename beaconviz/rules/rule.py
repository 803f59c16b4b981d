"""Rules: a design for any sentence, made of steps that each catch words and say what is done.

A step catches key words (columns), chooses query rows for each, and sets a beacon or a marker
there. Beacons of several steps add up; a marker of a later step wins. Steps on the same layers
and heads make one edit, others are stacked in order. What a rule looks like as YAML is read and
checked in `rules.file`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray

from beaconviz.core.design import Design
from beaconviz.core.edit import MATRICES, MAX_VALUE, Cell, Edit
from beaconviz.core.interventions import INTERVENTIONS, Reading
from beaconviz.rules.file import read_rule, write_rule
from beaconviz.rules.steps import Step
from beaconviz.rules.words import RuleError, RuleText

MAX_WORDS = 1_024  # of a sentence, for steps that choose rows: they hold a value for each pair


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
        """Reads a rule file, see `rules.file`; raises `RuleError` naming step and field."""
        return cls(*read_rule(text))

    def to_yaml(self) -> str:
        """The rule file; `from_yaml` gives the same rule back."""
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
    if name == "beacon":
        return np.zeros((size, size))
    return INTERVENTIONS[reading].neutral_rows(torch.arange(size), size).double().numpy()


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
