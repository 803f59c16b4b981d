"""Shapes and types of tensors are checked in tests: what does not fit its annotation is noticed."""

from __future__ import annotations

import pytest
import torch
from jaxtyping import TypeCheckError

from beaconviz.analysis.metrics import distance, divergence
from beaconviz.core.attention import masked_softmax, softmax_attention
from beaconviz.core.indicator import Spread, averaging
from beaconviz.core.interventions import INTERVENTIONS
from beaconviz.engine.attend import AttentionCall
from beaconviz.engine.rows import RowEdit


def test_an_axis_of_two_arguments_has_one_length():
    q, k, v = (torch.zeros(1, 2, n, 4) for n in (3, 5, 5))
    output, weights = softmax_attention(q, k, v)
    assert output.shape == (1, 2, 3, 4)
    assert weights.shape == (1, 2, 3, 5)
    with pytest.raises(TypeCheckError, match="parameter 'v'"):
        softmax_attention(q, k, v[:, :, 1:])
    with pytest.raises(TypeCheckError, match="parameter 'after'"):
        divergence(weights, weights[..., 1:])
    with pytest.raises(TypeCheckError, match="parameter 'columns'"):
        distance(weights, torch.zeros(3), torch.zeros(3))


def test_whole_numbers_are_no_probabilities():
    with pytest.raises(TypeCheckError, match="parameter 'belongs'"):
        averaging(torch.ones(2, 2, dtype=torch.long))


def test_the_parts_of_an_edit_belong_together():
    rows, heads = torch.tensor([0, 2]), torch.tensor([1])
    marker, offset = torch.eye(3)[rows], torch.zeros(2, 3)
    edit = RowEdit(INTERVENTIONS["product"], rows, marker, offset, heads)
    assert edit.weights(torch.zeros(1, 3, 4), torch.zeros(1, 3, 4), scale=1.0).shape == (1, 2, 3)
    with pytest.raises(TypeCheckError, match="RowEdit"):
        RowEdit(INTERVENTIONS["product"], rows, marker, offset[:1], heads)
    with pytest.raises(TypeCheckError, match="parameter 'key'"):
        edit.weights(torch.zeros(1, 3, 4), torch.zeros(2, 3, 4), scale=1.0)


def test_a_mask_is_boolean_in_a_call():
    query = torch.zeros(1, 2, 3, 4)
    seen = torch.ones(1, 1, 3, 3, dtype=torch.bool)
    AttentionCall(lambda: query, query, query, query, seen, 1.0)
    with pytest.raises(TypeCheckError, match="AttentionCall"):
        AttentionCall(lambda: query, query, query, query, seen.float(), 1.0)


def test_what_comes_out_is_checked_too(monkeypatch):
    monkeypatch.setattr(torch, "softmax", lambda logits, **_: logits[..., 1:])
    logits = torch.zeros(2, 3, 3)
    with pytest.raises(TypeCheckError, match="return value"):
        masked_softmax(logits, None, logits)


def test_what_a_value_for_each_token_is_made_of():
    spread = Spread.of([None, 0, 1], 2, mean=False)
    assert spread.columns(torch.ones(4, 2)).shape == (4, 3)
    with pytest.raises(TypeCheckError, match="parameter 'values'"):
        spread.columns(torch.ones(2))
