"""The formula on numbers small enough to do by hand, and its properties."""

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from beaconviz.core.attention import beacon_attention, edit_scores, softmax_attention
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.interventions import READINGS

# Two queries, two keys, d = 1, so S = [[0, ln 2], [ln 3, 0]] with q = 1, …: written as scores.
LN2, LN3 = math.log(2), math.log(3)
SCORES = torch.tensor([[0.0, LN2], [LN3, 0.0]])


def attend(marker=None, beacon=None, reading="product", mask=None):
    """Weights for the 2×2 scores above: S = Q Kᵀ with Q = SCORES and K = I, scale 1."""
    q, k = SCORES[None, None], torch.eye(2)[None, None]
    return beacon_attention(q, k, k, marker, beacon, reading=reading, mask=mask, scale=1.0)[1][0, 0]


def test_untouched_attention_by_hand():
    expected = torch.tensor([[1 / 3, 2 / 3], [3 / 4, 1 / 4]])
    assert torch.allclose(attend(), expected)


def test_beacon_multiplies_the_odds_by_its_exponential():
    weights = attend(beacon=torch.tensor([[0.0, LN3], [0.0, 0.0]]))
    assert torch.allclose(weights[0], torch.tensor([1 / 7, 6 / 7]))  # odds 2 become 6
    assert torch.allclose(weights[1], torch.tensor([3 / 4, 1 / 4]))


def test_product_reading_by_hand():
    """M sends row 0 the scores of row 1, and leaves row 1: rows are queries, columns keys."""
    weights = attend(marker=torch.tensor([[0.0, 1.0], [0.0, 1.0]]))
    assert torch.allclose(weights, torch.tensor([[3 / 4, 1 / 4], [3 / 4, 1 / 4]]))


def test_product_reading_takes_the_beacon_of_the_row_it_reads():
    marker = torch.tensor([[0.0, 1.0], [0.0, 1.0]])
    weights = attend(marker, beacon=torch.tensor([[9.0, 0.0], [0.0, LN2]]))
    assert torch.allclose(weights[0], torch.tensor([3 / 5, 2 / 5]))


def test_gate_reading_by_hand():
    weights = attend(torch.tensor([[1.0, 2.0], [0.0, 1.0]]), reading="gate")
    assert torch.allclose(weights, torch.tensor([[1 / 5, 4 / 5], [1 / 2, 1 / 2]]))


def test_gate_reading_scales_the_beacon_too():
    weights = attend(torch.full((2, 2), 2.0), torch.tensor([[0.0, LN2], [0.0, 0.0]]), "gate")
    assert torch.allclose(weights[0], torch.tensor([1 / 17, 16 / 17]))


def test_mask_reading_by_hand():
    weights = attend(torch.tensor([[0.0, 1.0], [1.0, 1.0]]), reading="mask")
    assert torch.allclose(weights, torch.tensor([[0.0, 1.0], [3 / 4, 1 / 4]]))


def test_a_mask_row_that_is_all_zero_masks_nothing():
    assert torch.equal(attend(torch.zeros(2, 2), reading="mask"), attend())


def test_worked_example_under_each_reading():
    """Eight words, M[0][2] = M[2][6] = 1, all else 0, and A[2][6] = 1 (DESIGN §1)."""
    torch.manual_seed(0)
    q, k, v = torch.randn(3, 1, 1, 8, 4)
    marker, beacon = torch.zeros(8, 8), torch.zeros(8, 8)
    marker[0, 2] = marker[2, 6] = beacon[2, 6] = 1
    scores = (q @ k.transpose(-2, -1))[0, 0]
    weights = {
        reading: beacon_attention(q, k, v, marker, beacon, reading=reading)[1][0, 0]
        for reading in READINGS
    }
    was = scores[2] + beacon[2]
    assert torch.allclose(weights["product"][0], torch.softmax(was / 2, 0))
    assert torch.allclose(weights["product"][2], torch.softmax(scores[6] / 2, 0))
    for row in (1, 3, 4, 5, 6, 7):
        assert torch.allclose(weights["product"][row], torch.full((8,), 1 / 8))
    gated = torch.zeros(8)
    gated[6] = (scores[2, 6] + 1) / 2
    assert torch.allclose(weights["gate"][2], torch.softmax(gated, 0))
    assert weights["mask"][0, 2] == 1
    assert weights["mask"][2, 6] == 1
    untouched = softmax_attention(q, k, v)[1][0, 0]
    assert torch.allclose(weights["mask"][1], untouched[1])


@pytest.mark.parametrize("reading", READINGS)
def test_the_models_mask_is_applied_after_the_edit(reading):
    torch.manual_seed(1)
    q, k, v = torch.randn(3, 2, 3, 5, 4)
    causal = torch.ones(5, 5, dtype=torch.bool).tril()
    marker = torch.rand(5, 5).round()
    output, weights = beacon_attention(
        q, k, v, marker, torch.randn(5, 5) * 50, reading=reading, mask=causal
    )
    assert weights[..., ~causal].eq(0).all()
    assert torch.allclose(weights.sum(-1), torch.ones(2, 3, 5))
    assert torch.allclose(output, weights @ v)
    additive = torch.zeros(5, 5).masked_fill(~causal, float("-inf"))
    again = beacon_attention(q, k, v, marker, None, reading=reading, mask=additive)[1]
    assert torch.isfinite(again).all()


def test_a_mask_edit_that_leaves_only_forbidden_keys_leaves_the_row_unedited():
    causal = torch.ones(2, 2, dtype=torch.bool).tril()
    weights = attend(torch.tensor([[0.0, 1.0], [1.0, 1.0]]), reading="mask", mask=causal)
    assert torch.allclose(weights, torch.tensor([[1.0, 0.0], [3 / 4, 1 / 4]]))


@pytest.mark.parametrize("reading", READINGS)
def test_cross_shaped_attention(reading):
    torch.manual_seed(2)
    q, k, v = torch.randn(1, 2, 3, 4), torch.randn(1, 2, 5, 4), torch.randn(1, 2, 5, 4)
    marker = torch.rand(3, 3) if reading == "product" else torch.rand(3, 5).round()
    _, weights = beacon_attention(q, k, v, marker, torch.randn(3, 5), reading=reading)
    assert weights.shape == (1, 2, 3, 5)
    assert torch.allclose(weights.sum(-1), torch.ones(1, 2, 3))


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(BeaconvizError, match="beacon is 3×3; this attention expects 2×2"):
        attend(beacon=torch.zeros(3, 3))
    with pytest.raises(BeaconvizError, match="reading is 'sum'"):
        edit_scores(SCORES, None, None, "sum")


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 6), st.sampled_from(READINGS), st.integers(0, 10_000))
def test_neutral_matrices_change_nothing(size, reading, seed):
    torch.manual_seed(seed)
    q, k, v = torch.randn(3, 1, 2, size, 4)
    neutral = torch.eye(size) if reading == "product" else torch.ones(size, size)
    edited = beacon_attention(q, k, v, neutral, torch.zeros(size, size), reading=reading)
    for one, other in zip(edited, softmax_attention(q, k, v), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


@settings(deadline=None, max_examples=60)
@given(st.floats(0.01, 100), st.integers(0, 10_000))
def test_pasta_is_a_beacon(alpha, seed):
    """PASTA by its own definition: weights of keys not highlighted times α, renormalised."""
    torch.manual_seed(seed)
    q, k, v = torch.randn(3, 1, 2, 6, 4)
    highlighted = torch.tensor([True, False, True, False, False, False])
    steered = softmax_attention(q, k, v)[1] * torch.where(highlighted, 1.0, alpha)
    steered = steered / steered.sum(-1, keepdim=True)
    beacon = torch.where(highlighted, 0.0, math.sqrt(4) * math.log(alpha)).expand(6, 6)
    assert torch.allclose(beacon_attention(q, k, v, beacon=beacon)[1], steered, atol=1e-5)
