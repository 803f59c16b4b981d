"""The last hidden states that a run keeps, and the encoder that gives vectors of texts."""

from __future__ import annotations

import pytest
import torch
from sentence_transformers import SentenceTransformer
from transformers import AutoModel, AutoModelForCausalLM, AutoModelForSeq2SeqLM

import beaconviz as bv
from beaconviz.models.shipped.minilm import package_folder
from tests.tiny import DECODERS, FAMILIES, tiny_model

TEXTS = ["Ada Lovelace was the co-founder of Apple Inc. in London", "Steve Jobs was quick"]


@pytest.mark.parametrize("family", [*FAMILIES, *DECODERS])
def test_states_are_the_stock_models_also_of_a_padded_text(family, tmp_path):
    kinds = {} if family in FAMILIES else {"labels": None, "auto": AutoModelForCausalLM}
    folder = tiny_model(family, tmp_path, **kinds)
    model = bv.load(str(folder), device="cpu")
    stock = AutoModel.from_pretrained(folder).eval()
    for one in bv.run_batch(model, TEXTS):
        with torch.no_grad():
            expected = stock(input_ids=torch.tensor([one.aligned.ids])).last_hidden_state[0]
        assert one.states is not None
        assert (one.states - expected).abs().max() < 1e-5


def test_states_follow_an_edit(model):
    design = bv.Design.neutral(TEXTS[0].split()).with_cells(beacon=[(2, 3, 40.0)])
    before = bv.run(model, TEXTS[0])
    after = bv.run(model, TEXTS[0], design, baseline=before)
    assert (after.states - before.states).abs().max() > 1e-3


def test_a_model_of_two_texts_keeps_none(tmp_path):
    folder = tiny_model("bart", tmp_path, labels=None, auto=AutoModelForSeq2SeqLM)
    assert bv.run(bv.load(str(folder), device="cpu"), TEXTS[1], limit=3).states is None


def test_minilm_gives_the_vectors_of_sentence_transformers():
    model, theirs = bv.load("minilm", device="cpu"), SentenceTransformer(str(package_folder()))
    for text, expected in zip(TEXTS, theirs.encode(TEXTS, convert_to_tensor=True), strict=True):
        found = torch.nn.functional.normalize(bv.run(model, text).output.vector, dim=0)
        assert (found - expected.cpu()).abs().max() < 1e-5
    assert model.max_tokens == theirs.max_seq_length
