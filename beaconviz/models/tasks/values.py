"""What an output gives to others: what changed, tables, values to draw, and what is explained.

Plain values, so that whoever shows one asks for its kind, and never for the task it came from.
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

    `text` is the part of the input at `start` and `end` that it belongs to: a name or a mask; of
    the whole input it is "class", "answer", "cosine" or "text". `before` and `after` are the values
    (of a name, its label), None where a run has none.
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
        name: in JSON. title: over the table. caption: what is in it, in a sentence.
        headings: of the columns, in the terminal.
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
    """A sentence, where there is nothing else to show."""

    text: str


@dataclass(frozen=True)
class Fall:
    """A word, and the label of it that lost most of its probability."""

    word: str
    label: str
    before: float
    after: float


@dataclass(frozen=True)
class MarkedText:
    """A text with names marked in it, before and after.

    fall: how close an edit without changes came; None without an edit, or where it changed names.
    """

    text: str
    before: Sequence[Entity]
    after: Sequence[Entity]
    changes: Sequence[Change] = ()
    fall: Fall | None = None


@dataclass(frozen=True)
class Bar:
    """A name, its number before and after (None where there is no after), and what else there is to
    say of it.

    ranks: before and after, from 1.
    """

    name: str
    before: float
    after: float | None = None
    note: str = ""
    ranks: tuple[int, int] = (1, 1)


@dataclass(frozen=True)
class Bars:
    """Numbers before and after, on one scale.

    limits: the numbers at the scale's ends. digits: after the point; None for probabilities.
    lower: how many others there are, which are not shown.
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
    """The likeliest words at each place of the text where one is asked for, as the table of
    guesses has them."""

    frame: pd.DataFrame


@dataclass(frozen=True, eq=False)
class GeneratedTexts:
    """What was generated before and after, and where it differs.

    spell: a token of the vocabulary as text.
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
        name, unit: what, in words, and what `value` is counted in.
        asking: the tokens where the model says it; None where all of them speak.
        about: the words that it is about, which are never taken away.
        value: of logits as `out_of_sight` gives them and the tokens that were seen,
            Bool["sample token"], Float["sample"]: a probability, or a cosine.
        slope: what gradients are taken of, Float["sample"] of logits: a log probability, which does
            not flatten where the model is sure; or a dot product.
    """

    name: str
    unit: str
    asking: tuple[int, ...] | None
    about: tuple[int, ...]
    value: Callable[[Tensor, Tensor], Tensor]
    slope: Callable[[Tensor], Tensor]
