"""Whether a change is more than chance: paired bootstrap and McNemar's exact test."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, bootstrap
from seqeval.metrics.sequence_labeling import get_entities

Tags = Sequence[str]
RESAMPLES = 2000

Numbers = NDArray[np.int64]


def counts(gold: Sequence[Tags], predicted: Sequence[Tags]) -> NDArray[np.int64]:
    """The number of right, predicted and gold entities of each sentence, Int["sentence 3"].

    An entity is right when its type and both ends are (strict).
    """
    table = np.zeros((len(gold), 3), dtype=np.int64)
    for row, (gold_tags, predicted_tags) in enumerate(zip(gold, predicted, strict=True)):
        gold_entities, predicted_entities = (
            set(get_entities(list(gold_tags))),
            set(get_entities(list(predicted_tags))),
        )
        table[row] = (
            len(gold_entities & predicted_entities),
            len(predicted_entities),
            len(gold_entities),
        )
    return table


def micro_f1(right: Numbers, predicted: Numbers, gold: Numbers) -> NDArray[np.float64]:
    """Micro F1 = 2 · right / (predicted + gold); 0 where both are 0."""
    total = predicted + gold
    f1: NDArray[np.float64] = np.divide(
        2.0 * right, total, out=np.zeros(np.shape(total)), where=total > 0
    )
    return f1


def f1_change_interval(
    baseline: NDArray[np.int64], edited: NDArray[np.int64], *, seed: int = 0
) -> tuple[float, float]:
    """The 95 % interval of the change in micro F1: paired percentile bootstrap over sentences
    (Efron and Tibshirani 1993).

    Args:
        baseline, edited: what `counts` gives for the same sentences.
    """
    if not len(baseline) or np.array_equal(baseline, edited):
        return 0.0, 0.0

    def change_of(rows: Numbers, axis: int) -> NDArray[np.float64]:
        # rows: (…, sentence), the resampled sentences; `axis` is always their last.
        before, after = (table[rows].sum(axis=-2) for table in (baseline, edited))  # (…, 3)
        change: NDArray[np.float64] = micro_f1(*np.moveaxis(after, -1, 0)) - micro_f1(
            *np.moveaxis(before, -1, 0)
        )
        return change

    if len(baseline) == 1:  # nothing to resample
        value = float(change_of(np.array([0]), -1))
        return value, value
    result = bootstrap(
        (np.arange(len(baseline)),),
        change_of,
        n_resamples=RESAMPLES,
        batch=100,  # memory: 100 × sentences × 3 numbers
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(seed),
    )
    low, high = result.confidence_interval
    return float(low), float(high)


def mcnemar(fixed: int, broken: int) -> float:
    """McNemar's exact test, two-sided: how likely a split at least this uneven is by chance.

    >>> mcnemar(1, 9) == mcnemar(9, 1) < 0.05
    True
    >>> mcnemar(0, 0)
    1.0
    """
    changed = fixed + broken
    return float(binomtest(fixed, changed).pvalue) if changed else 1.0
