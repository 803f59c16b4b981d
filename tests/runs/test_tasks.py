"""Every task of the table: what a run gives is what the stock model gives, and edits move it."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoModel, AutoModelForCausalLM, AutoModelForMaskedLM

import beaconviz as bv
from beaconviz.models.tasks import TASKS, task_of
from beaconviz.models.tasks.guesses import GuessOutput
from tests.runs.test_execute import TEXT, encode
from tests.tiny import DECODERS, FAMILIES, tiny_model

MASKED = "Ada Lovelace was the <mask> of Apple Inc. in <mask>"
CASES = [
    *(("fill-mask", family) for family in FAMILIES),
    *(("text-generation", f) for f in DECODERS),
]
AUTO = {"fill-mask": AutoModelForMaskedLM, "text-generation": AutoModelForCausalLM}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("tasks")
    return {
        (task, family): tiny_model(family, root / task / family, labels=None, auto=AUTO[task])
        for task, family in CASES
    }


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def case(request, folders):
    return request.param, folders[request.param]


def design(words):
    return bv.Design.neutral(words).with_cells(
        marker=[(2, 1, 0.5), (2, 2, 0.5)], beacon=[("*", 1, 30.0)]
    )


def test_the_stock_models_logits_without_an_edit_and_others_with_one(case):
    (task, _), folder = case
    model = bv.load(str(folder), device="cpu")
    assert model.task is TASKS[task]
    network = AUTO[task].from_pretrained(folder, attn_implementation="eager").eval()
    with torch.no_grad():
        expected = network(torch.tensor([model.tokenize(MASKED).ids])).logits[0]
    words = MASKED.split()
    baseline = bv.run(model, MASKED)
    assert (baseline.logits - expected).abs().max() < 1e-5
    neutral = bv.run(model, MASKED, bv.Design.neutral(words))
    assert (neutral.logits - expected).abs().max() < 1e-5
    comparison = bv.compare(model, MASKED, design(words), baseline=baseline)
    guesses = comparison.tables(3)["guesses"].frame
    assert (comparison.edited.logits - expected).abs().max() > 1e-3  # and it did something
    assert guesses["change"].abs().max() > 0
    assert not comparison.baseline.tags
    for place, some in guesses.groupby("place"):
        p = torch.softmax(expected[place], dim=-1)
        best = some[some["rank_baseline"] == 1]
        assert best["baseline"].item() == pytest.approx(p.max().item(), abs=1e-6)
        assert best["guess"].item() == model.spell(int(p.argmax()))
        assert some["edited"].is_monotonic_decreasing


def test_who_fills_masks_is_asked_at_each_mask(folders):
    model = bv.load(str(folders["fill-mask", "bert"]), device="cpu")
    run = bv.run(model, MASKED)
    assert [run.tokens[place] for place in run.output.predicted_positions] == ["<mask>", "<mask>"]
    assert bv.run(model, TEXT).output.predicted_positions == ()
    assert bv.compare(model, TEXT, bv.Design.neutral(TEXT.split())).tables()["guesses"].frame.empty


def test_who_writes_is_asked_after_the_text(folders):
    model = bv.load(str(folders["text-generation", "llama"]), device="cpu")
    run = bv.run(model, TEXT)
    (place,) = run.output.predicted_positions
    assert run.aligned.word_of[place] == len(run.words) - 1
    assert place == max(t for t, word in enumerate(run.aligned.word_of) if word is not None)


def test_hidden_states_can_be_had_of_any_checkpoint(folders):
    folder = folders["fill-mask", "bert"]
    model = bv.load(str(folder), task="feature-extraction", device="cpu")
    with torch.no_grad():
        expected = AutoModel.from_pretrained(folder).eval()(**encode(model, TEXT))
    assert (bv.run(model, TEXT).logits - expected.last_hidden_state[0]).abs().max() < 1e-5
    with pytest.raises(bv.BeaconvizError, match="guesses no words: it is for feature-extraction"):
        bv.run(model, TEXT).output.expect(GuessOutput)
    assert not bv.load("ner-mini", task="feature-extraction", device="cpu").labels


@pytest.mark.parametrize(
    ("task", "told"),
    [
        ("text-generation", "has no head for text-generation: it is for fill-mask"),
        ("poetry", "the task is 'poetry'; expected one of token-classification"),
    ],
)
def test_a_task_without_its_head_is_refused(folders, task, told):
    with pytest.raises(bv.BeaconvizError, match=told):
        bv.load(str(folders["fill-mask", "bert"]), task=task, device="cpu")


@pytest.mark.parametrize(
    ("architectures", "task"),
    [
        (["BertForTokenClassification"], "token-classification"),
        (["GPT2LMHeadModel"], "text-generation"),
        (["LlamaForCausalLM"], "text-generation"),
        (["BertForMaskedLM"], "fill-mask"),
        (["BertModel"], "feature-extraction"),
        (["BertForNextSentencePrediction"], "feature-extraction"),
        (None, "feature-extraction"),
    ],
)
def test_a_task_is_told_by_the_architecture(architectures, task):
    assert task_of(architectures).name == task
