"""Runs of every family against stock transformers and against the plain definition."""

import threading

import pytest
import torch
from transformers import AutoModel, AutoModelForTokenClassification

import beaconviz as bv
from beaconviz.core import presets
from beaconviz.core.interventions import READINGS
from beaconviz.engine import forward
from beaconviz.models.tasks.token_classification import LabelOutput
from tests.definition import dense
from tests.tiny import FAMILIES

TEXT = "Ada Lovelace was the co-founder of Apple Inc. in London"
WORDS = TEXT.split()
SHORT = "Steve Jobs was quick"


def strong_design(reading, words=WORDS):
    marker = (
        [(1, 3, 0.0), (0, 0, 0.0), (2, "*", 1.0)]
        if reading == "mask"
        else [(1, 3, 0.5), (0, 0, -1.0)]
    )
    return bv.Design.neutral(words, reading=reading).with_cells(
        marker=marker, beacon=[(2, 3, 9.0), ("*", 0, -6.0)]
    )


def stock(folder, **options):
    return AutoModelForTokenClassification.from_pretrained(folder, **options).eval()


def encode(model, texts):
    inputs = model.tokenizer(texts, return_tensors="pt", padding=True)
    inputs.pop("token_type_ids", None)
    return inputs


def test_a_neutral_design_gives_the_stock_models_logits(model, folders):
    family = model.network.config.model_type
    with torch.no_grad():
        expected = stock(folders[family])(**encode(model, TEXT)).logits[0]
    for reading in READINGS:
        one = bv.run(model, TEXT, bv.Design.neutral(WORDS, reading=reading))
        assert (one.logits - expected).abs().max() < 1e-5
    assert (bv.run(model, WORDS).logits - expected).abs().max() < 1e-5


def test_maps_are_the_stock_models_attentions(model, folders):
    family = model.network.config.model_type
    eager = stock(folders[family], attn_implementation="eager")
    with torch.no_grad():
        maps = eager(**encode(model, TEXT), output_attentions=True).attentions
    one = bv.run(model, TEXT)
    assert (one.layers, one.heads) == (len(maps), maps[0].shape[1])
    for layer, expected in enumerate(maps):
        assert torch.allclose(one.weights(layer), expected[0], atol=1e-5)
        assert torch.allclose(one.attention(layer=layer, head=2), expected[0, 2], atol=1e-5)
    assert torch.allclose(one.attention(), torch.stack(maps).mean(dim=(0, 1, 2)), atol=1e-5)


@pytest.mark.parametrize("reading", READINGS)
def test_an_edited_run_equals_the_definition_in_the_whole_network(model, reading, monkeypatch):
    design = strong_design(reading).stacked(
        bv.Edit(beacon=((3, 4, 5.0),), layers=(1, 2), heads=(0, 3))
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
def test_padding_and_batches_change_nothing(model, reading):
    texts = [SHORT, TEXT, TEXT]
    designs = [strong_design(reading, SHORT.split()), None, strong_design(reading)]
    for text, design, batched in zip(
        texts, designs, bv.run_batch(model, texts, designs), strict=True
    ):
        alone = bv.run(model, text, design)
        assert torch.allclose(batched.logits, alone.logits, atol=1e-4)
        assert torch.allclose(batched.attention(), alone.attention(), atol=1e-5)
        assert batched.tags == alone.tags


def test_a_run_that_starts_at_the_first_edited_layer_is_the_same(model):
    baseline = bv.run(model, TEXT)
    design = strong_design("product").targeting(layers=[2])
    whole, late = bv.run(model, TEXT, design), bv.run(model, TEXT, design, baseline=baseline)
    assert torch.equal(whole.logits, late.logits)
    assert torch.equal(whole.attention(), late.attention())
    if model.family.layers is not None:
        assert late.traces[0] is baseline.traces[0]
        assert len(late.hidden) == model.layers


def test_layers_below_the_first_edited_one_are_not_run_again(models):
    model = models["bert"]
    calls = []
    hooks = [
        layer.register_forward_hook(lambda *_, number=number: calls.append(number))
        for number, layer in enumerate(model.network.base_model.encoder.layer)
    ]
    baseline = bv.run(model, TEXT)
    bv.run(model, TEXT, strong_design("gate").targeting(layers=[1]), baseline=baseline)
    bv.run(model, TEXT, bv.Design.neutral(WORDS), baseline=baseline)
    for hook in hooks:
        hook.remove()
    assert calls == [0, 1, 2, 1, 2]


def test_a_bare_encoder_gives_hidden_states_and_maps(models, folders):
    model = models["bare"]
    one = bv.run(model, TEXT)
    with torch.no_grad():
        expected = AutoModel.from_pretrained(folders["bare"]).eval()(**encode(model, TEXT))
    assert (one.logits - expected.last_hidden_state[0]).abs().max() < 1e-5
    assert [*one.tags, *one.entities, *one.model.labels] == []
    with pytest.raises(bv.BeaconvizError, match="no labels for words"):
        one.output.expect(LabelOutput)


def test_maps_on_words_and_without_special_tokens(models):
    one = bv.run(models["bert"], TEXT)
    n, words = len(one.tokens), len(one.words)
    for shape, options in {
        (n, n): {},
        (n - 2, n - 2): {"special": False},
        (words, words): {"unit": "word"},
        (words + 2, words + 2): {"unit": "word", "special": True},
    }.items():
        weights = one.attention(1, 2, **options)
        assert weights.shape == shape
        assert torch.allclose(weights.sum(-1), torch.ones(len(weights)), atol=1e-5)
    full, dropped = one.attention(1, 2), one.attention(1, 2, special=False)
    assert torch.allclose(dropped, full[1:-1, 1:-1] / full[1:-1, 1:-1].sum(-1, keepdim=True))
    pieces = one.aligned.pieces
    by_hand = torch.stack(
        [torch.stack([full[list(i)][:, list(j)].sum(1).mean() for j in pieces]) for i in pieces]
    )
    expected = by_hand / by_hand.sum(-1, keepdim=True)
    assert torch.allclose(one.attention(1, 2, unit="word"), expected, atol=1e-6)


@pytest.mark.parametrize(
    "options", [{"layer": 3}, {"head": -1}, {"layer": True}, {"unit": "letter"}]
)
def test_maps_that_do_not_exist_are_refused(models, options):
    with pytest.raises(bv.BeaconvizError, match="expected"):
        bv.run(models["bert"], TEXT).attention(**options)


def test_blocks_of_rows_are_the_whole_map(models):
    one = bv.run(models["modernbert"], TEXT, strong_design("gate"))
    blocks = [block for _, block in one.blocks(1, range(one.heads), rows=3)]
    assert len(blocks) > 3
    assert torch.allclose(torch.cat(blocks, dim=1), one.weights(1), atol=1e-6)


def test_steering_lends_an_edit_to_plain_calls(model):
    inputs = encode(model, TEXT)
    before = model.network(**inputs).logits
    design = strong_design("product")
    with bv.steering(model, design):
        first, second = model.network(**inputs).logits, model.network(**inputs).logits
    assert torch.allclose(first[0], bv.run(model, TEXT, design).logits, atol=1e-5)
    assert torch.equal(first, second)
    assert torch.equal(model.network(**inputs).logits, before)


def test_an_exception_leaves_nothing_behind(models):
    model = models["bert"]
    inputs = encode(model, TEXT)
    before = model.network(**inputs).logits

    def fail(*_):
        raise RuntimeError("half-way")

    hook = model.network.base_model.encoder.layer[1].register_forward_pre_hook(fail)
    with bv.steering(model, strong_design("gate")):
        with pytest.raises(RuntimeError, match="half-way"):
            model.network(**inputs)
        hook.remove()
        again = model.network(**inputs).logits  # the layers are counted anew
    assert torch.allclose(again[0], bv.run(model, TEXT, strong_design("gate")).logits, atol=1e-5)
    with pytest.raises(ZeroDivisionError), bv.steering(model, strong_design("gate")):
        raise ZeroDivisionError
    assert torch.equal(model.network(**inputs).logits, before)


def test_a_design_longer_than_the_call_is_refused(models):
    model = models["bert"]
    with (
        bv.steering(model, strong_design("gate")),
        pytest.raises(bv.DesignError, match="the call has"),
    ):
        model.network(**encode(model, SHORT))


def test_threads_that_share_a_model_never_see_each_others_edits(models):
    model = models["bert"]
    designs = [None] + [
        presets.boost(WORDS, word=word, value=30.0, reading=reading)
        for word in range(3)
        for reading in ("product", "gate")
    ]
    expected = [bv.run(model, TEXT, design).logits for design in designs]
    wrong, start = [], threading.Barrier(len(designs))

    def work(number):
        start.wait()
        for _ in range(25):
            if not torch.allclose(
                bv.run(model, TEXT, designs[number]).logits, expected[number], atol=1e-5
            ):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(designs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert not torch.allclose(expected[0], expected[1], atol=1e-3)


@pytest.mark.parametrize("family", FAMILIES)
def test_pasta_scales_the_weights_of_keys_that_are_not_highlighted(family, models):
    model = models[family]
    baseline = bv.run(model, TEXT)
    tokens = baseline.tokens
    lit, alpha = [2, 5, 6], 0.05
    design = presets.pasta(
        tokens, highlighted=lit, head_size=model.head_size, alpha=alpha, unit="token"
    ).targeting(layers=[0], heads=[1])
    scaled = baseline.attention(0, 1)
    scaled[:, [t for t in range(len(tokens)) if t not in lit]] *= alpha
    scaled /= scaled.sum(-1, keepdim=True)
    edited = bv.run(model, TEXT, design)
    assert torch.allclose(edited.attention(0, 1), scaled, atol=1e-5)
    assert torch.allclose(edited.attention(0, 2), baseline.attention(0, 2), atol=1e-6)


def test_a_batch_of_designs_shares_a_baseline(model):
    baseline = bv.run(model, TEXT)
    designs = [
        presets.boost(WORDS, word=3, value=20.0).targeting(layers=[1], heads=[head])
        for head in range(model.heads)
    ] + [bv.Design.neutral(WORDS)]
    together = bv.run_batch(model, [baseline.aligned] * len(designs), designs, baseline=baseline)
    for design, one in zip(designs, together, strict=True):
        alone = bv.run(model, TEXT, design)
        assert torch.allclose(one.logits, alone.logits, atol=1e-5)
        assert torch.allclose(one.attention(), alone.attention(), atol=1e-6)
    neutral = [None, bv.Design.neutral(WORDS)]
    same = bv.run_batch(model, [baseline.aligned] * 2, neutral, baseline=baseline)
    assert [one.logits is baseline.logits for one in same] == [True, True]
