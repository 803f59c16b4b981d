"""Words out of sight, and gradients, against the plain way to get them, on every family."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoModelForTokenClassification,
)

import beaconviz as bv
from beaconviz.engine.passes import Pass, Plan
from beaconviz.runs.decoder import inputs_from_vectors
from beaconviz.runs.execute import call_network
from beaconviz.runs.hidden_words import attention_slopes, integrated_gradients, out_of_sight
from tests.tiny import DECODERS, FAMILIES, READERS, tiny_head, tiny_model

TEXT = "Ada Lovelace was the co-founder of Apple Inc. in London"
AUTOS = {True: AutoModelForTokenClassification, False: AutoModelForCausalLM}


@pytest.fixture(scope="module")
def brought(tmp_path_factory):
    def bring(family):
        kinds = {} if family in FAMILIES else {"labels": None, "auto": AutoModelForCausalLM}
        folder = tiny_model(family, tmp_path_factory.mktemp(family), **kinds)
        return folder, bv.load(str(folder), device="cpu")

    return bring


def read(model, text, design=None):
    return bv.run(model, text, design, limit=0 if model.task.writes else None)


@pytest.mark.parametrize("family", [*FAMILIES, *DECODERS])
def test_out_of_sight_is_the_models_own_mask(family, brought):
    folder, model = brought(family)
    run = read(model, TEXT)
    seen = torch.ones(3, len(run.aligned), dtype=torch.bool)
    seen[1, 3], seen[2, 2:5] = False, False
    found = out_of_sight(run, seen, lambda logits, _: logits[:, -2:].flatten(1).sum(dim=-1))
    stock = AUTOS[family in FAMILIES].from_pretrained(folder).eval()
    ids = torch.tensor([run.aligned.ids])
    for number, some in enumerate(seen):
        with torch.no_grad():
            logits = stock(input_ids=ids, attention_mask=some[None].long()).logits
        assert found[number].item() == pytest.approx(logits[0, -2:].sum().item(), abs=2e-4)
    assert found[0] != found[1] != found[2]


@pytest.mark.parametrize("family", [*FAMILIES, *DECODERS])
def test_slopes_are_those_of_the_weights_themselves(family, brought):
    """Each weight is moved a little: an edit that adds to one logit moves the whole row, and the
    change of what is said is what the slopes foretell of the row's weights."""
    _, model = brought(family)
    run = read(model, "Steve Jobs was quick")
    slopes = list(attention_slopes(run, lambda logits: logits[:, -1, 1]))
    assert len(slopes) == model.layers
    for layer, head, row, column in ((0, 1, 3, 1), (model.layers - 1, 2, 3, 2)):
        step = 1e-2
        said = []
        rows = []
        for way in (step, -step):
            cell = [(row, column, way)]
            tokens = run.aligned.tokens
            design = bv.Design(tokens, unit="token").with_cells(beacon=cell)
            design = design.targeting(layers=(layer,), heads=(head,))
            moved = read(model, "Steve Jobs was quick", design)
            said.append(moved.logits[-1, 1].double())
            rows.append(moved.weights(layer)[head, row].double())
        foretold = (rows[0] - rows[1]) @ slopes[layer](head, slice(row, row + 1))[0].double()
        assert foretold.item() == pytest.approx((said[0] - said[1]).item(), rel=0.05, abs=2e-4)


def test_slopes_of_an_edited_run_are_the_edited_models(brought):
    _, model = brought("bert")
    design = bv.Design.neutral(TEXT.split()).with_cells(beacon=[(2, 3, 40.0), ("*", 1, -20.0)])
    runs = [read(model, TEXT, one) for one in (None, design)]
    one, two = (next(attention_slopes(run, lambda logits: logits[:, 2, 1])) for run in runs)
    assert not torch.allclose(one(0, slice(None)), two(0, slice(None)), atol=1e-4)


@pytest.mark.parametrize("family", ["bert", "albert", "modernbert", "llama", "opt"])
def test_integrated_gradients_add_up_to_what_was_said(family, brought):
    """Completeness (Sundararajan et al. 2017, proposition 1)."""
    _, model = brought(family)
    run = read(model, "Steve Jobs was quick")

    def slope(logits):
        return logits[:, -1, 1]

    found = integrated_gradients(run, slope, steps=200)
    blank = model.tokenizer.mask_token_id
    ids = [
        one if special else blank
        for one, special in zip(run.aligned.ids, run.aligned.special, strict=True)
    ]
    with torch.no_grad():
        nothing = model.network(input_ids=torch.tensor([ids])).logits
    change = (slope(run.logits[None]) - slope(nothing)).item()
    assert found.sum().item() == pytest.approx(change, rel=0.05, abs=0.02)
    assert all(found[n] == 0 for n, special in enumerate(run.aligned.special) if special)


@pytest.mark.parametrize("family", [*FAMILIES, *DECODERS])
def test_others_may_run_the_network_meanwhile(family, brought):
    """People share a model: one's explanation is none of another's business."""
    _, model = brought(family)
    run, other = read(model, TEXT), read(model, "Steve Jobs was quick")
    told = []

    def slope(logits):
        with ThreadPoolExecutor(1) as somebody:
            told.append(somebody.submit(read, model, "Steve Jobs was quick").result().logits)
        return logits[:, -1, 1]

    integrated_gradients(run, slope, steps=4)
    next(attention_slopes(run, slope))
    assert len(told) > 1
    for logits in told:
        assert torch.equal(logits, other.logits)


def test_nothing_is_explained_of_two_texts(tmp_path):
    folder = tiny_model("bart", tmp_path, labels=None, auto=AutoModelForSeq2SeqLM)
    run = bv.run(bv.load(str(folder), device="cpu"), TEXT, limit=3)
    with pytest.raises(bv.BeaconvizError, match="reads one and writes another"):
        next(attention_slopes(run, lambda logits: logits.sum()))


@pytest.mark.parametrize("edited", [False, True])
def test_integrated_gradients_add_up_to_what_the_edited_run_says(edited, brought):
    """Completeness (Sundararajan et al. 2017, §3): the attributions sum to the difference between
    the text and the blank one, both of them with the design."""
    _, model = brought("bert")
    words = TEXT.split()
    design = bv.Design.neutral(words).with_cells(beacon=[("*", 6, 40.0)]) if edited else None

    def slope(logits):
        return logits[:, 3].log_softmax(dim=-1)[:, 2]

    run = read(model, TEXT, design)
    mask = model.tokenizer.mask_token_id
    pairs = zip(run.aligned.ids, run.aligned.special, strict=True)
    blank = replace(run.aligned, ids=tuple(n if special else mask for n, special in pairs))
    expected = slope(run.logits[None]) - slope(bv.run(model, blank, design).logits[None])
    found = integrated_gradients(run, slope, steps=200)
    assert found.sum().item() == pytest.approx(expected.item(), rel=0.02)
    if edited:
        plain = integrated_gradients(read(model, TEXT), slope, steps=200)
        assert not torch.allclose(found, plain, rtol=0.05, atol=1e-3)


@pytest.fixture(scope="module", params=READERS)
def reader(request, tmp_path_factory):
    folder = tiny_head(READERS[request.param], request.param, tmp_path_factory.mktemp("reader"))
    model = bv.load(str(folder), device="cpu")
    tokens = model.tokenize(TEXT, "Steve Jobs" if model.task.second == "required" else None)
    words = tokens.names("word")
    edits = [
        bv.Edit(beacon=((3, 1, 9.0), ("*", 0, -4.0)), attention=kind)
        for kind in ("self", "cross", "decoder")
    ]
    return model, bv.run(model, tokens, bv.Design(words, tuple(edits)))


def test_out_of_sight_of_a_decoder_that_reads_the_text_again(reader):
    """Another token in its place changes nothing but at the position that reads it."""
    model, run = reader
    seen = torch.ones(1, len(run.aligned), dtype=torch.bool)
    seen[0, 4] = False
    found = []
    for token in (run.aligned.ids[4], 7):
        ids = [*run.aligned.ids[:4], token, *run.aligned.ids[5:]]
        other = replace(run, aligned=replace(run.aligned, ids=tuple(ids)))
        kept = []

        def keep(logits, _, kept=kept):
            kept.append(logits[0])
            return logits.flatten(1).sum(dim=-1)

        out_of_sight(other, seen, keep)
        found += kept
    if model.task.name == "question-answering":  # position 5 reads token 4
        found = [torch.cat([logits[:5], logits[6:]]) for logits in found]
    assert torch.allclose(*found, atol=1e-5)
    assert not torch.allclose(found[0].flatten()[:2], run.logits.flatten()[:2], atol=1e-4)


def test_vectors_of_the_words_give_what_the_words_give(reader):
    """To a decoder too, and integrated gradients add up to what is said more than of blanks (their
    completeness; of few steps, so that they nearly do)."""
    model, run = reader
    this, ids = Pass(Plan([run.edits])), torch.tensor([run.aligned.ids])
    with torch.no_grad():
        vectors = model.network.get_input_embeddings()(ids)
        seen = {"attention_mask": torch.ones_like(ids)}
        given = inputs_from_vectors(model, run.aligned, this, vectors, seen)
        assert torch.allclose(call_network(model, this, given)[0], run.logits, atol=1e-5)
    slope = (lambda logits: logits[:, 1]) if model.task.labelled == "texts" else (
        lambda logits: logits[:, 6, 0]
    )  # fmt: skip
    parts = integrated_gradients(run, slope, steps=100)
    blank = model.tokenizer.mask_token_id
    ids = [
        token if special else blank
        for token, special in zip(run.aligned.ids, run.aligned.special, strict=True)
    ]
    blanks = bv.run(model, replace(run.aligned, ids=tuple(ids)), run.design)
    more = slope(run.logits[None]) - slope(blanks.logits[None])
    assert parts.sum().item() == pytest.approx(more.item(), abs=0.1 * abs(more.item()) + 0.02)
    assert parts.abs().max() > 1e-3
