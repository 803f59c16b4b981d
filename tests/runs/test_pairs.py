"""Models that take two texts, and models that judge a whole text: what the stock model gives,
and edits, batches and late starts on both texts."""

from __future__ import annotations

import itertools

import pytest
import torch
from transformers import (
    AutoModel,
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
    pipeline,
)

import beaconviz as bv
from beaconviz.core import maps
from beaconviz.core.words import Tokens
from beaconviz.models.tasks import TASKS
from beaconviz.models.tasks.answers import LONGEST
from beaconviz.models.tasks.feature_extraction import StateOutput
from beaconviz.models.tasks.question_answering import AnswerOutput
from beaconviz.runs.execute import run_logits
from beaconviz.runs.steer import compile_for, steering
from tests.tiny import DECODERS, FAMILIES, tiny_model

QUESTION = "Who was the co-founder of Apple Inc. ?"
PASSAGE = "Ada Lovelace lived in London, and Steve Jobs never saw a computer."
AUTO = {
    "text-classification": AutoModelForSequenceClassification,
    "question-answering": AutoModelForQuestionAnswering,
}
CASES = [
    *itertools.product(AUTO, FAMILIES),
    *(("text-classification", family) for family in DECODERS),
]
SIZES = {"text-classification": {"num_labels": 3}, "question-answering": {}}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("pairs")
    return {
        (task, family): tiny_model(
            family, root / task / family, labels=None, auto=AUTO[task], **SIZES[task]
        )
        for task, family in CASES
    }


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def case(request, folders):
    task, _ = request.param
    folder = folders[request.param]
    network = AUTO[task].from_pretrained(folder, attn_implementation="eager").eval()
    model = bv.load(str(folder), device="cpu")
    network.config.pad_token_id = (
        model.tokenizer.pad_token_id
    )  # decoders classify by the last token
    return task, model, network


def stock(model: bv.Model, network: torch.nn.Module, *texts: str) -> torch.Tensor:
    """The logits of the untouched network, as a run holds them."""
    encoded = model.tokenizer(*texts, return_tensors="pt")
    with torch.no_grad():
        return model.task.logits(network(**encoded))[0]


def design(model: bv.Model) -> bv.Design:
    words = model.tokenize(QUESTION, PASSAGE).names("word")
    return bv.Design.neutral(words).with_cells(
        marker=[(2, 10, 0.5), (2, 2, 0.5)], beacon=[("*", 12, 40.0), (9, 1, 20.0)]
    )


def test_the_stock_models_logits_without_an_edit_and_others_with_one(case):
    task, model, network = case
    assert model.task is TASKS[task]
    expected = stock(model, network, QUESTION, PASSAGE)
    baseline = bv.run(model, QUESTION, second=PASSAGE)
    assert (baseline.logits - expected).abs().max() < 1e-5
    neutral = bv.run(model, QUESTION, bv.Design.neutral(baseline.words), second=PASSAGE)
    assert (neutral.logits - expected).abs().max() < 1e-5
    edited = bv.run(model, QUESTION, design(model), second=PASSAGE)
    assert (edited.logits - expected).abs().max() > 1e-4


def test_networks_are_told_the_text_of_each_token_where_their_tokenizer_does(folders):
    typed = {
        family
        for family in FAMILIES
        if any(
            bv.load(str(folders["text-classification", family]), device="cpu")
            .tokenize(QUESTION, PASSAGE)
            .types
        )
    }
    assert {"bert", "electra", "albert"} <= typed
    assert not typed & {"distilbert", "modernbert"}


def test_a_late_start_a_batch_and_steering_give_the_same(case):
    _, model, _ = case
    late = design(model).targeting(layers=[1, 2])
    alone = bv.run(model, QUESTION, late, second=PASSAGE)
    baseline = bv.run(model, QUESTION, second=PASSAGE)
    resumed = bv.run(model, QUESTION, late, second=PASSAGE, baseline=baseline)
    assert (resumed.logits - alone.logits).abs().max() < 1e-5
    short = model.tokenize("Who ?", "Ada was.")
    batch = bv.run_batch(model, [short, baseline.aligned], [None, late])
    assert (batch[1].logits - alone.logits).abs().max() < 1e-5
    assert (batch[0].logits - bv.run(model, short).logits).abs().max() < 1e-5
    several = run_logits(model, baseline, [compile_for(model, late, baseline.aligned)] * 2)
    assert (several[1] - alone.logits).abs().max() < 1e-5
    encoded = model.tokenizer(QUESTION, PASSAGE, return_tensors="pt")
    with steering(model, late, baseline.aligned), torch.no_grad():
        output = model.task.logits(model.network(**encoded))[0]
    assert (output - alone.logits).abs().max() < 1e-5


def test_words_and_tokens_know_their_text(case):
    _, model, _ = case
    tokens = model.tokenize(QUESTION, PASSAGE)
    assert tokens.text == f"{QUESTION}\n{PASSAGE}"
    assert [word.text for word in tokens.words] == [*QUESTION.split(), *PASSAGE.split()]
    assert all(tokens.text[word.start : word.end] == word.text for word in tokens.words)
    assert tokens.word_segments == (0,) * len(QUESTION.split()) + (1,) * len(PASSAGE.split())
    assert tokens.segments.count(None) == 3
    for token, word in enumerate(tokens.word_of):
        if word is not None:
            assert tokens.segments[token] == tokens.word_segments[word]
            start, end = tokens.spans[token]
            assert tokens.text[start:end].strip() in tokens.words[word].text
    assert model.tokenize(QUESTION.split(), PASSAGE.split()) == tokens


def test_special_tokens_stand_where_they_are_in_word_maps(case):
    _, model, _ = case
    rows = maps.rows(model.tokenize(QUESTION, PASSAGE), "word", special=True)
    names = [row.name for row in rows]
    assert names == ["<s>", *QUESTION.split(), "</s>", *PASSAGE.split(), "</s>"]
    assert [row.segment for row in rows] == [None, *[0] * 8, None, *[1] * 12, None]
    assert [row.place for row in rows] == [None, *range(8), None, *range(8, 20), None]


def test_a_classifier_reads_one_text_too(folders):
    for family in FAMILIES:
        model = bv.load(str(folders["text-classification", family]), device="cpu")
        folder = folders["text-classification", family]
        told = pipeline("text-classification", model=str(folder), top_k=None)
        expected = {row["label"]: row["score"] for row in told([PASSAGE])[0]}
        scores = bv.run(model, PASSAGE).output.scores.tolist()
        assert dict(zip(model.classes, scores, strict=True)) == pytest.approx(expected, abs=1e-6)
        assert not model.labels
        assert bv.run(model, PASSAGE).entities == []


@pytest.mark.parametrize("problem", ["multi_label_classification", "regression"])
def test_classes_that_go_together_and_numbers(problem, tmp_path):
    auto = AutoModelForSequenceClassification
    folder = tiny_model(
        "bert", tmp_path, labels=None, auto=auto, num_labels=2, problem_type=problem
    )
    model = bv.load(str(folder), device="cpu")
    run = bv.run(model, PASSAGE)
    apart = torch.sigmoid(run.logits) if problem.startswith("multi") else run.logits
    assert torch.equal(run.output.scores, apart)
    strong = bv.Design.neutral(run.words).with_cells(beacon=[("*", 3, 300.0)])
    comparison = bv.compare(model, PASSAGE, strong, baseline=run)
    for change in comparison.changes:
        assert change.before != change.after
    frame = comparison.tables()["classes"].frame
    assert frame["edited"].is_monotonic_decreasing
    assert set(frame["class"]) == set(model.classes)


def best_answer(tokens: Tokens, logits: torch.Tensor) -> tuple[int, int, float]:
    """The first and last token, and the score, as transformers' pipeline had it (up to version 4):
    the softmax over passage and first token, the pair with the largest product."""
    allowed = [t for t, segment in enumerate(tokens.segments) if segment == 1 or t == 0]
    start, end = (torch.full((len(tokens),), -1e4).double() for _ in range(2))
    start[allowed], end[allowed] = logits[allowed, 0].double(), logits[allowed, 1].double()
    start, end = start.softmax(0), end.softmax(0)
    pairs = [
        (float(start[i] * end[j]), i, j)
        for i, j in itertools.product(allowed[1:], allowed[1:])
        if i <= j < i + LONGEST
    ]
    score, i, j = max(pairs)
    return i, j, score


@pytest.mark.parametrize("family", FAMILIES)
def test_the_best_answer_and_its_score(family, folders):
    model = bv.load(str(folders["question-answering", family]), device="cpu")
    for some in (None, design(model)):
        run = bv.run(model, QUESTION, some, second=PASSAGE)
        first, last, score = best_answer(run.aligned, run.logits)
        shift = len(QUESTION) + 1
        assert run.output.answer.score == pytest.approx(score, abs=1e-9)
        assert run.output.answer.text == PASSAGE[run.output.answer.start : run.output.answer.end]
        assert run.output.answer.start <= run.aligned.spans[first][1] - shift
        assert run.output.answer.end >= run.aligned.spans[last][1] - shift
        assert run.output.answer.text == run.output.answer.text.strip()


def test_answers_before_and_after(folders):
    model = bv.load(str(folders["question-answering", "bert"]), device="cpu")
    comparison = bv.compare(model, QUESTION, design(model), second=PASSAGE)
    frame = comparison.tables(3)["answers"].frame
    assert frame.iloc[0]["answer"] == comparison.edited.output.answer.text
    assert frame.iloc[0]["rank_edited"] == 1
    assert comparison.baseline.output.answer.text in set(frame["answer"])
    moved = comparison.baseline.output.answer.start != comparison.edited.output.answer.start
    assert bool(comparison.changes) == moved or comparison.changes[0].text == "answer"
    record = comparison.to_dict()
    assert record["texts"] == [QUESTION, PASSAGE]
    assert record["edited"]["answer"]["text"] == comparison.edited.output.answer.text


def test_two_texts_are_compared_by_their_states(tmp_path):
    folder = tiny_model("bert", tmp_path, labels=None)
    model = bv.load(str(folder), device="cpu")
    network = AutoModel.from_pretrained(folder).eval()
    with torch.no_grad():
        one, other = (
            network(**model.tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(dim=0)
            for text in (QUESTION, PASSAGE)
        )
    run = bv.run(model, QUESTION, second=PASSAGE)
    assert run.words == QUESTION.split()  # the second is run alone
    assert run.output.cosine == pytest.approx(
        float(torch.cosine_similarity(one, other, dim=0)), abs=1e-5
    )
    strong = bv.Design.neutral(run.words).with_cells(beacon=[("*", 3, 300.0)])
    comparison = bv.compare(model, QUESTION, strong, second=PASSAGE)
    assert comparison.edited.compared_run is comparison.baseline.compared_run
    assert comparison.edited.output.cosine != comparison.baseline.output.cosine
    assert comparison.to_dict()["texts"] == [QUESTION, PASSAGE]
    assert bv.run(model, QUESTION).output.cosine is None


@pytest.mark.parametrize("task", AUTO)
def test_a_scan_reads_every_head(task, folders):
    model = bv.load(str(folders[task, "bert"]), device="cpu")
    baseline = bv.run(model, QUESTION, second=PASSAGE)
    scan = bv.scan(model, baseline.aligned, design(model), bv.Divergence())
    assert scan.effect.shape == (3, 4)
    assert scan.effect.max() > 0


class TestBadInput:
    def refused(self, folder, match, *texts, task=None):
        model = bv.load(str(folder), device="cpu", task=task)
        with pytest.raises(bv.BeaconvizError, match=match) as error:
            bv.run(model, texts[0], second=texts[1] if len(texts) > 1 else None)
        assert "\n" not in str(error.value)

    def test_a_question_without_a_passage(self, folders):
        folder = folders["question-answering", "bert"]
        self.refused(folder, "one text was given; give the passage", QUESTION)
        self.refused(folder, "the second text is empty", QUESTION, " ")
        self.refused(folder, "the text is empty", "", PASSAGE)

    def test_two_texts_where_one_is_read(self, tmp_path):
        told = "token-classification, which reads one text, and two were given"
        self.refused(tiny_model("bert", tmp_path), told, QUESTION, PASSAGE)

    def test_two_texts_too_long_together(self, folders):
        folder = folders["text-classification", "bert"]
        self.refused(folder, "both texts have", QUESTION, PASSAGE * 20)

    def test_tokens_with_a_second_text(self, folders):
        model = bv.load(str(folders["text-classification", "bert"]), device="cpu")
        with pytest.raises(bv.BeaconvizError, match="tokenized already"):
            bv.run(model, model.tokenize(QUESTION), second=PASSAGE)

    def test_what_another_task_gives(self, folders):
        run = bv.run(bv.load(str(folders["text-classification", "bert"])), PASSAGE)
        with pytest.raises(bv.BeaconvizError, match="answers no questions: it is for text-classif"):
            run.output.expect(AnswerOutput)
        with pytest.raises(bv.BeaconvizError, match="gives no hidden states"):
            run.output.expect(StateOutput)
        with pytest.raises(bv.BeaconvizError, match="does not write: it is for text-classif"):
            bv.run(run.model, PASSAGE, forced="Ada")

    def test_a_head_that_the_checkpoint_has_not(self, folders):
        folder = str(folders["text-classification", "bert"])
        with pytest.raises(bv.BeaconvizError, match="it is for text-classification"):
            bv.load(folder, task="question-answering")


def test_who_fills_masks_may_read_two(tmp_path):
    folder = tiny_model("bert", tmp_path, labels=None, auto=AutoModelForMaskedLM)
    model = bv.load(str(folder), device="cpu")
    run = bv.run(model, "Ada <mask> lived", second="in <mask>")
    assert len(run.output.predicted_positions) == 2
    assert [run.aligned.segments[place] for place in run.output.predicted_positions] == [0, 1]
