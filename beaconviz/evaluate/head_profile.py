"""Which heads an edit should act on: PASTA's profiling over a data set.

Steering all heads often hurts (Zhang et al. 2023, arXiv 2311.02262, §4). Each head is tried alone
on one half of the sentences. On the other half the best k heads are tried together, and compared
with k random heads and with all heads.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import nan
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

from beaconviz.analysis.scan import at_heads
from beaconviz.core.design import Design
from beaconviz.core.errors import BeaconvizError
from beaconviz.data.conll import Sentence
from beaconviz.evaluate.judge import (
    BATCH,
    DesignFor,
    design_or_none,
    readable,
    word_numbers,
    word_tags,
)
from beaconviz.evaluate.statistics import counts as counted
from beaconviz.evaluate.statistics import f1_change_interval, micro_f1
from beaconviz.models.model import Model
from beaconviz.runs.execute import tag_batch

Head = tuple[int, int]  # layer, head
Table = NDArray[np.int64]  # (sentence, 3), as `statistics.counts` gives it
RIVALS = ("the untouched model", "all heads", "random heads")
DRAWS = 3  # random choices of heads for each k
LEAST = 4  # sentences
FEW = 30  # sentences held out


@dataclass(frozen=True)
class Point:
    """Strict micro F1 on the held-out half with k heads: the best, and random ones (each draw).

    over: the F1 of the best k minus that of the untouched model, of all heads, and of random heads
        (all draws pooled): 95 % intervals.
    """

    k: int
    best: float
    random: tuple[float, ...]
    over: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Profile:
    """What each head does alone, and how much the best ones do together.

    Attributes:
        alone: strict micro F1 of each head alone, on the first half.
        tried: the baseline's F1 on that half.
        held_out: the baseline's F1 on the held-out half; nan until it is measured.
        every: F1 on the held-out half with all heads edited; nan until it is measured.
        curve: F1 on the held-out half against the number of heads.
        size: sentences held out.
    """

    alone: Mapping[Head, float]
    tried: float
    size: int
    held_out: float = nan
    every: float = nan
    curve: tuple[Point, ...] = ()

    def ranked(self) -> list[Head]:
        """All heads, the most useful first; equals in the model's order."""
        return sorted(self.alone, key=lambda head: (-self.alone[head], head))

    def best(self, k: int) -> dict[int, tuple[int, ...]]:
        """The best k heads, as the `heads` of a design or a rule."""
        return as_heads(self.ranked()[:k])

    @cached_property
    def top(self) -> Point:
        """The highest point of the curve; of equals the one with the fewest heads."""
        return max(self.curve, key=lambda point: point.best)

    @property
    def flat(self) -> bool:
        """Whether every choice of heads leaves the score on the held-out half as it was."""
        scores = [score for point in self.curve for score in (point.best, *point.random)]
        return all(score == self.held_out for score in (self.every, *scores))

    @property
    def rivals(self) -> dict[str, float]:
        """What the best heads are compared with, and the F1 of each on the held-out half."""
        random_heads = mean(self.top.random)
        return dict(zip(RIVALS, (self.held_out, self.every, random_heads), strict=True))

    @property
    def verdict(self) -> str:
        """What the best heads did on the held-out half, as an English sentence."""
        if self.flat:
            unchanged = f"it stays at {self.held_out:.3f}"
            return f"No choice of heads that was tried changes the held-out score: {unchanged}."
        k, over = self.top.k, self.top.over
        best = "the best head alone" if k == 1 else f"the best {k} heads"
        better = [name for name, (low, _) in over.items() if low > 0]
        worse = [name for name, (_, high) in over.items() if high < 0]
        undecided = [name for name in over if name not in (*better, *worse)]
        if len(undecided) == len(over):
            return f"No clear difference between {best} and {_listed(undecided, 'or')}."
        findings = [f"better than {_listed(better, 'and')}"] if better else []
        findings += [f"worse than {_listed(worse, 'and')}"] if worse else []
        unclear = f"; no clear difference from {_listed(undecided, 'or')}" if undecided else ""
        return f"{best.capitalize()} did {' and '.join(findings)}{unclear}."

    @property
    def remarks(self) -> list[str]:
        """What a reader of the verdict should know."""
        lines = []
        if self.curve and not self.flat:
            lines.append(f"Random heads: {DRAWS} random choices of as many heads.")
            lines.append(
                f"The number {self.top.k} was chosen by its score on the held-out half, so that "
                "score is optimistic."
            )
        if self.size < FEW:
            lines.append(f"Only {self.size} sentences are held out: too few to rely on.")
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Plain data: `baseline`, `every`, `heads` ranked, the `curve`, and what it says."""
        return {
            "baseline": {"tried": self.tried, "held_out": self.held_out},
            "every": self.every,
            "held_out_sentences": self.size,
            "heads": [
                {"layer": layer, "head": head, "f1": self.alone[layer, head]}
                | {"change": self.alone[layer, head] - self.tried}
                for layer, head in self.ranked()
            ],
            "curve": [
                {"k": point.k, "best": point.best, "random": list(point.random)}
                | {"over": {name: list(interval) for name, interval in point.over.items()}}
                for point in self.curve
            ],
            "verdict": self.verdict if self.curve else "",
            "remarks": self.remarks,
        }


@dataclass(frozen=True)
class Progress:
    """How many of the `total` passes over half of the data are done, and the profile so far.

    The profile has the scores of all single heads before the first point of its curve.
    """

    done: int
    total: int
    profile: Profile


def as_heads(heads: Sequence[Head]) -> dict[int, tuple[int, ...]]:
    """Heads as a map from layer to heads.

    >>> as_heads([(4, 7), (1, 0), (4, 2)])
    {1: (0,), 4: (2, 7)}
    """
    layers = sorted({layer for layer, _ in heads})
    return {layer: tuple(sorted(h for at, h in heads if at == layer)) for layer in layers}


def profile(
    model: Model,
    sentences: Sequence[Sentence],
    design_for: DesignFor,
    *,
    counts: Sequence[int] = (1, 2, 4, 8, 16, 32),
    batch_size: int = BATCH,
    seed: int = 0,
) -> Iterator[Progress]:
    """Tries each head alone, then the best k together; the last step holds the whole profile.

    Takes layers × heads passes over one half of the sentences, and four for each k over the other.
    The layers and heads that the design itself names are ignored.

    Raises:
        BeaconvizError: fewer than four sentences.
    """
    if len(sentences) < LEAST:
        raise BeaconvizError(f"found {len(sentences)} sentences; a profile takes at least {LEAST}")
    numbers = list(range(len(sentences)))
    rng = random.Random(seed)
    rng.shuffle(numbers)
    middle = (len(numbers) + 1) // 2
    first, second = (
        _Half(model, [sentences[n] for n in half], design_for, batch_size)
        for half in (numbers[:middle], numbers[middle:])
    )
    heads = [(layer, head) for layer in range(model.layers) for head in range(model.heads)]
    counts = [k for k in counts if k < len(heads)]
    total = len(heads) + len(counts) * (1 + DRAWS) + 3  # the baseline twice, and all heads once
    so_far = Profile({}, _f1(first.counts([])), len(numbers) - middle)
    done = 1
    for head in heads:
        alone = {**so_far.alone, head: _f1(first.counts([head]))}
        so_far, done = replace(so_far, alone=alone), done + 1
        yield Progress(done, total, so_far)
    ranked = so_far.ranked()
    baseline, every = second.counts([]), second.counts(heads)
    so_far, done = replace(so_far, held_out=_f1(baseline), every=_f1(every)), done + 2
    for k in counts:
        tables = []
        for chosen in (*(rng.sample(heads, k) for _ in range(DRAWS)), ranked[:k]):
            tables.append(second.counts(chosen))
            done += 1
            yield Progress(done, total, so_far)
        so_far = replace(so_far, curve=(*so_far.curve, _point(k, baseline, every, tables)))
    yield Progress(total, total, so_far)


def _point(k: int, baseline: Table, every: Table, tables: Sequence[Table]) -> Point:
    *draws, best = tables
    rivals = zip(RIVALS, (baseline, every, np.sum(draws, axis=0)), strict=True)
    over = {name: f1_change_interval(rival, best) for name, rival in rivals}
    return Point(k, _f1(best), tuple(map(_f1, draws)), over)


def _f1(table: Table) -> float:
    return float(micro_f1(*table.sum(axis=0)))


def _listed(names: Sequence[str], last: str) -> str:
    """Names as a sentence lists them.

    >>> _listed(["salt", "oil", "flour"], "or")
    'salt, oil or flour'
    """
    return f" {last} ".join([*filter(None, [", ".join(names[:-1])]), names[-1]])


class _Half:
    """Some sentences, tokenized and with their designs, to be run with any choice of heads."""

    def __init__(
        self, model: Model, sentences: Sequence[Sentence], design_for: DesignFor, batch_size: int
    ) -> None:
        self.model = model
        rows = [(sentence, readable(model, sentence.as_written)) for sentence in sentences]
        rows.sort(key=lambda row: len(row[1]))
        self.gold = [sentence.tags for sentence, _ in rows]
        self.tokens = [tokens for _, tokens in rows]
        self.numbers = [word_numbers(tokens, sentence) for sentence, tokens in rows]
        self.designs = [design_or_none(design_for, tokens) for tokens in self.tokens]
        self.starts = range(0, len(rows), batch_size)
        self.size = batch_size

    def counts(self, heads: Sequence[Head]) -> Table:
        """The counts of right, predicted and gold entities with the designs on these heads only,
        Int["sentence 3"]."""
        target = as_heads(heads)
        predicted: list[tuple[str, ...]] = []
        for start in self.starts:
            batch = slice(start, start + self.size)
            designs = [_aimed(design, target) for design in self.designs[batch]]
            tags = tag_batch(self.model, self.tokens[batch], designs)
            predicted += map(word_tags, tags, self.numbers[batch])
        return counted(self.gold, predicted)


def _aimed(design: Design | None, target: Mapping[int, tuple[int, ...]]) -> Design | None:
    return None if design is None or not target else at_heads(design, target)
