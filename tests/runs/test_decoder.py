"""Decoders that read the text again, against stock transformers and the plain definition."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
import transformers

import beaconviz as bv
from beaconviz.core.interventions import READINGS
from beaconviz.engine import forward
from beaconviz.runs.execute import padded
from tests.definition import dense
from tests.tiny import READERS, tiny_head

TEXT, SECOND = "Ada Lovelace lived in London", "Steve Jobs was the co-founder"
WORDS = TEXT.split()
KINDS = ("self", "cross", "decoder")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {name: tiny_head(READERS[name], name, tmp_path_factory.mktemp(name)) for name in READERS}


@pytest.fixture(scope="module", params=READERS)
def model(request, folders):
    return bv.load(str(folders[request.param]), device="cpu")


@pytest.fixture(scope="module")
def bart(folders):
    return bv.load(str(folders["BartForSequenceClassification"]), device="cpu")


@pytest.fixture
def texts(model):
    """Of different lengths: a pair, a longer one, and where the model takes it one text."""
    pairs = [model.tokenize(TEXT, SECOND), model.tokenize(SECOND, f"{TEXT} and never saw Apple")]
    if model.task.second == "required":
        return pairs
    return [model.tokenize(TEXT), model.tokenize(f"{TEXT} in London")]


def stock(model, folders):
    name = model.network.config.architectures[0]
    return (
        getattr(transformers, name)
        .from_pretrained(folders[name], attn_implementation="eager")
        .eval()
    )


@torch.no_grad()
def logits_of(model, tokens):
    return model.task.logits(model.network(**padded(model, [tokens]), use_cache=False))[0]


def design_for(tokens, reading, scale=1.0):
    """Edits of every kind of attention, at some layers and heads, of rows by number and of all."""
    edits = []
    for kind in KINDS:
        own = 0 if kind == "decoder" else 3
        edits.append(
            bv.Edit(beacon=(("*", own, 7.0 * scale), (2, 1, 5.0)), attention=kind, heads=(1,))
        )
        if reading == "product":
            marker = ((3, 1, 1.5), (2, 2, 0.0))
        else:
            marker = (("*", own, 0.0), (1, 1, 0.0))
        edits.append(bv.Edit(marker, ((4, 0, 3.0 * scale),), layers=(1,), attention=kind))
    return bv.Design(tokens.names("word"), tuple(edits), reading)


def test_the_positions_read_what_is_said_of_them(model, texts):
    """Also in a padded call, whose positions beyond the text are nobody's."""
    seen = []
    hook = model.network.get_decoder().register_forward_pre_hook(
        lambda module, args, kwargs: seen.append(kwargs["input_ids"].tolist()), with_kwargs=True
    )
    runs = bv.run_batch(model, texts)
    hook.remove()
    for run, ids in zip(runs, seen[0], strict=True):
        read, tokens = run.decoder.tokens, run.aligned
        assert list(read.ids) == ids[: len(tokens)]
        assert read.ids[1:] == tokens.ids[:-1]
        assert read.tokens[1:] == tokens.tokens[:-1]
        assert read.tokens[0] == model.tokenizer.convert_ids_to_tokens(ids[0])
        assert read.special[:2] == (True, True)
        assert [p + 1 for p in tokens.pieces[1]] == list(read.pieces[1])


def test_maps_and_logits_are_the_stock_models(model, texts, folders):
    network = stock(model, folders)
    inputs = padded(model, texts)
    with torch.no_grad():
        output = network(**inputs, output_attentions=True)
    logits = model.task.logits(output)
    stacks = {
        "self": output.encoder_attentions,
        "decoder": output.decoder_attentions,
        "cross": output.cross_attentions,
    }
    neutral = [bv.Design.neutral(tokens.names("word")) for tokens in texts]
    for sample, run in enumerate(bv.run_batch(model, texts, neutral)):
        n = len(run.aligned)
        own = logits[sample] if model.task.labelled == "texts" else logits[sample, :n]
        assert torch.allclose(run.logits, own, atol=1e-5)
        for kind, stack in stacks.items():
            assert model.sizes[kind] == (len(stack), stack[0].shape[1])
            for layer, weights in enumerate(stack):
                maps = run.weights(layer, attention=kind)
                assert torch.allclose(maps, weights[sample, :, :n, :n], atol=1e-5)


@pytest.mark.parametrize("reading", READINGS)
def test_edits_give_the_definition_in_the_whole_network(model, texts, reading, monkeypatch):
    for tokens in texts:
        design = design_for(tokens, reading)
        fast, untouched = bv.run(model, tokens, design), bv.run(model, tokens)
        attend, calls = dense(design, tokens, apart=len(tokens))
        with monkeypatch.context() as patch:
            patch.setitem(forward.AttentionInterface._global_mapping, forward.ATTENTION, attend)
            plain = logits_of(model, tokens)
        assert torch.allclose(fast.logits, plain, atol=1e-4)
        assert (fast.logits - untouched.logits).abs().max() > 1e-3
        assert len(calls) == sum(size.layers for size in model.sizes.values())
        for (kind, layer), weights in calls.items():
            assert torch.allclose(fast.weights(layer, attention=kind), weights, atol=1e-4)


@pytest.mark.parametrize("reading", READINGS)
def test_a_padded_batch_is_each_text_alone(model, texts, reading):
    designs = [
        design_for(tokens, reading, scale) for tokens, scale in zip(texts, (1, -1), strict=True)
    ]
    texts, designs = [*texts, texts[0]], [*designs, None]
    batch = bv.run_batch(model, texts, designs)
    for run, tokens, design in zip(batch, texts, designs, strict=True):
        alone = bv.run(model, tokens, design)
        assert torch.allclose(run.logits, alone.logits, atol=1e-5)
        for kind in KINDS:
            for layer in range(model.sizes[kind].layers):
                maps = [one.weights(layer, attention=kind) for one in (run, alone)]
                assert torch.allclose(*maps, atol=1e-5)


def test_steering_is_the_same_edit(model, texts):
    tokens = texts[0]
    design = design_for(tokens, "product")
    with bv.steering(model, design, tokens):
        logits = logits_of(model, tokens)
    assert torch.allclose(logits, bv.run(model, tokens, design).logits, atol=1e-5)


@pytest.mark.parametrize("kind", ["cross", "decoder"])
def test_one_kind_changes_no_map_of_the_others(model, texts, kind):
    """In the first layer, whose input no edit changes; asymmetric: row 2 looks at column 1."""
    tokens = texts[0]
    edit = bv.Edit(beacon=((2, 1, 30.0 if model.head_size > 1 else 12.0),), attention=kind)
    design = bv.Design(tokens.names("word"), (edit,))
    plain, edited = bv.run(model, tokens), bv.run(model, tokens, design)
    column = tokens.pieces[1][0] if kind == "cross" else 1
    for other in KINDS:
        moved = edited.weights(0, attention=other) - plain.weights(0, attention=other)
        if other == kind:
            assert (moved[:, 2, column] > 0.01).all()
            assert moved[:, [0, 1, *range(3, len(tokens))]].abs().max() < 1e-6
        elif (kind, other) != ("decoder", "cross"):  # which comes after it in the layer
            assert moved.abs().max() < 1e-6
    assert not torch.allclose(plain.logits, edited.logits, atol=1e-4)


def test_maps_have_the_positions_as_rows(model, texts):
    run = bv.run(model, texts[0])
    n, words = len(run.aligned), len(run.words)
    queries, keys = run.axes("cross")
    assert (queries, keys) == (run.decoder.tokens, run.aligned)
    assert run.axes("decoder") == (queries, queries)
    assert run.attention(attention="cross", unit="word", special=True).shape == (
        n, words + sum(run.aligned.special),
    )  # fmt: skip
    causal = run.attention(0, 0, attention="decoder")
    assert causal.shape == (n, n)
    assert causal.triu(1).abs().max() == 0
    assert torch.allclose(causal.sum(-1), torch.ones(n))


def test_a_position_that_the_text_has_not_is_refused(model, texts):
    tokens = texts[0]
    for kind, cell in (("cross", (len(tokens), 0, 1.0)), ("decoder", (0, 9_999, 1.0))):
        design = bv.Design(tokens.names("word"), (bv.Edit(beacon=(cell,), attention=kind),))
        with pytest.raises(bv.DesignError, match=rf"positions 0 to {len(tokens) - 1}: leave"):
            bv.run(model, tokens, design)


def test_a_head_that_the_decoder_has_not_is_refused(bart):
    edit = bv.Edit(beacon=((0, 0, 1.0),), attention="cross", heads=(3,))
    with pytest.raises(bv.DesignError, match="2 heads a layer"):
        bv.run(bart, TEXT, bv.Design(tuple(WORDS), (edit,)))


def test_a_comparison_has_numbers_of_what_was_edited(bart):
    edit = bv.Edit(beacon=(("*", 1, 20.0),), attention="cross", layers=(1,))
    comparison = bv.compare(bart, TEXT, bv.Design(tuple(WORDS), (edit,)))
    assert comparison.kinds == ("cross",)
    table = comparison.metrics()
    assert len(table) == 6
    assert (table.loc[table["layer"] == 1, "divergence"] > 0.01).all()
    assert table.loc[table["layer"] == 0, "divergence"].max() < 1e-6
    assert set(comparison.metrics("self")["divergence"]) == {0.0}
    neutral = bv.compare(bart, TEXT, bv.Design.neutral(WORDS))
    assert neutral.kinds == ("self", "decoder", "cross")


def test_states_are_the_encoders(model, texts, folders):
    run = bv.run(model, texts[0])
    encoder = stock(model, folders).get_encoder()
    with torch.no_grad():
        expected = encoder(input_ids=torch.tensor([run.aligned.ids])).last_hidden_state[0]
    assert torch.allclose(run.states, expected, atol=1e-5)


@pytest.mark.parametrize("name", ["BartForSequenceClassification", "T5ForSequenceClassification"])
def test_texts_that_end_several_times_go_one_by_one(name, folders):
    """transformers counts the tokens that end a text, and takes no batch that has not as many."""
    model = bv.load(str(folders[name]), device="cpu")
    pair = model.tokenize(TEXT, SECOND)
    edit = bv.Edit(beacon=(("*", 1, 9.0),), attention="cross")
    designs = [None, bv.Design(pair.names("word"), (edit,))]
    runs = bv.run_batch(model, [TEXT, pair], designs)
    for run, text, design in zip(runs, (TEXT, pair), designs, strict=True):
        assert torch.allclose(run.logits, bv.run(model, text, design).logits, atol=1e-6)


def test_a_text_without_an_end_has_no_class(bart):
    tokens = bart.tokenize(TEXT)
    ids = tuple(0 if token == 2 else token for token in tokens.ids)
    with pytest.raises(bv.BeaconvizError, match="no token '</s>', at which"):
        bv.run(bart, replace(tokens, ids=ids))
