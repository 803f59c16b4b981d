import math

import pytest
import torch
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy as scipy_entropy

from beaconviz.analysis import metrics

ROWS = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.2, 0.3, 0.5]], dtype=torch.float64)


def test_entropy_by_hand_and_by_scipy():
    assert metrics.entropy(ROWS)[:2].tolist() == pytest.approx([0.0, math.log(2)])
    assert metrics.entropy(ROWS).tolist() == pytest.approx(
        scipy_entropy(ROWS.numpy(), axis=1).tolist()
    )


def test_divergence_by_hand_and_by_scipy():
    other = ROWS.flip(1)
    expected = jensenshannon(ROWS.numpy(), other.numpy(), axis=1) ** 2  # scipy gives the root
    assert metrics.divergence(ROWS, other).tolist() == pytest.approx(expected.tolist())
    assert metrics.divergence(ROWS, other)[0] == pytest.approx(math.log(2))  # nothing in common
    assert metrics.divergence(ROWS, ROWS).abs().max() == 0


def test_divergence_of_rows_of_other_entropy():
    """Both sides count: a definition of one side alone would give another number."""
    even = torch.full((3, 3), 1 / 3, dtype=torch.float64)
    expected = jensenshannon(ROWS.numpy(), even.numpy(), axis=1) ** 2
    assert metrics.divergence(ROWS, even).tolist() == pytest.approx(expected.tolist())
    assert torch.allclose(metrics.divergence(ROWS, even), metrics.divergence(even, ROWS))


def test_distance_leaves_special_tokens_out():
    nan = float("nan")
    words = torch.tensor([nan, 0.0, 1.0, 1.0, nan])
    weights = torch.tensor([[0.5, 0.1, 0.2, 0.1, 0.1]])
    away = metrics.distance(weights, words[1:2], words)
    assert away.item() == pytest.approx((0.2 + 0.1) / 0.4)
    assert metrics.distance(torch.tensor([[1.0, 0, 0, 0, 0]]), words[1:2], words).item() == 0


def test_received_is_the_sum_over_queries():
    assert metrics.received(ROWS).tolist() == pytest.approx([1.7, 0.8, 0.5])
