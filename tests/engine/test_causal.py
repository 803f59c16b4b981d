"""Decoder-only families against stock transformers and against the plain definition."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoModel

import beaconviz as bv
from beaconviz.core.interventions import READINGS
from beaconviz.engine import forward
from tests.definition import dense
from tests.runs.test_execute import SHORT, TEXT, WORDS, encode, strong_design
from tests.tiny import DECODERS, tiny_model


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("decoders")
    return {family: tiny_model(family, root / family, labels=None) for family in DECODERS}


@pytest.fixture(scope="module", params=DECODERS)
def model(request, folders):
    return bv.load(str(folders[request.param]), device="cpu")


def stock(model, folders, **options):
    folder = folders[model.network.config.model_type]
    return AutoModel.from_pretrained(folder, **options).eval()


def test_a_neutral_design_gives_the_stock_models_states(model, folders):
    # Gemma 2 has no fused attention of its own, since that takes no cap.
    eager = stock(model, folders, attn_implementation="eager")
    with torch.no_grad():
        expected = eager(**encode(model, TEXT)).last_hidden_state[0]
    for reading in READINGS:
        one = bv.run(model, TEXT, bv.Design.neutral(WORDS, reading=reading))
        assert (one.logits - expected).abs().max() < 1e-5
    with torch.no_grad():
        alone = model.network(**encode(model, TEXT)).last_hidden_state[0]
    assert (alone - expected).abs().max() < 1e-5


def test_maps_are_the_stock_models_attentions(model, folders):
    eager = stock(model, folders, attn_implementation="eager")
    with torch.no_grad():
        maps = eager(**encode(model, TEXT), output_attentions=True).attentions
    one = bv.run(model, TEXT)
    assert (one.layers, one.heads) == (len(maps), maps[0].shape[1])
    for layer, expected in enumerate(maps):
        assert torch.allclose(one.weights(layer), expected[0], atol=1e-5)


@pytest.mark.parametrize("reading", READINGS)
def test_an_edited_run_equals_the_definition_in_the_whole_network(model, reading, monkeypatch):
    design = strong_design(reading).stacked(
        bv.Edit(beacon=((3, 4, 5.0), (4, 2, 7.0)), layers=(1, 2), heads=(0, 3))
    )
    fast = bv.run(model, TEXT, design)
    attend, calls = dense(design, fast.aligned)
    monkeypatch.setitem(forward.AttentionInterface._global_mapping, forward.ATTENTION, attend)
    plain = bv.run(model, TEXT)
    monkeypatch.undo()
    assert (fast.logits - plain.logits).abs().max() < 1e-4
    assert (fast.logits - bv.run(model, TEXT).logits).abs().max() > 1e-3  # and it did something
    for layer, weights in enumerate(calls.values()):
        assert torch.allclose(fast.weights(layer), weights, atol=1e-4)


@pytest.mark.parametrize("reading", READINGS)
def test_no_edit_lets_a_token_see_what_comes_after_it(model, reading):
    run = bv.run(model, TEXT, strong_design(reading))
    for layer in range(run.layers):
        assert run.weights(layer).triu(diagonal=1).abs().max() == 0


@pytest.mark.parametrize("reading", READINGS)
def test_padding_and_batches_change_nothing(model, reading):
    texts = [SHORT, TEXT, TEXT]
    designs = [strong_design(reading, SHORT.split()), None, strong_design(reading)]
    together = bv.run_batch(model, texts, designs)
    for text, design, batched in zip(texts, designs, together, strict=True):
        alone = bv.run(model, text, design)
        assert torch.allclose(batched.logits, alone.logits, atol=1e-4)
        assert torch.allclose(batched.attention(), alone.attention(), atol=1e-5)


def test_a_run_from_a_baseline_is_the_same(model):
    baseline = bv.run(model, TEXT)
    design = strong_design("product").targeting(layers=[2])
    whole, late = bv.run(model, TEXT, design), bv.run(model, TEXT, design, baseline=baseline)
    assert torch.allclose(whole.logits, late.logits, atol=1e-6)
    assert torch.equal(whole.attention(), late.attention())


def test_heads_that_share_keys_are_shown_each(folders):
    model = bv.load(str(folders["llama"]), device="cpu")
    run = bv.run(model, TEXT)
    assert run.heads == 4
    assert not torch.allclose(run.weights(0, [0]), run.weights(0, [1]), atol=1e-3)


def test_d_is_what_scores_are_divided_by(folders):
    sizes = {family: bv.load(str(folders[family]), device="cpu").head_size for family in DECODERS}
    assert sizes.pop("gemma2") == 12  # its own, and not the 16 of a head
    assert set(sizes.values()) == {8}
    for family in DECODERS:
        model = bv.load(str(folders[family]), device="cpu")
        assert bv.run(model, TEXT).traces[0].scaling == pytest.approx(model.head_size**-0.5)
