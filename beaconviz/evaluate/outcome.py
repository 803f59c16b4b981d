"""The result of an evaluation: scores before and after, the significance of the change, scores by
parts of the data, and a verdict in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from seqeval.metrics.sequence_labeling import get_entities

from beaconviz.data.conll import Sentence
from beaconviz.evaluate.judge import Judged
from beaconviz.evaluate.scores import Scores, score
from beaconviz.evaluate.statistics import counts, f1_change_interval, mcnemar, micro_f1

Which = Literal["baseline", "edited"]

_LENGTHS = ((1, 10), (11, 20), (21, 40), (41, None))  # words of a sentence
_SPANS = ((1, 1), (2, 2), (3, 3), (4, None))  # words of an entity
_DISTANCES = ((1, 1), (2, 3), (4, 8), (9, None))  # words to an entity's giveaway

Bins = Sequence[tuple[int, int | None]]
Span = tuple[int, str, int, int]  # sentence, type, first word, last word


@dataclass(frozen=True)
class ScoreChange:
    """The change in strict micro F1: its 95 % interval, and McNemar's p over sentences."""

    f1: float
    interval: tuple[float, float]
    p: float


@dataclass(frozen=True)
class Outcome:
    """The answers to the sentences judged so far.

    data, model, edit: what was evaluated, in words; total: sentences in the data.
    """

    data: str
    model: str
    edit: str
    total: int
    sentences: tuple[Sentence, ...]
    judged: tuple[Judged, ...]  # of each of `sentences`

    @classmethod
    def of(
        cls, data: str, model: str, edit: str, every: Sequence[Sentence], done: Mapping[int, Judged]
    ) -> Outcome:
        """The outcome of the sentences of `every` that are done."""
        judged = tuple(done[number] for number in sorted(done))
        sentences = tuple(every[answers.number] for answers in judged)
        return cls(data, model, edit, len(every), sentences, judged)

    def tags(self, which: Which) -> list[tuple[str, ...]]:
        """The answers of the baseline or the edited model: one BIO tag per word."""
        return [getattr(answers, which) for answers in self.judged]

    @property
    def gold(self) -> list[tuple[str, ...]]:
        return [sentence.tags for sentence in self.sentences]

    @cached_property
    def baseline(self) -> Scores:
        return score(self.gold, self.tags("baseline"))

    @cached_property
    def edited(self) -> Scores:
        return score(self.gold, self.tags("edited"))

    @cached_property
    def change(self) -> ScoreChange:
        before, after = (counts(self.gold, self.tags(w)) for w in ("baseline", "edited"))
        return ScoreChange(
            self.edited.f1 - self.baseline.f1,
            f1_change_interval(before, after),
            mcnemar(len(self.fixed), len(self.broken)),
        )

    @cached_property
    def fixed(self) -> list[int]:
        """The numbers of the sentences that only the edited run gets all right."""
        return self._where(lambda before, after: after and not before)

    @cached_property
    def broken(self) -> list[int]:
        """The numbers of the sentences that only the baseline gets all right."""
        return self._where(lambda before, after: before and not after)

    @property
    def changed(self) -> int:
        """How many sentences have another answer after the edit."""
        return sum(answers.baseline != answers.edited for answers in self.judged)

    @property
    def left_alone(self) -> int:
        return sum(answers.left_alone for answers in self.judged)

    @property
    def cut(self) -> list[int]:
        """The numbers of the sentences longer than the model reads."""
        return [
            answers.number
            for answers, sentence in zip(self.judged, self.sentences, strict=True)
            if answers.read < len(sentence.words)
        ]

    @property
    def verdict(self) -> str:
        """The change, its interval and its p in one sentence."""
        change, (low, high) = self.change, self.change.interval
        if not self.changed:
            return "The edit changes no answer."
        scores = f"micro F1 {self.baseline.f1:.3f} → {self.edited.f1:.3f} ({change.f1:+.3f}"
        scores += f", 95 % interval {low:+.3f} to {high:+.3f})"
        sentences = (
            f"{len(self.fixed)} sentences fixed, {len(self.broken)} broken (p = {change.p:.2g})"
        )
        if low > 0:
            finding = "The edit helps"
        elif high < 0:
            finding = "The edit hurts"
        else:
            finding = "No difference that this much data can show"
        return f"{finding}: {scores}; {sentences}."

    @cached_property
    def slices(self) -> pd.DataFrame:
        """Strict scores of parts of the data, a row a part.

        Columns: `by` and `part` name the part; `measure` is F1 for lengths of sentences and of
        entities, and recall for the distance to an entity's giveaway; `entities` is the number of
        gold entities; then `baseline`, `edited` and `change`.
        """
        rows = [*self._by_length(), *self._by_span(), *self._by_distance()]
        names = ["by", "part", "measure", "entities", "baseline", "edited"]
        frame = pd.DataFrame(rows, columns=names)
        return frame.assign(change=frame["edited"] - frame["baseline"])

    @property
    def remarks(self) -> list[str]:
        """What a reader of the scores should know."""
        lines = []
        if len(self.sentences) < self.total:
            lines.append(f"Stopped early: {len(self.sentences)} of {self.total} sentences.")
        if self.left_alone:
            lines.append(f"{self.left_alone} sentences were left alone: nothing to edit in them.")
        if self.cut:
            lines.append(
                f"{len(self.cut)} sentences are longer than the model reads; the words beyond "
                'count as "O".'
            )
        return lines

    def text(self, number: int) -> str:
        """The words of a sentence of the data, by its number there."""
        place = next(i for i, answers in enumerate(self.judged) if answers.number == number)
        return " ".join(self.sentences[place].words)

    def score_rows(self) -> list[tuple[Any, ...]]:
        """A row a score, for tables: its name, precision, recall and F1 before and after."""
        before, after = self.baseline.to_dict(), self.edited.to_dict()
        pairs = [("strict micro", before, after)]
        pairs += [(name, before[name], after[name]) for name in ("macro", "partial", "type")]
        pairs += [
            (kind, row, after["types"].get(kind, {})) for kind, row in before["types"].items()
        ]
        measures = ("precision", "recall", "f1")
        return [
            (name, *(old[key] for key in measures), *(new.get(key, 0.0) for key in measures))
            for name, old, new in pairs
        ]

    def frame(self) -> pd.DataFrame:
        """A row a sentence: number from 1, text, gold tags, both answers, and `became`: "fixed",
        "broken", "changed" or empty."""
        fixed, broken = set(self.fixed), set(self.broken)
        rows = [
            {
                "sentence": answers.number + 1,
                "text": " ".join(sentence.words),
                "gold": " ".join(sentence.tags),
                "baseline": " ".join(answers.baseline),
                "edited": " ".join(answers.edited),
                "became": "fixed"
                if answers.number in fixed
                else "broken"
                if answers.number in broken
                else "changed"
                if answers.baseline != answers.edited
                else "",
            }
            for answers, sentence in zip(self.judged, self.sentences, strict=True)
        ]
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as `beaconviz evaluate --json` prints it."""
        return {
            "data": self.data,
            "model": self.model,
            "edit": self.edit,
            "sentences": len(self.sentences),
            "of": self.total,
            "left_alone": self.left_alone,
            "cut": self.cut,
            "baseline": self.baseline.to_dict(),
            "edited": self.edited.to_dict(),
            "change": {
                "f1": self.change.f1,
                "interval": list(self.change.interval),
                "p": self.change.p,
            },
            "fixed": self.fixed,
            "broken": self.broken,
            "slices": self.slices.to_dict("records"),
            "verdict": self.verdict,
            "remarks": self.remarks,
        }

    def _where(self, chosen: Callable[[bool, bool], bool]) -> list[int]:
        pairs = zip(self.judged, self.gold, strict=True)
        return [
            answers.number
            for answers, gold in pairs
            if chosen(answers.baseline == gold, answers.edited == gold)
        ]

    def _by_length(self) -> Iterable[tuple[Any, ...]]:
        sizes = np.array([len(sentence.words) for sentence in self.sentences])
        tables = [counts(self.gold, self.tags(which)) for which in ("baseline", "edited")]
        for name, inside in _in_bins(sizes, _LENGTHS):
            if inside.any():
                sums = [table[inside].sum(axis=0) for table in tables]
                f1 = [float(micro_f1(*total)) for total in sums]
                yield ("words in the sentence", name, "F1", int(sums[0][2]), *f1)

    def _by_span(self) -> Iterable[tuple[Any, ...]]:
        gold = _spans(self.gold)
        predictions = [_spans(self.tags(which)) for which in ("baseline", "edited")]
        for name, low, high in _bin_names(_SPANS):
            gold_in_bin = {e for e in gold if low <= e[3] - e[2] + 1 <= high}
            if not gold_in_bin:
                continue
            predicted_in_bin = [
                {e for e in predicted if low <= e[3] - e[2] + 1 <= high}
                for predicted in predictions
            ]
            f1 = [
                2 * len(predicted & gold_in_bin) / (len(predicted) + len(gold_in_bin))
                for predicted in predicted_in_bin
            ]
            yield ("words in the entity", name, "F1", len(gold_in_bin), *f1)

    def _by_distance(self) -> Iterable[tuple[Any, ...]]:
        predictions = [_spans(self.tags(which)) for which in ("baseline", "edited")]
        distances: dict[Span, int] = {}
        for row, (gold, answers) in enumerate(zip(self.gold, self.judged, strict=True)):
            for entity, distance in zip(get_entities(list(gold)), answers.giveaways, strict=True):
                if distance is not None:
                    distances[(row, *entity)] = distance
        for name, low, high in _bin_names(_DISTANCES):
            gold_in_bin = {
                entity for entity, distance in distances.items() if low <= distance <= high
            }
            if gold_in_bin:
                recall = [
                    len(predicted & gold_in_bin) / len(gold_in_bin) for predicted in predictions
                ]
                yield ("words to what gives it away", name, "recall", len(gold_in_bin), *recall)


def _spans(tags: Sequence[Sequence[str]]) -> set[Span]:
    """Every entity as (sentence, type, first word, last word)."""
    return {
        (row, *entity)
        for row, sentence_tags in enumerate(tags)
        for entity in get_entities(list(sentence_tags))
    }


def _bin_names(bins: Bins) -> Iterable[tuple[str, int, float]]:
    for low, high in bins:
        name = f"{low}+" if high is None else f"{low}" if low == high else f"{low}–{high}"
        yield name, low, float("inf") if high is None else high


def _in_bins(sizes: NDArray[np.float64], bins: Bins) -> Iterable[tuple[str, NDArray[np.bool_]]]:
    for name, low, high in _bin_names(bins):
        yield name, (sizes >= low) & (sizes <= high)
