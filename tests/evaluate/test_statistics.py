"""Chance, on tables small enough to check."""

import numpy as np
import pytest
from scipy.stats import binom
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2

from beaconviz.evaluate.statistics import counts, f1_change_interval, mcnemar, micro_f1

GOLD = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-ORG"], ["O"]]
PREDICTED = [["B-PER", "I-PER", "O", "B-ORG"], ["B-ORG", "B-ORG"], ["O"]]


def test_counts_by_hand_and_f1_by_seqeval():
    table = counts(GOLD, PREDICTED)
    assert table.tolist() == [[1, 2, 2], [1, 2, 1], [0, 0, 0]]
    assert micro_f1(*table.sum(axis=0)) == pytest.approx(2 * 2 / (4 + 3))
    strict = f1_score(GOLD, PREDICTED, mode="strict", scheme=IOB2)
    assert micro_f1(*table.sum(axis=0)) == pytest.approx(strict)
    assert micro_f1(*counts([["O"]], [["O"]]).sum(axis=0)) == 0


@pytest.mark.parametrize(("fixed", "broken"), [(3, 9), (0, 5), (7, 7), (12, 1)])
def test_mcnemar_is_the_two_sided_binomial_test(fixed, broken):
    fewer, changed = min(fixed, broken), fixed + broken
    assert mcnemar(fixed, broken) == pytest.approx(min(1.0, 2 * binom.cdf(fewer, changed, 0.5)))
    assert mcnemar(fixed, broken) == mcnemar(broken, fixed)


def test_an_edit_that_fixes_everything_is_beyond_chance():
    wrong, right = np.tile([0, 1, 1], (200, 1)), np.tile([1, 1, 1], (200, 1))
    assert f1_change_interval(wrong, right) == (1.0, 1.0)
    assert f1_change_interval(right, wrong) == (-1.0, -1.0)
    assert f1_change_interval(right, right) == (0.0, 0.0)


def test_the_interval_covers_a_change_that_is_as_often_good_as_bad():
    rng = np.random.default_rng(0)
    before, after = (
        np.column_stack([rng.random(300) < 0.5, np.ones(300), np.ones(300)]).astype(int)
        for _ in range(2)
    )
    low, high = f1_change_interval(before, after)
    assert low < 0 < high
    assert (low, high) == f1_change_interval(before, after)  # seeded
    # Against the normal approximation of a difference of two shares of paired sentences.
    error = (after[:, 0] - before[:, 0]).std() / np.sqrt(300)
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.1)


def test_one_sentence_is_not_resampled():
    assert f1_change_interval(np.array([[0, 1, 1]]), np.array([[1, 1, 1]])) == (1.0, 1.0)
