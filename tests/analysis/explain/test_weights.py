"""Weights of words by hand, on small maps, and on models against whole matrices."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest
import torch
from transformers import AutoModelForCausalLM

import beaconviz as bv
from beaconviz.analysis.explain.weights import (
    METHODS,
    TEMPERATURE,
    received,
    rollout,
    similarity,
    token_weights,
    word_weights,
)
from beaconviz.runs.hidden_words import attention_slopes
from tests.tiny import tiny_model

TEXT = "Ada Lovelace, was the co-founder of Apple Inc. in London"


def fake(*layers, mask=None):
    """A run with these maps, each Float["head query key"]."""

    def blocks(layer, heads):
        yield slice(0, 1), layers[layer][list(heads)][:, :1]
        yield slice(1, layers[layer].shape[1]), layers[layer][list(heads)][:, 1:]

    traces = [SimpleNamespace(mask=mask)] * len(layers)
    return SimpleNamespace(aligned=range(layers[0].shape[-1]), blocks=blocks, traces=traces)


FIRST = torch.tensor([[[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.0, 0.4, 0.6]]])
SECOND = torch.tensor([[[0.2, 0.2, 0.6], [1.0, 0.0, 0.0], [0.3, 0.3, 0.4]]])


def test_received_by_hand():
    assert received(fake(FIRST), [0, 1, 2], [0], [0]).tolist() == pytest.approx([0.2, 0.5, 0.3])
    assert received(fake(FIRST), [1], [0], [0]).tolist() == pytest.approx([0.1, 0.8, 0.1])
    both = received(fake(FIRST, SECOND), [0, 2], [0, 1], [0])
    assert both.tolist() == pytest.approx([0.25, 0.3, 0.45])


def test_received_is_counted_by_those_who_may_look():
    causal = torch.tensor([[[1.0, 0.0, 0.0], [0.6, 0.4, 0.0], [0.2, 0.3, 0.5]]])
    mask = torch.ones(3, 3, dtype=torch.bool).tril()[None]
    found = received(fake(causal, mask=mask), [0, 1, 2], [0], [0])
    assert found.tolist() == pytest.approx([1.8 / 3, 0.7 / 2, 0.5 / 1])


def test_rollout_by_hand():
    # Ã₂ row 0 is (0.6, 0.1, 0.3); Ã₁ is ((0.75, 0.15, 0.1), (0.05, 0.9, 0.05), (0, 0.2, 0.8)).
    found = rollout(fake(FIRST, SECOND), [0], [0, 1], [0])
    assert found.tolist() == pytest.approx([0.455, 0.24, 0.305])


def test_rollout_is_the_sum_over_all_paths_of_the_graph():
    """As the paper says it in words: the weights of a path's edges multiplied, and all paths
    summed."""
    heads = torch.rand(3, 2, 4, 4, generator=torch.Generator().manual_seed(0))
    layers = heads / heads.sum(dim=-1, keepdim=True)
    edges = [0.5 * one.mean(dim=0) + 0.5 * torch.eye(4) for one in layers]
    expected = torch.zeros(4)
    for top, high, low, word in itertools.product(range(4), repeat=4):
        expected[word] += edges[2][top, high] * edges[1][high, low] * edges[0][low, word] / 4
    found = rollout(fake(*layers), [0, 1, 2, 3], [0, 1, 2], [0, 1])
    assert found.tolist() == pytest.approx(expected.tolist(), abs=1e-6)


def test_similarity_by_hand():
    vectors, query = torch.tensor([[3.0, 4.0], [0.0, 2.0]]), torch.tensor([1.0, 0.0])
    by_cosine = torch.tensor([0.6, 0.0]).div(TEMPERATURE).softmax(dim=0)
    by_dot = torch.tensor([3.0, 0.0]).div(2**0.5).softmax(dim=0)
    assert similarity(vectors, query).tolist() == pytest.approx(by_cosine.tolist())
    assert similarity(vectors, query, "dot").tolist() == pytest.approx(by_dot.tolist())
    with pytest.raises(bv.BeaconvizError, match="expected one of cosine, dot"):
        similarity(vectors, query, "euclid")
    with pytest.raises(bv.BeaconvizError, match="has 3 components"):
        similarity(vectors, torch.ones(3))


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("weights")
    causal = {"labels": None, "auto": AutoModelForCausalLM}
    folders = {
        "bert": tiny_model("bert", root / "bert"),
        "llama": tiny_model("llama", root / "llama", **causal),
        "bare": tiny_model("bert", root / "bare", labels=None),
    }
    return {name: bv.load(str(folder), device="cpu") for name, folder in folders.items()}


def read(model, text=TEXT, design=None):
    return bv.run(model, text, design, limit=0 if model.task.writes else None)


@pytest.mark.parametrize("name", ["bert", "llama", "bare"])
@pytest.mark.parametrize("method", METHODS)
def test_weights_are_shares(name, method, models):
    run = read(models[name], TEXT + " !")
    found = word_weights(run, method)
    assert found.shape == (len(run.words),)
    assert found.min() >= 0
    assert found.sum().item() == pytest.approx(1, abs=1e-5)
    assert found[-1] == 0  # "!" has no letter


def test_special_tokens_and_punctuation_get_nothing(models):
    run = read(models["bert"])
    found = token_weights(run)
    spelled = [run.source[start:end] for start, end in run.aligned.spans]
    for token, (special, piece) in enumerate(zip(run.aligned.special, spelled, strict=True)):
        assert (found[token] == 0) == (special or not any(c.isalnum() for c in piece))


def test_received_and_rollout_on_a_model_are_those_of_its_whole_maps(models):
    run = read(models["bert"])
    maps = torch.stack([run.weights(layer) for layer in range(run.layers)])
    rows = [t for t, special in enumerate(run.aligned.special) if not special]
    plain = maps[:, :, rows].mean(dim=(0, 1, 2))
    found = received(run, rows, range(run.layers), range(run.heads))
    assert torch.allclose(found, plain, atol=1e-6)
    some = received(run, rows, [1], [0, 3])
    assert torch.allclose(some, maps[1, [0, 3]][:, rows].mean(dim=(0, 1)), atol=1e-6)
    flow = torch.eye(len(run.aligned))
    for layer in maps:
        flow = (layer.mean(dim=0) + torch.eye(len(flow))) / 2 @ flow
    found = rollout(run, rows, range(run.layers), range(run.heads))
    assert torch.allclose(found, flow[rows].mean(dim=0), atol=1e-6)


def test_gradient_attention_is_the_positive_part_of_weights_times_slopes(models):
    run = read(models["bert"])
    said = run.output.whole_statement()
    plain = torch.zeros(len(run.aligned))
    for layer, slope in enumerate(attention_slopes(run, said.slope)):
        for head in range(run.heads):
            pull = run.weights(layer)[head] * slope(head, slice(None))
            plain += pull.clamp(min=0).sum(dim=0)
    counted = token_weights(run) > 0
    plain[~counted] = 0
    assert torch.allclose(token_weights(run, "gradient"), plain / plain.sum(), atol=1e-5)


@pytest.mark.parametrize("name", ["bert", "llama", "bare"])
@pytest.mark.parametrize("method", ["received", "rollout", "similarity"])
def test_padding_changes_no_weight(name, method, models):
    longer = " ".join([TEXT] * 3)
    alone = word_weights(read(models[name]), method)
    padded, _ = bv.run_batch(models[name], [TEXT, longer])
    assert torch.allclose(word_weights(padded, method), alone, atol=1e-5)


def test_an_edit_moves_them(models):
    words = TEXT.split()
    design = bv.Design.neutral(words).with_cells(beacon=[("*", 6, 60.0)])
    before, after = (word_weights(read(models["bert"], TEXT, one)) for one in (None, design))
    assert after[6] > before[6] + 0.2
    neutral = word_weights(read(models["bert"], TEXT, bv.Design.neutral(words)))
    assert torch.allclose(neutral, before, atol=1e-6)


def test_attention_is_counted_where_a_thing_is_said(models):
    run = read(models["llama"])
    (said,) = run.output.statements()
    assert said.asking == (len(run.aligned) - 1,)
    last = torch.stack([run.weights(n)[:, -1] for n in range(run.layers)]).mean(dim=(0, 1))
    counted = token_weights(run) > 0
    expected = last * counted / (last * counted).sum()
    assert torch.allclose(token_weights(run, statement=said), expected, atol=1e-5)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "attention"}, "expected one of received"),
        ({"layers": [7]}, "layer is 7; expected a number from 0 to 2"),
        ({"heads": [-1]}, "head is -1"),
        ({"layers": []}, "no layers are given"),
    ],
)
def test_what_does_not_fit_is_named(options, said, models):
    with pytest.raises(bv.BeaconvizError, match=said):
        word_weights(read(models["bert"]), **options)


def test_a_text_of_punctuation_alone_has_no_weights(models):
    with pytest.raises(bv.BeaconvizError, match="no word with a letter or a digit"):
        word_weights(read(models["bert"], "! , ?"))
