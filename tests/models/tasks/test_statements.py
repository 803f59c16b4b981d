"""What a model says, as a number: by hand from logits, with tokens out of sight."""

from __future__ import annotations

import pytest
import torch
from torch.nn.functional import cosine_similarity
from transformers import AutoModelForMaskedLM, AutoModelForQuestionAnswering

import beaconviz as bv
from tests.tiny import READERS, tiny_head, tiny_model

TEXT = "Ada Lovelace was the co-founder of Apple Inc. in London"


@pytest.fixture(scope="module")
def answering(tmp_path_factory):
    folder = tmp_path_factory.mktemp("answers")
    path = tiny_model("bert", folder, labels=None, auto=AutoModelForQuestionAnswering)
    return bv.run(bv.load(str(path), device="cpu"), "Who founded it?", second=TEXT)


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    folder = tmp_path_factory.mktemp("states")
    path = tiny_model("bert", folder, labels=None)
    return bv.run(bv.load(str(path), device="cpu"), TEXT)


def some_hidden(run, keep):
    """Of each sample a third of the tokens is out of sight, those of `keep` never."""
    seen = torch.ones(3, len(run.aligned), dtype=torch.bool)
    for sample in range(3):
        seen[sample, sample::3] = False
    seen[:, list(keep)] = True
    return seen


def test_an_answer_s_ends_are_those_of_the_tokens_in_sight(answering):
    """Hidden tokens take no part in the softmax, so that they cannot be the answer."""
    (said,) = answering.output.statements()
    first, last = said.asking[0], said.asking[-1]
    logits = torch.randn(3, len(answering.aligned), 2, generator=torch.Generator().manual_seed(0))
    seen = some_hidden(answering, said.asking)
    found = said.value(logits, seen)
    for sample in range(3):
        inside = seen[sample].nonzero().flatten().tolist()
        starts, ends = logits[sample, inside].double().softmax(dim=0).T
        expected = starts[inside.index(first)] * ends[inside.index(last)]
        assert found[sample].item() == pytest.approx(expected.item(), abs=1e-9)
    everything = said.value(logits, torch.ones_like(seen))
    assert (found > everything + 1e-6).all()


def test_a_text_s_vector_is_the_mean_of_the_tokens_in_sight(states):
    (said,) = states.output.statements()
    logits = torch.randn(3, *states.logits.shape, generator=torch.Generator().manual_seed(0))
    seen = some_hidden(states, ())
    found = said.value(logits, seen)
    for sample in range(3):
        mean = logits[sample, seen[sample]].mean(dim=0)
        expected = cosine_similarity(mean, states.output.vector, dim=0)
        assert found[sample].item() == pytest.approx(expected.item(), abs=1e-6)
    everything = said.value(logits, torch.ones_like(seen))
    assert not torch.allclose(found, everything, atol=1e-3)


def test_a_text_without_a_mask_says_nothing_to_explain(tmp_path):
    path = tiny_model("bert", tmp_path, labels=None, auto=AutoModelForMaskedLM)
    run = bv.run(bv.load(str(path), device="cpu"), TEXT)
    with pytest.raises(bv.BeaconvizError, match="at each <mask>, and the text has none: write"):
        bv.faithful(run)


@pytest.mark.parametrize("name", ["BartForSequenceClassification", "T5ForSequenceClassification"])
def test_a_class_that_a_decoder_says_is_about_the_word_read_there(name, tmp_path):
    """The position of the last token reads the last word, which stays in sight."""
    run = bv.run(bv.load(str(tiny_head(READERS[name], name, tmp_path)), device="cpu"), TEXT)
    (statement,) = run.output.statements()
    assert statement.about == (len(run.words) - 1,)
    assert statement.asking is None
