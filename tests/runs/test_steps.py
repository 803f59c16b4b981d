"""Each step of a text that is generated or forced: its probability, its names, its own row."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

import beaconviz as bv
from tests.tiny import DECODERS, TRANSLATORS, tiny_model

TEXT = "Ada Lovelace was the co-founder"
FORCED = "Apple was quick"


@pytest.fixture(scope="module", params=[*DECODERS, *TRANSLATORS])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    auto = AutoModelForCausalLM if request.param in DECODERS else AutoModelForSeq2SeqLM
    root = tmp_path_factory.mktemp(request.param)
    return tiny_model(request.param, root, labels=None, auto=auto)


def teacher_forced(folder: Path, model: bv.Model, read: list[int], ids: list[int]) -> torch.Tensor:
    """The stock network's probability of each token, given the text and the tokens before it."""
    auto = AutoModelForCausalLM if model.task.over_next else AutoModelForSeq2SeqLM
    network = auto.from_pretrained(folder, attn_implementation="eager").eval()
    with torch.inference_mode():
        if model.task.over_next:
            logits = network(torch.tensor([read + ids])).logits[0, len(read) - 1 : -1]
        else:
            start = network.generation_config.decoder_start_token_id
            decoder = torch.tensor([[start, *ids[:-1]]])
            logits = network(torch.tensor([read]), decoder_input_ids=decoder).logits[0]
    return logits.softmax(-1).gather(1, torch.tensor(ids)[:, None])[:, 0]


def test_a_steps_probability_is_that_of_its_own_token(folder: Path) -> None:
    model = bv.load(str(folder), device="cpu")
    run = bv.run(model, TEXT, forced=FORCED)
    steps = run.generation
    ids, read = list(steps.tokens.ids), list(run.aligned.ids)
    expected = teacher_forced(folder, model, read, ids)
    assert len(set(expected.tolist())) == len(ids)  # a step off would show
    torch.testing.assert_close(steps.probabilities, expected, atol=1e-5, rtol=0)


def test_a_step_comes_after_the_token_before_it(folder: Path) -> None:
    model = bv.load(str(folder), device="cpu")
    run = bv.run(model, TEXT, forced=FORCED)
    ids, before = list(run.generation.tokens.ids), list(run.generation.before.ids)
    assert len(before) == len(ids)
    assert before[1:] == ids[:-1]
    first = run.aligned.ids[-1]
    if not model.task.over_next:
        first = model.network.generation_config.decoder_start_token_id
        queries, keys = run.axes("decoder")
        assert (queries.ids, keys.ids) == (tuple(ids), tuple(before))
    assert before[0] == first
