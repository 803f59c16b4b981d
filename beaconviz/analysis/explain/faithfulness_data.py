"""Whether to believe a method over many texts: against random words, and against gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import bootstrap, false_discovery_control, wilcoxon
from torch import Tensor

from beaconviz.analysis.explain.faithfulness import REFERENCE, faithful
from beaconviz.analysis.explain.target import sayings
from beaconviz.analysis.explain.weights import METHODS, Method
from beaconviz.core.design import Design
from beaconviz.core.errors import BeaconvizError
from beaconviz.models.model import Model
from beaconviz.runs.execute import Text, run

LEVEL = 0.05
RESAMPLES = 2000
_DRAWS = 5  # random orders of a text; their mean counts
_LEAST = 6  # texts that a test needs to say anything at 0.05


@dataclass(frozen=True, eq=False)
class Judged:
    """What each method took away in one text, the mean over all that the model says of it.

    comprehensiveness, sufficiency: by method, and of "random" words; areas over the curve.
    """

    text: str
    comprehensiveness: dict[str, float]
    sufficiency: dict[str, float]


@dataclass(frozen=True, eq=False)
class Belief:
    """What many texts say of each method. left_out: texts that nothing could be asked of."""

    model_name: str
    methods: tuple[Method, ...]
    judged: tuple[Judged, ...]
    left_out: int = 0

    def table(self) -> pd.DataFrame:
        """A row for each method: the means over texts of both areas; how much more it takes away than
        random words do, with the 95 % interval of that (bootstrap over texts), and the p of Wilcoxon's
        signed-rank test, corrected for so many methods (Benjamini and Hochberg 1995); the same change against gradients
        (`REFERENCE`), and the verdict."""
        taken = pd.DataFrame([one.comprehensiveness for one in self.judged])
        kept = pd.DataFrame([one.sufficiency for one in self.judged])
        rows = []
        for method in self.methods:
            more = (taken[method] - taken["random"]).to_numpy()
            low, high = _interval(more)
            row: dict[str, Any] = {
                "method": method,
                "comprehensiveness": taken[method].mean(),
                "sufficiency": kept[method].mean(),
                "over_random": more.mean(),
                "low": low,
                "high": high,
                "p": _p(more),
            }
            if REFERENCE in taken and method != REFERENCE:
                less = (taken[method] - taken[REFERENCE]).to_numpy()
                row |= {"over_gradients": less.mean(), "p_gradients": _p(less)}
            rows.append(row)
        frame = pd.DataFrame(rows)
        for name in ("p", "p_gradients"):
            if name in frame:
                tested = frame[name].notna()
                frame.loc[tested, name] = false_discovery_control(frame.loc[tested, name])
        frame["verdict"] = [_verdict(dict(row)) for _, row in frame.iterrows()]
        chance = {
            "method": "random",
            "comprehensiveness": taken["random"].mean(),
            "sufficiency": kept["random"].mean(),
            "verdict": "what any words do",
        }
        return pd.concat([frame, pd.DataFrame([chance])], ignore_index=True)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as `beaconviz faithful --json` prints it."""
        rows = self.table().to_dict("records")
        told = [
            {name: None if value != value else value for name, value in row.items()} for row in rows
        ]
        return {
            "model": self.model_name,
            "texts": len(self.judged),
            "left_out": self.left_out,
            "methods": told,
        }


def judging(
    model: Model,
    texts: Sequence[Text],
    methods: Sequence[Method] = METHODS,
    *,
    design_for: Callable[[Sequence[str]], Design] | None = None,
) -> Iterator[Judged | None]:
    """Tests each text; None for one of which the model says nothing, or that it does not take.

    Args:
        design_for: an edit for a text's words.
    """
    for number, text in enumerate(texts):
        try:
            yield _judged(model, text, methods, design_for, number)
        except BeaconvizError:
            yield None


def belief(model: Model, methods: Sequence[Method], judged: Sequence[Judged | None]) -> Belief:
    """What was judged, as one.

    Raises:
        BeaconvizError: nothing was.
    """
    some = tuple(one for one in judged if one is not None)
    if not some:
        raise BeaconvizError(
            f"of {len(judged)} texts {model.name} says nothing that could be tested (no entity, or "
            "fewer than two other words): give other texts"
        )
    return Belief(model.name, tuple(methods), some, len(judged) - len(some))


def _judged(
    model: Model,
    text: Text,
    methods: Sequence[Method],
    design_for: Callable[[Sequence[str]], Design] | None,
    seed: int,
) -> Judged:
    tokens = model.tokenize(text)
    design = None if design_for is None else design_for(tokens.names("word"))
    one = run(model, tokens, design, limit=0 if model.task.writes else None)
    found = [faithful(one, methods, said=said, draws=_DRAWS, seed=seed) for said in sayings(one)]
    return Judged(
        one.source,
        _means([each.comprehensiveness for each in found], [each.random[0] for each in found]),
        _means([each.sufficiency for each in found], [each.random[1] for each in found]),
    )


def _means(curves: Sequence[dict[Method, Tensor]], chance: Sequence[Tensor]) -> dict[str, float]:
    """Areas over the curve by method, and of random words, the means over all that is said."""
    areas = {
        str(method): float(np.mean([float(one[method].mean()) for one in curves]))
        for method in curves[0]
    }
    return areas | {"random": float(np.mean([float(one.mean()) for one in chance]))}


def _verdict(row: dict[Any, Any]) -> str:
    if not row["p"] < LEVEL or row["over_random"] <= 0:
        return f"not shown to be better than random words (p = {row['p']:.2g})"
    if row["method"] == REFERENCE or "p_gradients" not in row:
        return "better than random words"
    if not row["p_gradients"] < LEVEL:
        return "better than random words, and no worse than integrated gradients"
    if row["over_gradients"] > 0:
        return "better than random words, and than integrated gradients"
    return "better than random words; integrated gradients find words that matter more"


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """The 95 % interval of a mean (percentile bootstrap, Efron and Tibshirani 1993)."""
    if len(values) < 2 or np.ptp(values) == 0:
        return float(values.mean()), float(values.mean())
    found = bootstrap(
        (values,),
        np.mean,
        n_resamples=RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return float(found.low), float(found.high)


def _p(values: NDArray[np.float64]) -> float:
    """Wilcoxon's signed-rank test of no difference (1945), two-sided; 1 where there is nothing to
    test."""
    if len(values) < _LEAST or not values.any():
        return 1.0
    return float(wilcoxon(values).pvalue)
