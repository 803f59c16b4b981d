"""What networks are made of: read from the modules, and seen in their attention."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoModelForSeq2SeqLM

import beaconviz as bv
from beaconviz.models.anatomy import stacks, starts_late
from tests.tiny import DECODERS, FAMILIES, TRANSLATORS, tiny_model

TEXT = "Ada Lovelace was the co-founder of Apple Inc. in London"


@pytest.fixture(scope="module", params=[*FAMILIES, *DECODERS, *TRANSLATORS])
def run(request, tmp_path_factory):
    family = request.param
    auto = AutoModelForCausalLM if family in DECODERS else AutoModel
    if family in TRANSLATORS:
        auto = AutoModelForSeq2SeqLM
    folder = tiny_model(family, tmp_path_factory.mktemp(family), labels=None, auto=auto)
    model = bv.load(str(folder), device="cpu")
    if family in TRANSLATORS:
        return bv.run(model, TEXT, forced="Apple fell over the lazy dog")
    return bv.run(model, TEXT, limit=0) if family in DECODERS else bv.run(model, TEXT)


def test_sizes_are_those_of_the_tiny_models(run):
    model = run.model
    for stack in stacks(model):
        assert (stack.vocabulary, stack.hidden, stack.inner) == (400, 32, 48)
        typed = model.family.name in ("ALBERT", "ELECTRA")
        assert stack.embedding == (16 if typed else 32)
        for kind in stack.kinds:
            assert (stack.layers, kind.heads) == model.sizes[kind.name]
            assert len(kind.windows) == stack.layers
            grouped = model.family.name in ("Gemma 2", "Llama", "Qwen2")
            assert kind.key_heads == (2 if grouped else kind.heads)
    assert [kind.name for stack in stacks(model) for kind in stack.kinds] == (
        ["self", "decoder", "cross"] if model.family.writes_apart else ["self"]
    )


def test_who_sees_what_is_what_the_maps_show(run):
    """No weight where the anatomy says nobody looks, and weight where it says somebody does."""
    for kind in (kind for stack in stacks(run.model) for kind in stack.kinds):
        for layer, window in enumerate(kind.windows):
            weights = run.attention(layer, None, attention=kind.name)
            rows, columns = (torch.arange(size) for size in weights.shape)
            away = columns[None, :] - rows[:, None]
            seen = weights > 0
            assert bool(seen[away > 0].any()) is not kind.causal
            if window is not None:
                assert int(away[seen].abs().max()) == window


def test_layers_that_share_their_weights(run):
    shared = run.model.family.name == "ALBERT"
    assert (stacks(run.model)[0].modules == 1) is shared


def test_a_run_starts_late_where_the_engine_can(run):
    can = bool(run.hidden) and run.model.family.can_start_late
    assert starts_late(run.model) is can
