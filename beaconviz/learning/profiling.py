"""Which heads an edit should act on: PASTA's profiling over a data set.

Steering all heads often hurts (Zhang et al. 2023, arXiv 2311.02262, §4): each head is tried alone
on one half of the sentences, and the best k of them together on the other half, beside as many
heads drawn at random and beside all of them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from beaconviz.core.design import Design
from beaconviz.learning.conll import Sentence
from beaconviz.learning.evaluation import score
from beaconviz.learning.judge import BATCH, DesignFor, design_or_none, readable
from beaconviz.models.loading import Model
from beaconviz.models.running import tag_batch

Head = tuple[int, int]  # layer, head
DRAWS = 3  # random choices of heads for each k


@dataclass(frozen=True)
class Point:
    """Strict micro F1 on the held-out half with k heads: the best, and random ones (each draw)."""

    k: int
    best: float
    random: tuple[float, ...]


@dataclass(frozen=True)
class Profile:
    """What each head does alone, and how much the best ones do together.

    Attributes:
        alone: strict micro F1 of each head alone, on the first half.
        tried, held_out: the baseline's F1 on the first and on the held-out half.
        every: F1 on the held-out half with all heads edited.
        curve: F1 on the held-out half against the number of heads.
    """

    alone: Mapping[Head, float]
    tried: float
    held_out: float
    every: float
    curve: tuple[Point, ...]

    def ranked(self) -> list[Head]:
        """All heads, the most useful first; equals in the model's order."""
        return sorted(self.alone, key=lambda head: (-self.alone[head], head))

    def best(self, k: int) -> dict[int, tuple[int, ...]]:
        """The best k heads, as the `heads` of a design or a rule."""
        return as_heads(self.ranked()[:k])

    def to_dict(self) -> dict[str, Any]:
        """Plain data: `baseline`, `every`, `heads` ranked, and the `curve`."""
        return {
            "baseline": {"tried": self.tried, "held_out": self.held_out},
            "every": self.every,
            "heads": [
                {"layer": layer, "head": head, "f1": self.alone[layer, head]}
                | {"change": self.alone[layer, head] - self.tried}
                for layer, head in self.ranked()
            ],
            "curve": [
                {"k": point.k, "best": point.best, "random": list(point.random)}
                for point in self.curve
            ],
        }


@dataclass(frozen=True)
class Progress:
    """How many of the passes over a half are done; `profile` is there when all are."""

    done: int
    total: int
    profile: Profile | None = None


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
    """Tries each head alone, then the best k together; the last step holds the profile.

    Takes layers × heads passes over one half of the sentences, and four for each k over the other.
    """
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
    total = len(heads) + len(counts) * (1 + DRAWS)
    alone: dict[Head, float] = {}
    for head in heads:
        alone[head] = first.f1([head])
        yield Progress(len(alone), total)
    ranked = sorted(alone, key=lambda head: (-alone[head], head))
    curve: list[Point] = []
    for k in counts:
        draws = tuple(second.f1(rng.sample(heads, k)) for _ in range(DRAWS))
        curve.append(Point(k, second.f1(ranked[:k]), draws))
        yield Progress(len(heads) + len(curve) * (1 + DRAWS), total)
    done = Profile(alone, first.f1([]), second.f1([]), second.f1(heads), tuple(curve))
    yield Progress(total, total, done)


class _Half:
    """Some sentences, tokenized and with their designs, to be run with any choice of heads."""

    def __init__(
        self, model: Model, sentences: Sequence[Sentence], design_for: DesignFor, batch_size: int
    ) -> None:
        self.model = model
        rows = [(one, readable(model, one.words)) for one in sentences]
        rows.sort(key=lambda row: len(row[1]))
        self.gold = [one.tags for one, _ in rows]
        self.tokens = [tokens for _, tokens in rows]
        self.designs = [design_or_none(design_for, tokens) for tokens in self.tokens]
        self.starts = range(0, len(rows), batch_size)
        self.size = batch_size

    def f1(self, heads: Sequence[Head]) -> float:
        """Strict micro F1 with the designs on these heads only."""
        target = as_heads(heads)
        found: list[tuple[str, ...]] = []
        for start in self.starts:
            batch = slice(start, start + self.size)
            designs = [_aimed(design, target) for design in self.designs[batch]]
            found += map(tuple, tag_batch(self.model, self.tokens[batch], designs))
        padded = [
            (*tags, *["O"] * (len(gold) - len(tags)))
            for tags, gold in zip(found, self.gold, strict=True)
        ]
        return score(self.gold, padded).f1


def _aimed(design: Design | None, target: Mapping[int, tuple[int, ...]]) -> Design | None:
    return None if design is None or not target else design.targeting(heads=dict(target))
