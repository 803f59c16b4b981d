"""Text classification: the classes of a whole text, or a number for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import ClassVar, Self

import pandas as pd
import torch
from torch import Tensor
from transformers import AutoModelForSequenceClassification

from beaconviz.models.tasks.base import Output, Scale, Task
from beaconviz.models.tasks.values import Bar, Bars, Change, Shown, Statement, Table

SHOWN = 3  # the number of top classes of each run that are shown


class ClassOutput(Output):
    """logits: Float[Tensor, "class"]."""

    lacks: ClassVar[str] = "names no class"
    task_names: ClassVar[str] = "text-classification"

    @property
    def noun(self) -> str:
        return "class"

    @cached_property
    def scores(self) -> Tensor:
        """Float[Tensor, "class"]: the probability of each class, by a softmax; by a sigmoid each
        where a text may have several classes; the numbers themselves for regression."""
        logits = self.logits.float().cpu()
        if self.model.classing == "one":
            return torch.softmax(logits, dim=-1)
        return torch.sigmoid(logits) if self.model.classing == "several" else logits

    def changes(self, edited: Self) -> list[Change]:
        """Another most likely class; of several classes those that cross ½; a number to two
        digits."""
        return [self._change(*side) for side in self._sides(edited) if side[1] != side[2]]

    def _sides(self, edited: Self) -> Iterator[tuple[str, str, str, float, float]]:
        """Each item that may change: its name, and its values and scores before and after."""
        names, old, new = self.model.classes, self.scores.tolist(), edited.scores.tolist()
        if self.model.classing == "one":
            before, after = (scores.index(max(scores)) for scores in (old, new))
            yield "class", names[before], names[after], old[before], new[after]
            return
        spelled = _number if self.model.classing == "numbers" else _yes
        for name, was, now in zip(names, old, new, strict=True):
            yield name, spelled(was), spelled(now), was, now

    def shown(self, edited: Self, changes: Sequence[Change], *, neutral: bool) -> list[Shown]:
        """The classes with the highest scores, in the order of the edited run."""
        frame = self._frame(edited)
        shown = frame[frame[["rank_baseline", "rank_edited"]].min(axis=1) <= SHOWN]
        bars = [
            Bar(
                name=row["class"],
                before=row["baseline"],
                after=row["edited"],
                ranks=(row["rank_baseline"], row["rank_edited"]),
            )
            for row in shown.to_dict("records")
        ]
        numbers = self.model.classing == "numbers"
        values = [0.0, *shown["baseline"], *shown["edited"]]
        limits = (min(values), max(values)) if numbers and any(values) else (0.0, 1.0)
        return [Bars(bars, limits, 2 if numbers else None, len(frame) - len(shown))]

    def tables(self, edited: Self, count: int | None = None) -> list[Table]:
        """A row for each class, the highest after the edit first: its score (a probability, or the
        number itself) and its rank (from 1) before and after."""
        return [
            Table(
                name="classes",
                title="Classes",
                caption="The probability of each class, before and after the edit.",
                headings=("class", "score", "edited", "change", "rank", "edited"),
                frame=self._frame(edited)[:count],
                probabilities=self.model.classing != "numbers",
            )
        ]

    def _frame(self, edited: Self) -> pd.DataFrame:
        old, new = self.scores.tolist(), edited.scores.tolist()
        frame = pd.DataFrame({"class": self.model.classes, "baseline": old, "edited": new})
        frame["change"] = frame["edited"] - frame["baseline"]
        for name in ("baseline", "edited"):
            frame[f"rank_{name}"] = frame[name].rank(ascending=False, method="first").astype(int)
        return frame.sort_values("rank_edited", ignore_index=True)

    @property
    def scale(self) -> Scale:
        return "numbers" if self.model.classing == "numbers" else "probabilities"

    def measured_tokens(self) -> None:
        return None

    def measured(self, logits: Tensor) -> Tensor:
        logits = logits.double()
        if self.model.classing != "several":
            return logits[:, None]
        return torch.stack(
            [logits, torch.zeros_like(logits)], dim=-1
        )  # each class is a choice of yes or no

    def statements(self, query: Tensor | None = None) -> list[Statement]:
        """The most likely class."""
        best, classing = int(self.logits.argmax()), self.model.classing

        def score(logits: Tensor) -> Tensor:
            if classing == "numbers":
                return logits[:, best]
            if classing == "several":
                return torch.sigmoid(logits[:, best])
            return torch.softmax(logits, dim=-1)[:, best]

        numbers = classing == "numbers"
        last = len(self.tokens) - 1
        places = {"first": (0,), "last": (last,), "all": (), "decoder": ()}
        asking = places[self.model.class_token]
        # A decoder that reads the text again gives the class at its last position, whose input is
        # the token before.
        read = (last - 1,) if self.model.class_token == "decoder" else asking
        words = [self.tokens.word_of[place] for place in read]
        return [
            Statement(
                name=self.model.classes[best],
                unit="its number" if numbers else "probability",
                asking=asking or None,
                about=tuple(word for word in words if word is not None),
                value=lambda logits, seen: score(logits),
                slope=lambda logits: score(logits) if numbers else score(logits).log(),
            )
        ]


def _yes(probability: float) -> str:
    return "yes" if probability >= 0.5 else "no"


def _number(value: float) -> str:
    return f"{value:.2f}"


CLASSES = Task(
    name="text-classification",
    auto=AutoModelForSequenceClassification,
    endings=("ForSequenceClassification",),
    output=ClassOutput,
    answer="a class of the text",
    second="joint",
    labelled="texts",
)
