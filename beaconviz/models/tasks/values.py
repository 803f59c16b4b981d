"""The values that an output gives: changes, tables, values to draw, and statements.

They are plain values: code that shows one looks at its class, never at the task it came from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd
from torch import Tensor

from beaconviz.models.generation import Generation
from beaconviz.models.tasks.answers import Answer
from beaconviz.models.tasks.entities import Entity
from beaconviz.models.tasks.rewrites import Rewrite


@dataclass(frozen=True)
class Change:
    """An output of one run that the other lacks or has with another value.

    `text` is the part of the input from `start` to `end` that it belongs to: a name or a mask. For
    the whole input it is "class", "answer", "cosine" or "text". `before` and `after` are the values
    (for a name, its label); None where a run has none.
    """

    text: str
    start: int
    end: int
    before: str | None
    after: str | None
    score_before: float | None
    score_after: float | None

    def __str__(self) -> str:
        return f"{self.text} {self.before or 'none'} → {self.after or 'none'}"


@dataclass(frozen=True, eq=False)
class Table:
    """Rows before and after, in the columns `baseline` and `edited`.

    Attributes:
        name: its key in JSON. title: its heading. caption: its contents, in a sentence.
        headings: column headings in the terminal.
        probabilities: whether `baseline` and `edited` are probabilities.
    """

    name: str
    title: str
    caption: str
    headings: tuple[str, ...]
    frame: pd.DataFrame
    probabilities: bool = True


@dataclass(frozen=True, eq=False)
class LabelTable:
    """A row per word: its tag and the probability of every label, in columns that end in
    `_baseline` and `_edited`."""

    title: str
    labels: tuple[str, ...]
    frame: pd.DataFrame


@dataclass(frozen=True)
class Note:
    """A sentence to show where there is no result."""

    text: str


@dataclass(frozen=True)
class Fall:
    """A word, and its label, whose probability fell most."""

    word: str
    label: str
    before: float
    after: float


@dataclass(frozen=True)
class MarkedText:
    """A text with names marked in it, before and after.

    fall: the largest fall of a probability under an edit that changed nothing; None without an
        edit, or where it changed names.
    """

    text: str
    before: Sequence[Entity]
    after: Sequence[Entity]
    changes: Sequence[Change] = ()
    fall: Fall | None = None


@dataclass(frozen=True)
class Bar:
    """A name with its number before and after (None where there is no second run).

    note: a further remark. ranks: before and after, from 1.
    """

    name: str
    before: float
    after: float | None = None
    note: str = ""
    ranks: tuple[int, int] = (1, 1)


@dataclass(frozen=True)
class Bars:
    """Numbers before and after, on one scale.

    limits: the ends of the scale. digits: decimal places; None for probabilities.
    lower: the number of lower bars that are not shown.
    """

    bars: Sequence[Bar]
    limits: tuple[float, float] = (0.0, 1.0)
    digits: int | None = None
    lower: int = 0


@dataclass(frozen=True)
class MarkedAnswer:
    """A passage, and the best answer in it before and after; None where there is none."""

    passage: str
    before: Answer | None
    after: Answer | None
    changed: bool


@dataclass(frozen=True, eq=False)
class RankedWords:
    """The most likely words at each position where the model predicts one, as in the table of
    guesses."""

    frame: pd.DataFrame


@dataclass(frozen=True, eq=False)
class GeneratedTexts:
    """The texts generated before and after, and their differences.

    spell: gives a token of the vocabulary as text.
    """

    before: Generation
    after: Generation
    rewrites: Sequence[Rewrite]
    spell: Callable[[int], str]


Shown = Note | MarkedText | Bars | MarkedAnswer | RankedWords | GeneratedTexts
Printed = Table | Note | MarkedText | GeneratedTexts


@dataclass(frozen=True, eq=False)
class Statement:
    """One thing that a model says of a text, as a number that an explanation can be about.

    Attributes:
        name, unit: the statement in words, and the unit of `value`.
        asking: the query tokens that make the statement; None for all tokens.
        about: the words that it is about, which are never hidden.
        value: computes the value, Float["sample"], a probability or a cosine, from the logits and
            the visible tokens, Bool["sample token"].
        slope: computes the number whose gradient is taken, Float["sample"], from the logits: a log
            probability, which does not saturate where the model is sure, or a dot product.
    """

    name: str
    unit: str
    asking: tuple[int, ...] | None
    about: tuple[int, ...]
    value: Callable[[Tensor, Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]
