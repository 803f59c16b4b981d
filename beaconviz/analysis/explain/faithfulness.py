"""Test whether what the model says depends on the top words of a method.

Comprehensiveness is p(text) − p(text without the top words): high where these words were needed.
Sufficiency is p(text) − p(the top words alone): low where they are enough (DeYoung et al. 2020,
ERASER, arXiv 1911.03429). Both are averaged over several shares of the words, the area over the
curve (Samek et al. 2017, arXiv 1509.06321). Words that are taken away are hidden from every
query; the others keep their positions. Attention that does no better than random words explains
nothing (Jain and Wallace 2019, arXiv 1902.10186).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd
import torch
from torch import Tensor

from beaconviz.analysis.explain.weights import METHODS, Method, word_weights
from beaconviz.core.errors import BeaconvizError
from beaconviz.models.tasks.values import Statement
from beaconviz.runs.hidden_words import Progress, out_of_sight
from beaconviz.runs.run import Run

SHARES = (0.05, 0.1, 0.2, 0.5)  # of the words
DRAWS = 30  # random orders of the words
REFERENCE: Method = "integrated"  # the gradient-based attribution that others are compared with

# When a method is called faithful. The first is the usual one-sided level of 5 %. The other two are
# choices, made so that a verdict names an effect that a person can notice.
BEATS = 0.95  # of the random choices take away less
LEAST_FALL = 0.1  # of the value: a fall from 0.998 to 0.984 shows no dependence
EQUAL_WITHIN = 0.2  # of the reference's lead over random words, as a non-inferiority trial keeps
# most of what the control gains over the placebo (ICH E10, 1.5.1)


@dataclass(frozen=True, eq=False)
class Faithful:
    """How faithful several methods are to one statement of a model about one text.

    Attributes:
        name, unit, before: of the statement; `before` is its value with the whole text.
        shares: of the words that are taken away or kept. counts: the same, in words.
        comprehensiveness, sufficiency: by method, Float["share"].
        random: both measures for random orders, each Float["draw share"].
    """

    name: str
    unit: str
    before: float
    shares: tuple[float, ...]
    counts: tuple[int, ...]
    comprehensiveness: dict[Method, Tensor]
    sufficiency: dict[Method, Tensor]
    random: tuple[Tensor, Tensor]

    def table(self) -> pd.DataFrame:
        """A row for each method, and one for random words: both areas over the curve; `beats`, the
        share of random choices that take away less than the method's words; and the verdict."""
        chance, alone = (drops.mean(dim=1) for drops in self.random)
        rows: list[tuple[Any, ...]] = []
        for method, curve in self.comprehensiveness.items():
            area = float(curve.mean())
            beats = float((chance < area).double().mean())
            rows.append((method, area, float(self.sufficiency[method].mean()), beats))
        rows.append(("random", float(chance.mean()), float(alone.mean()), 0.5))
        frame = pd.DataFrame(rows, columns=["method", "comprehensiveness", "sufficiency", "beats"])
        return frame.assign(verdict=[self.verdict(name) for name in frame["method"]])

    def verdict(self, method: Method | Literal["random"]) -> str:
        """In words, whether a method is faithful here: its words have to take away more than
        `BEATS` of the random choices do, and at least `LEAST_FALL` of the value."""
        if method == "random":
            return "the reference for chance"
        chance = self.random[0].mean(dim=1)
        area = float(self.comprehensiveness[method].mean())
        beaten = int((chance < area).sum())
        if beaten < BEATS * len(chance):
            return f"no better than random words (it beats {beaten} of {len(chance)} choices)"
        if area < LEAST_FALL * abs(self.before):
            return (
                f"better than random words, but the value hardly depends on them: it falls by "
                f"{area:.3f} of {self.before:.3f}, and {LEAST_FALL:.0%} would count"
            )
        best = self.comprehensiveness.get(REFERENCE)
        if method != REFERENCE and best is not None:
            lead = float(best.mean()) - float(chance.mean())
            if float(best.mean()) - area > EQUAL_WITHIN * max(0.0, lead):
                return (
                    f"better than random words; {REFERENCE} gradients find words that matter more"
                )
        return f"faithful: without these words the value falls by {area:.3f} of {self.before:.3f}"

    def curves(self) -> pd.DataFrame:
        """A row for each method, share and measure, and for random words: `value`, and for random
        words the 5th and 95th percentile as `low` and `high`."""
        rows: list[tuple[Any, ...]] = []
        measures = (
            ("comprehensiveness", self.comprehensiveness, self.random[0]),
            ("sufficiency", self.sufficiency, self.random[1]),
        )
        for measure, curves, chance in measures:
            drawn = {"random": chance.mean(dim=0)}
            low, high = (chance.quantile(q, dim=0) for q in (0.05, 0.95))
            for method, curve in [*curves.items(), *drawn.items()]:
                for n, share in enumerate(self.shares):
                    ends = (float(low[n]), float(high[n])) if method == "random" else (None, None)
                    rows.append((measure, method, share, float(curve[n]), *ends))
        names = ["measure", "method", "share", "value", "low", "high"]
        return pd.DataFrame(rows, columns=names)

    def to_dict(self) -> dict[str, Any]:
        """Plain data; None where there is no number."""
        curves = self.curves().to_dict("records")
        return {
            "said": self.name,
            "unit": self.unit,
            "before": self.before,
            "methods": self.table().to_dict("records"),
            "curves": [
                {name: None if value != value else value for name, value in row.items()}
                for row in curves
            ],
        }


def faithful(
    run: Run,
    methods: Sequence[Method] = METHODS,
    *,
    statement: Statement | None = None,
    query: Tensor | None = None,
    shares: Sequence[float] = SHARES,
    draws: int = DRAWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Faithful:
    """Takes away the top words of each method, and keeps only them; the same with random orders.

    Args:
        run: with or without a design.
        statement: the statement to test; by default the first of `Output.statements`. The words
            that it is about are never hidden.
        query: for "similarity", as `word_weights` takes it.
        draws, seed: of random orders.
        progress: called with the number of runs done and the total.

    Raises:
        BeaconvizError: a text with fewer than two words to take away, or as `word_weights`.
    """
    statement = statement or run.output.statements(query)[0]
    places = [
        word
        for word, pieces in enumerate(run.aligned.pieces)
        if pieces and word not in statement.about
    ]
    if len(places) < 2:
        raise BeaconvizError(
            f"there are fewer than 2 words to take away beside “{statement.name}”: take a longer text"
        )
    counts = tuple(max(1, round(share * len(places))) for share in shares)
    orders = [_order(run, method, statement, query, places) for method in methods]
    draw = torch.Generator().manual_seed(seed)
    orders += [
        [places[n] for n in torch.randperm(len(places), generator=draw).tolist()]
        for _ in range(draws)
    ]
    before, dropped = _dropped(run, statement, places, orders, counts, progress)
    own, chance = dropped[: len(methods)], dropped[len(methods) :]  # (order, share, 2)
    return Faithful(
        name=statement.name,
        unit=statement.unit,
        before=before,
        shares=tuple(shares),
        counts=counts,
        comprehensiveness={method: own[n, :, 0] for n, method in enumerate(methods)},
        sufficiency={method: own[n, :, 1] for n, method in enumerate(methods)},
        random=(chance[..., 0], chance[..., 1]),
    )


def _order(
    run: Run, method: Method, statement: Statement, query: Tensor | None, places: Sequence[int]
) -> list[int]:
    """The words that may be taken away, the heaviest first."""
    weights = word_weights(run, method, statement=statement, query=query)
    return sorted(places, key=lambda word: -float(weights[word]))


def _dropped(
    run: Run,
    statement: Statement,
    places: Sequence[int],
    orders: Sequence[Sequence[int]],
    counts: Sequence[int],
    progress: Progress | None,
) -> tuple[float, Tensor]:
    """The statement's value with the whole text, and how much it falls without each order's top
    words and with these alone, Float["order share 2"]."""
    seen = [torch.ones(len(run.aligned), dtype=torch.bool)]
    for order in orders:
        for count in counts:
            top = set(order[:count])
            for hidden in (top, set(places) - top):
                seen.append(_without(run, hidden))
    # The same set of words often comes up more than once in a short text: each is run once.
    unique, back = torch.unique(torch.stack(seen), dim=0, return_inverse=True)
    values = out_of_sight(run, unique, statement.value, progress=progress)[back]
    before = values[0]
    return float(before), (before - values[1:]).unflatten(0, (len(orders), len(counts), 2))


def _without(run: Run, hidden: set[int]) -> Tensor:
    """The tokens that stay visible when words are hidden, Bool["token"]."""
    return torch.tensor([word not in hidden for word in run.aligned.word_of])
