"""What an evaluation says: scores before and after, whether the change is more than chance, where
it comes from, and a verdict in words."""

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
_DISTANCES = ((1, 1), (2, 3), (4, 8), (9, None))  # words to what gives an entity away

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
        some = tuple(every[one.number] for one in judged)
        return cls(data, model, edit, len(every), some, judged)

    def tags(self, which: Which) -> list[tuple[str, ...]]:
        """The answers of one run, a BIO tag a word."""
        return [getattr(one, which) for one in self.judged]

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
        """How many sentences have another answer."""
        return sum(one.baseline != one.edited for one in self.judged)

    @property
    def left_alone(self) -> int:
        return sum(one.left_alone for one in self.judged)

    @property
    def cut(self) -> list[int]:
        """The numbers of the sentences longer than the model reads."""
        return [
            one.number
            for one, sentence in zip(self.judged, self.sentences, strict=True)
            if one.read < len(sentence.words)
        ]

    @property
    def verdict(self) -> str:
        """One or two sentences for people."""
        change, (low, high) = self.change, self.change.interval
        if not self.changed:
            return "The edit changes no answer."
        moved = f"micro F1 {self.baseline.f1:.3f} → {self.edited.f1:.3f} ({change.f1:+.3f}"
        moved += f", 95 % interval {low:+.3f} to {high:+.3f})"
        split = f"{len(self.fixed)} sentences fixed, {len(self.broken)} broken (p = {change.p:.2g})"
        if low > 0:
            said = "The edit helps"
        elif high < 0:
            said = "The edit hurts"
        else:
            said = "No difference that this much data can show"
        return f"{said}: {moved}; {split}."

    @cached_property
    def slices(self) -> pd.DataFrame:
        """Strict scores of parts of the data: `by`, `part`, how many entities, and F1 (of whole
        sentences, or of found and gold entities of one length) or, for the distance to what gives
        an entity away, recall; before, after, change."""
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
        place = next(i for i, one in enumerate(self.judged) if one.number == number)
        return " ".join(self.sentences[place].words)

    def score_rows(self) -> list[tuple[Any, ...]]:
        """A row a score, for tables: its name, precision, recall and F1 before and after."""
        before, after = self.baseline.to_dict(), self.edited.to_dict()
        pairs = [("strict micro", before, after)]
        pairs += [(name, before[name], after[name]) for name in ("macro", "partial", "type")]
        pairs += [
            (kind, row, after["types"].get(kind, {})) for kind, row in before["types"].items()
        ]
        parts = ("precision", "recall", "f1")
        return [
            (name, *(old[part] for part in parts), *(new.get(part, 0.0) for part in parts))
            for name, old, new in pairs
        ]

    def frame(self) -> pd.DataFrame:
        """A row a sentence: its number from 1, text, gold tags, both answers, what became of it."""
        fixed, broken = set(self.fixed), set(self.broken)
        rows = [
            {
                "sentence": one.number + 1,
                "text": " ".join(sentence.words),
                "gold": " ".join(sentence.tags),
                "baseline": " ".join(one.baseline),
                "edited": " ".join(one.edited),
                "became": "fixed"
                if one.number in fixed
                else "broken"
                if one.number in broken
                else "changed"
                if one.baseline != one.edited
                else "",
            }
            for one, sentence in zip(self.judged, self.sentences, strict=True)
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
            one.number for one, gold in pairs if chosen(one.baseline == gold, one.edited == gold)
        ]

    def _by_length(self) -> Iterable[tuple[Any, ...]]:
        sizes = np.array([len(sentence.words) for sentence in self.sentences])
        tables = [counts(self.gold, self.tags(which)) for which in ("baseline", "edited")]
        for name, inside in _parts(sizes, _LENGTHS):
            if inside.any():
                sums = [table[inside].sum(axis=0) for table in tables]
                f1 = [float(micro_f1(*one)) for one in sums]
                yield ("words in the sentence", name, "F1", int(sums[0][2]), *f1)

    def _by_span(self) -> Iterable[tuple[Any, ...]]:
        gold = _spans(self.gold)
        found = [_spans(self.tags(which)) for which in ("baseline", "edited")]
        for name, low, high in _named(_SPANS):
            fits = {e for e in gold if low <= e[3] - e[2] + 1 <= high}
            if not fits:
                continue
            said = [{e for e in some if low <= e[3] - e[2] + 1 <= high} for some in found]
            f1 = [2 * len(some & fits) / (len(some) + len(fits)) for some in said]
            yield ("words in the entity", name, "F1", len(fits), *f1)

    def _by_distance(self) -> Iterable[tuple[Any, ...]]:
        found = [_spans(self.tags(which)) for which in ("baseline", "edited")]
        away: dict[Span, int] = {}
        for row, (gold, one) in enumerate(zip(self.gold, self.judged, strict=True)):
            for entity, distance in zip(get_entities(list(gold)), one.giveaways, strict=True):
                if distance is not None:
                    away[(row, *entity)] = distance
        for name, low, high in _named(_DISTANCES):
            fits = {entity for entity, distance in away.items() if low <= distance <= high}
            if fits:
                recall = [len(some & fits) / len(fits) for some in found]
                yield ("words to what gives it away", name, "recall", len(fits), *recall)


def _spans(tags: Sequence[Sequence[str]]) -> set[Span]:
    """Every entity as (sentence, type, first word, last word)."""
    return {(row, *entity) for row, some in enumerate(tags) for entity in get_entities(list(some))}


def _named(bins: Bins) -> Iterable[tuple[str, int, float]]:
    for low, high in bins:
        name = f"{low}+" if high is None else f"{low}" if low == high else f"{low}–{high}"
        yield name, low, float("inf") if high is None else high


def _parts(sizes: NDArray[np.float64], bins: Bins) -> Iterable[tuple[str, NDArray[np.bool_]]]:
    for name, low, high in _named(bins):
        yield name, (sizes >= low) & (sizes <= high)
