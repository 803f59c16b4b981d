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


def counts(gold: Sequence[Tags], found: Sequence[Tags]) -> NDArray[np.int64]:
    """Of every sentence its right, found and gold entities, Int["sentence 3"].

    An entity is right when its type and both ends are (strict).
    """
    table = np.zeros((len(gold), 3), dtype=np.int64)
    for row, (true, guess) in enumerate(zip(gold, found, strict=True)):
        real, named = set(get_entities(list(true))), set(get_entities(list(guess)))
        table[row] = len(real & named), len(named), len(real)
    return table


def micro_f1(right: Numbers, found: Numbers, gold: Numbers) -> NDArray[np.float64]:
    """Micro F1 = 2 · right / (found + gold); 0 where there is nothing at all."""
    total = found + gold
    f1: NDArray[np.float64] = np.divide(
        2.0 * right, total, out=np.zeros(np.shape(total)), where=total > 0
    )
    return f1


def f1_change_interval(
    baseline: NDArray[np.int64], edited: NDArray[np.int64], *, seed: int = 0
) -> tuple[float, float]:
    """The 95 % interval of the change in micro F1, by resampling sentences with both their answers
    (paired percentile bootstrap, Efron and Tibshirani 1993).

    Args:
        baseline, edited: what `counts` gives for the same sentences.
    """
    if not len(baseline) or np.array_equal(baseline, edited):
        return 0.0, 0.0

    def change_of(rows: Numbers, axis: int) -> NDArray[np.float64]:
        # rows (…, sentence) pick what is counted; `axis` is always their last.
        before, after = (table[rows].sum(axis=-2) for table in (baseline, edited))  # (…, 3)
        change: NDArray[np.float64] = micro_f1(*np.moveaxis(after, -1, 0)) - micro_f1(
            *np.moveaxis(before, -1, 0)
        )
        return change

    if len(baseline) == 1:  # nothing to resample
        value = float(change_of(np.array([0]), -1))
        return value, value
    found = bootstrap(
        (np.arange(len(baseline)),),
        change_of,
        n_resamples=RESAMPLES,
        batch=100,  # memory: 100 × sentences × 3 numbers
        method="percentile",
        vectorized=True,
        rng=np.random.default_rng(seed),
    )
    low, high = found.confidence_interval
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
