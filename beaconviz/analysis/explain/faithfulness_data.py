"""Faithfulness over many texts: each method against random words, and against gradients."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import bootstrap, false_discovery_control, wilcoxon
from torch import Tensor

from beaconviz.analysis.explain.faithfulness import EQUAL_WITHIN, REFERENCE, faithful
from beaconviz.analysis.explain.weights import METHODS, Method
from beaconviz.core.design import Design
from beaconviz.core.errors import BeaconvizError
from beaconviz.models.model import Model
from beaconviz.runs.execute import Text, run

LEVEL = 0.05  # of every test, after the correction for several methods
RESAMPLES = 2000
REASONS = 3  # the most reasons that a message lists
_DRAWS = 5  # random orders of a text; their mean counts
_LEAST = 6  # texts: with fewer, Wilcoxon's test has no p below 0.05


@dataclass(frozen=True, eq=False)
class TextResult:
    """Each method's areas over the curve in one text: the mean over all statements about it.

    comprehensiveness, sufficiency: by method, and of "random" words.
    """

    text: str
    comprehensiveness: dict[str, float]
    sufficiency: dict[str, float]


@dataclass(frozen=True)
class LeftOut:
    """A text that could not be tested, and the error that says why."""

    reason: str


@dataclass(frozen=True, eq=False)
class TextsResult:
    """The results of many texts."""

    model_name: str
    methods: tuple[Method, ...]
    texts: tuple[TextResult, ...]
    left_out: tuple[LeftOut, ...] = ()

    def table(self) -> pd.DataFrame:
        """A row for each method: the means over texts of both areas; how much more it takes away
        than random words do, with the 95 % interval of that (bootstrap over texts), and the p of
        Wilcoxon's signed-rank test, corrected for so many methods (Benjamini and Hochberg 1995);
        the same difference to gradients (`REFERENCE`) with its p, its 90 % interval and the bound
        within which the two count as equal; and the verdict."""
        taken = pd.DataFrame([text.comprehensiveness for text in self.texts])
        kept = pd.DataFrame([text.sufficiency for text in self.texts])
        rows = []
        for method in self.methods:
            difference = (taken[method] - taken["random"]).to_numpy()
            low, high = interval(difference, 0.95)
            row: dict[str, Any] = {
                "method": method,
                "comprehensiveness": taken[method].mean(),
                "sufficiency": kept[method].mean(),
                "over_random": difference.mean(),
                "low": low,
                "high": high,
                "p": _p(difference),
            }
            if REFERENCE in taken and method != REFERENCE:
                row |= _against(taken, method)
            rows.append(row)
        frame = pd.DataFrame(rows)
        for name in ("p", "p_gradients"):
            if name in frame:
                tested = frame[name].notna()
                frame.loc[tested, name] = false_discovery_control(frame.loc[tested, name])
        frame["verdict"] = [verdict(dict(row)) for _, row in frame.iterrows()]
        chance = {
            "method": "random",
            "comprehensiveness": taken["random"].mean(),
            "sufficiency": kept["random"].mean(),
            "verdict": "the reference for chance",
        }
        return pd.concat([frame, pd.DataFrame([chance])], ignore_index=True)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as `beaconviz faithful --json` prints it."""
        rows = self.table().to_dict("records")
        return {
            "model": self.model_name,
            "texts": len(self.texts),
            "left_out": len(self.left_out),
            "left_out_because": reasons(self.left_out),
            "methods": [
                {name: None if value != value else value for name, value in row.items()}
                for row in rows
            ],
        }


def results_by_text(
    model: Model,
    texts: Sequence[Text],
    methods: Sequence[Method] = METHODS,
    *,
    design_for: Callable[[Sequence[str]], Design] | None = None,
) -> Iterator[TextResult | LeftOut]:
    """Tests each text. Yields `LeftOut` where the model, a method or the design refuses the text,
    or the model makes no statement about it.

    Args:
        design_for: an edit for a text's words.
    """
    for number, text in enumerate(texts):
        try:
            yield _tested(model, text, methods, design_for, number)
        except BeaconvizError as error:
            yield LeftOut(str(error))


def texts_result(
    model: Model, methods: Sequence[Method], results: Sequence[TextResult | LeftOut]
) -> TextsResult:
    """The results of many texts as one.

    Raises:
        BeaconvizError: no text could be tested; says why.
    """
    tested = tuple(result for result in results if isinstance(result, TextResult))
    left_out = tuple(result for result in results if isinstance(result, LeftOut))
    if not tested:
        raise BeaconvizError(
            f"none of {len(results)} texts could be tested with {model.name}: {described(left_out)}"
        )
    return TextsResult(model.name, tuple(methods), tested, left_out)


def reasons(left_out: Sequence[LeftOut]) -> dict[str, int]:
    """How many texts were left out for which reason, the most frequent first.

    Errors that differ only in numbers or quoted words are one reason, given as the first of them.
    """
    first: dict[str, str] = {}
    kinds = [re.sub(r"“[^”]*”|'[^']*'|[\d,.]+", "…", text.reason) for text in left_out]
    for kind, text in zip(kinds, left_out, strict=True):
        first.setdefault(kind, text.reason)
    return {first[kind]: count for kind, count in Counter(kinds).most_common()}


def described(left_out: Sequence[LeftOut]) -> str:
    """The reasons in one line: "3 texts: the text is empty; 1 text: …". A single reason has no
    count."""
    every = list(reasons(left_out).items())
    if len(every) == 1:
        return every[0][0]
    parts = [
        f"{count} {'text' if count == 1 else 'texts'}: {why}" for why, count in every[:REASONS]
    ]
    others = sum(count for _, count in every[REASONS:])
    return "; ".join([*parts, *([f"{others} for other reasons"] if others else [])])


def _tested(
    model: Model,
    text: Text,
    methods: Sequence[Method],
    design_for: Callable[[Sequence[str]], Design] | None,
    seed: int,
) -> TextResult:
    tokens = model.tokenize(text)
    design = None if design_for is None else design_for(tokens.names("word"))
    text_run = run(model, tokens, design, limit=0 if model.task.writes else None)
    results = [
        faithful(text_run, methods, statement=statement, draws=_DRAWS, seed=seed)
        for statement in text_run.output.statements()
    ]
    return TextResult(
        text_run.source,
        _means(
            [result.comprehensiveness for result in results],
            [result.random[0] for result in results],
        ),
        _means(
            [result.sufficiency for result in results], [result.random[1] for result in results]
        ),
    )


def _means(curves: Sequence[dict[Method, Tensor]], chance: Sequence[Tensor]) -> dict[str, float]:
    """Areas over the curve by method, and of random words: the means over all statements."""
    areas = {
        str(method): float(np.mean([float(curve[method].mean()) for curve in curves]))
        for method in curves[0]
    }
    return areas | {"random": float(np.mean([float(curve.mean()) for curve in chance]))}


def _against(taken: pd.DataFrame, method: Method) -> dict[str, float]:
    """A method's difference to gradients, text by text."""
    difference = (taken[method] - taken[REFERENCE]).to_numpy()
    low, high = interval(difference, 0.9)
    return {
        "over_gradients": difference.mean(),
        "p_gradients": _p(difference),
        "low_gradients": low,
        "high_gradients": high,
        "equal_within": EQUAL_WITHIN * max(0.0, (taken[REFERENCE] - taken["random"]).mean()),
    }


def verdict(row: dict[Any, Any]) -> str:
    """What a row of the table shows, in words.

    A difference to gradients is claimed only where both the test and the 90 % interval of the mean
    say so; equality only where that interval lies within the bound (two one-sided tests at 5 %,
    Schuirmann 1987). A missing difference alone does not show equality.
    """
    if not row["p"] < LEVEL or row["over_random"] <= 0:
        return f"not shown to be better than random words (p = {row['p']:.2g})"
    if row["method"] == REFERENCE or "p_gradients" not in row:
        return "better than random words"
    low, high, bound = (row[name] for name in ("low_gradients", "high_gradients", "equal_within"))
    differs = row["p_gradients"] < LEVEL
    if differs and low > 0:
        return f"better than random words, and than {REFERENCE} gradients"
    if differs and high < 0:
        return f"better than random words; {REFERENCE} gradients find words that matter more"
    numbers = f"p = {row['p_gradients']:.2g}, 90 % interval {low:.3f} to {high:.3f}"
    if -bound < low and high < bound:
        return f"better than random words, and equal to {REFERENCE} gradients within {bound:.3f} ({numbers})"
    return (
        f"better than random words; against {REFERENCE} gradients undecided, neither different nor "
        f"equal within {bound:.3f} ({numbers})"
    )


def interval(values: NDArray[np.float64], level: float) -> tuple[float, float]:
    """The interval of a mean (percentile bootstrap, Efron and Tibshirani 1993)."""
    if len(values) < 2 or np.ptp(values) == 0:
        return float(values.mean()), float(values.mean())
    confidence = bootstrap(
        (values,),
        np.mean,
        n_resamples=RESAMPLES,
        confidence_level=level,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return float(confidence.low), float(confidence.high)


def _p(values: NDArray[np.float64]) -> float:
    """Wilcoxon's signed-rank test of no difference (1945), two-sided; 1 where there is nothing to
    test."""
    if len(values) < _LEAST or not values.any():
        return 1.0
    return float(wilcoxon(values).pvalue)
