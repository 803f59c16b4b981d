"""Rules: a design for any sentence, made of steps that each match words and edit them.

    beaconviz-rule: 1
    name: Names look at names nearby
    about: What it is for, in a line
    reading: product            # or gate, or mask
    steps:                      # one or more
      - words: {shape: title}   # the words caught; left out, every word
        rows: {within: 3}       # for which rows; left out, all
        beacon: 6               # or marker: a number, or an object that goes by distance
        layers: [3, 4, 5]       # left out, all
        heads: all

A step catches key words (columns), chooses query rows for each, and sets a beacon or a marker
there. Beacons of several steps add up; a marker of a later step wins. Steps on the same layers
and heads make one edit, others are stacked in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

import numpy as np
import regex
import torch
from numpy.typing import NDArray
from pydantic import Field

from beaconviz.core.design import Design
from beaconviz.core.edit import MATRICES, MAX_VALUE, Cell, Edit
from beaconviz.core.interventions import INTERVENTIONS, Reading
from beaconviz.core.schema import Many, Schema, check_version, read_as
from beaconviz.rules.fields import Text
from beaconviz.rules.plain_yaml import dump_yaml, load_yaml
from beaconviz.rules.steps import Step
from beaconviz.rules.words import RuleError, RuleText

VERSION = 1
MAX_STEPS = 100
_STEP = regex.compile(r"^steps\[(\d+)\](\.)?")
MAX_WORDS = 1_024  # of a sentence, for steps that choose rows and need a value per pair of words


class Rule(Schema):
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

    version: int = Field(default=VERSION, alias="beaconviz-rule")
    name: Text = Field(description="a text")
    about: Text = ""
    reading: Reading = "product"
    steps: Many[Step] = Field(min_length=1, max_length=MAX_STEPS, description="a list of steps")

    @classmethod
    def from_yaml(cls, text: str) -> Rule:
        """Reads a rule file.

        Raises:
            RuleError: not YAML, not a rule, or an invalid field; names step and field.
        """
        data = load_yaml(text)
        check_version(data, "beaconviz-rule", VERSION, "the rule", RuleError)
        try:
            rule = read_as(cls, data, "the rule", RuleError)
        except RuleError as error:
            raise RuleError(_STEP.sub(_step_name, str(error))) from None
        _check_markers(rule)
        return rule

    def to_yaml(self) -> str:
        """The rule file, without what is left out; `from_yaml` gives the same rule back."""
        data = self.model_dump(by_alias=True, exclude_unset=True)
        data["steps"] = [
            {name: value for name, value in step.items() if value != {}} for step in data["steps"]
        ]  # {} means all words or all rows, which is the default
        return dump_yaml({"beaconviz-rule": VERSION, **data})

    def design(self, words: Sequence[str]) -> Design:
        """The rule's design over these words; neutral if no step matches a word.

        Raises:
            RuleError: a regular expression that takes too long, or more than 1,024 words for steps
                that choose rows.
        """
        sentence = RuleText(tuple(words))
        edits = [self._edit(group, sentence) for group in self._groups]
        return Design(
            sentence.words, tuple(e for e in edits if e.marker or e.beacon), reading=self.reading
        )

    def caught(self, words: Sequence[str]) -> tuple[tuple[int, ...], ...]:
        """The numbers of the words that each step matches; raises as `design`."""
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
        """Steps with one value for all rows: a "*" cell for each matched word."""
        values: dict[int, float] = {}
        for number in numbers:
            step = self.steps[number]
            with _at_step(number):
                caught = step.words.caught(sentence).nonzero()[0].tolist()
            for word in caught:
                before = values.get(word, 0.0) if step.matrix == "beacon" else 0.0
                values[word] = max(-MAX_VALUE, min(before + step.amount.start, MAX_VALUE))
        return tuple(("*", word, value) for word, value in values.items())


def _step_name(match: regex.Match[str]) -> str:
    """Steps are counted from 1, as on the page."""
    return f"step {int(match[1]) + 1}{', ' if match[2] else ''}"


def _check_markers(rule: Rule) -> None:
    values = INTERVENTIONS[rule.reading].values
    for number, step in enumerate(rule.steps, 1):
        if step.marker is None or values is None:
            continue
        if not (step.marker.is_constant and step.marker.start in values):
            marker = (
                f"{step.marker.start:g}" if step.marker.is_constant else "a function of distance"
            )
            allowed = " or ".join(f"{value:g}" for value in values)
            raise RuleError(
                f"step {number}, marker is {marker}; in the {rule.reading} reading a marker is {allowed}"
            )


def _neutral(name: str, reading: Reading, size: int) -> NDArray[np.float64]:
    if name == "beacon":
        return np.zeros((size, size))
    return INTERVENTIONS[reading].neutral_rows(torch.arange(size), size).double().numpy()


def _short(values: NDArray[np.float64], neutral: NDArray[np.float64]) -> tuple[Cell, ...]:
    """The shortest list of cells for a matrix: in each column the cells that differ from neutral,
    or a "*" cell and the cells that differ from it."""
    middle = np.sort(values, axis=0)[
        len(values) // 2
    ]  # the majority value of a column, if there is one
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
