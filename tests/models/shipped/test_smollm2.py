"""smollm2-135m: what it says, what an edit does to that, and what is told where it is missing."""

import pytest
import torch

import beaconviz as bv
from beaconviz.models.shipped import smollm2

TEXT = "The capital of France is"


@pytest.fixture(scope="module")
def model():
    return bv.load("smollm2-135m", device="cpu")


def muted(text, word):
    cell = ("*", text.split().index(word), -40.0)
    return bv.Design.neutral(text.split(), reading="gate").with_cells(beacon=[cell])


def test_it_is_a_llama_that_writes(model):
    assert type(model.network).__name__ == "LlamaForCausalLM"
    assert {weight.dtype for weight in model.network.parameters()} == {torch.float32}
    assert (model.layers, model.heads) == (30, 9)
    assert model.task.over_next
    assert model.max_tokens == model.network.config.max_position_embeddings
    assert not model.network.training


def test_it_knows_a_capital_unless_the_country_is_muted(model):
    assert bv.run(model, TEXT, limit=3).text.startswith(" Paris")
    assert not bv.run(model, TEXT, muted(TEXT, "France"), limit=3).text.startswith(" Paris")


def test_it_answers_in_a_chat(model):
    question = "What is the capital of France?"
    tokens = model.tokenize(question, chat=True)
    assert model.chats
    assert [word.text for word in tokens.words] == question.split()
    assert model.tokenizer.decode(tokens.ids).endswith("<|im_start|>assistant\n")
    assert "Paris" in bv.run(model, tokens, limit=12).text


@pytest.mark.parametrize("missing", [smollm2.PACKAGE, "gguf"])
def test_a_missing_package_is_named(monkeypatch, missing):
    find = smollm2.find_spec
    monkeypatch.setattr(smollm2, "find_spec", lambda name: None if name == missing else find(name))
    with pytest.raises(bv.BeaconvizError, match=r'pip install "beaconviz\[llm\]"'):
        smollm2.build()


def test_a_package_without_its_file_is_named(monkeypatch):
    monkeypatch.setattr(smollm2, "FILE", "other.gguf")
    with pytest.raises(bv.BeaconvizError, match="is not installed"):
        bv.load("smollm2-135m")
