"""Which heads an edit should act on: PASTA's profiling over a data set.

Steering all heads often hurts (Zhang et al. 2023, arXiv 2311.02262, §4): each head is tried alone
on one half of the sentences, and the best k of them together on the other half, beside as many
heads drawn at random and beside all of them.
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

    over: by how much the best k are above the untouched model, all heads, and the random heads
        (their draws counted together): 95 % intervals.
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
        held_out, every: F1 on the held-out half of the baseline, and with all heads edited; nan
            until they are measured.
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
        """What the best heads are held against, and its F1 on the held-out half."""
        random_heads = mean(self.top.random)
        return dict(zip(RIVALS, (self.held_out, self.every, random_heads), strict=True))

    @property
    def verdict(self) -> str:
        """What the best heads did on the held-out half, in a sentence for people."""
        if self.flat:
            stays = f"it stays at {self.held_out:.3f}"
            return f"No choice of heads that was tried changes the held-out score: {stays}."
        k, over = self.top.k, self.top.over
        best = "the best head alone" if k == 1 else f"the best {k} heads"
        better = [name for name, (low, _) in over.items() if low > 0]
        worse = [name for name, (_, high) in over.items() if high < 0]
        even = [name for name in over if name not in (*better, *worse)]
        if len(even) == len(over):
            return f"No clear difference between {best} and {_listed(even, 'or')}."
        told = [f"better than {_listed(better, 'and')}"] if better else []
        told += [f"worse than {_listed(worse, 'and')}"] if worse else []
        rest = f"; no clear difference from {_listed(even, 'or')}" if even else ""
        return f"{best.capitalize()} did {' and '.join(told)}{rest}."

    @property
    def remarks(self) -> list[str]:
        """What a reader of the verdict should know."""
        lines = []
        if self.curve and not self.flat:
            lines.append(f"Random heads are {DRAWS} draws of as many heads.")
            lines.append(
                f"That {self.top.k} is the best number was seen on the held-out half, too, "
                "which flatters it."
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
    """How many of the passes over a half are done, and the profile so far.

    It has all heads before the first point of its curve.
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
    Where the design acts by itself is not looked at.

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
        _Half(model, [sentences[n] for n in some], design_for, batch_size)
        for some in (numbers[:middle], numbers[middle:])
    )
    heads = [(layer, head) for layer in range(model.layers) for head in range(model.heads)]
    counts = [k for k in counts if k < len(heads)]
    total = len(heads) + len(counts) * (1 + DRAWS) + 3  # the baseline twice, and all heads once
    found = Profile({}, _f1(first.counts([])), len(numbers) - middle)
    done = 1
    for head in heads:
        alone = {**found.alone, head: _f1(first.counts([head]))}
        found, done = replace(found, alone=alone), done + 1
        yield Progress(done, total, found)
    ranked = found.ranked()
    none, every = second.counts([]), second.counts(heads)
    found, done = replace(found, held_out=_f1(none), every=_f1(every)), done + 2
    for k in counts:
        tables = []
        for chosen in (*(rng.sample(heads, k) for _ in range(DRAWS)), ranked[:k]):
            tables.append(second.counts(chosen))
            done += 1
            yield Progress(done, total, found)
        found = replace(found, curve=(*found.curve, _point(k, none, every, tables)))
    yield Progress(total, total, found)


def _point(k: int, none: Table, every: Table, tables: Sequence[Table]) -> Point:
    *draws, best = tables
    rivals = zip(RIVALS, (none, every, np.sum(draws, axis=0)), strict=True)
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
        rows = [(one, readable(model, one.as_written)) for one in sentences]
        rows.sort(key=lambda row: len(row[1]))
        self.gold = [one.tags for one, _ in rows]
        self.tokens = [tokens for _, tokens in rows]
        self.numbers = [word_numbers(tokens, one) for one, tokens in rows]
        self.designs = [design_or_none(design_for, tokens) for tokens in self.tokens]
        self.starts = range(0, len(rows), batch_size)
        self.size = batch_size

    def counts(self, heads: Sequence[Head]) -> Table:
        """What the designs on these heads only get right, find and should find, a row a
        sentence."""
        target = as_heads(heads)
        found: list[tuple[str, ...]] = []
        for start in self.starts:
            batch = slice(start, start + self.size)
            designs = [_aimed(design, target) for design in self.designs[batch]]
            tags = tag_batch(self.model, self.tokens[batch], designs)
            found += map(word_tags, tags, self.numbers[batch])
        return counted(self.gold, found)


def _aimed(design: Design | None, target: Mapping[int, tuple[int, ...]]) -> Design | None:
    return None if design is None or not target else at_heads(design, target)
