"""Learned pooling: by hand, and on a collection where one word gives the answer away."""

from __future__ import annotations

import pytest
import torch

import beaconviz as bv
from beaconviz.retrieval.documents import Collection, Document
from beaconviz.retrieval.evaluation import Topics
from beaconviz.retrieval.index import ready_index
from beaconviz.retrieval.pooling import Pooling, WordVectors, halves, passages_of, train
from beaconviz.retrieval.query_run import run_query

TOPICS = ["bees", "bread", "tides", "trees", "bridges", "glass", "snakes", "stars"]
NOISE = "the minutes of the last meeting were read and approved by all members of the board"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    documents = tuple(Document(topic, "", f"{NOISE} {topic} {NOISE}") for topic in TOPICS)
    folder = tmp_path_factory.mktemp("pooling") / "index"
    return ready_index(Collection("noise", documents), bv.load("minilm", device="cpu"), folder)


@pytest.fixture(scope="module")
def topics():
    queries = {topic: f"about {topic}, please" for topic in TOPICS}
    return Topics(queries, {topic: {topic: 1} for topic in TOPICS})


def test_pooled_by_hand():
    words = WordVectors.concatenated(
        [torch.tensor([[2.0, 0.0], [0.0, 1.0]]), torch.tensor([[0.0, 3.0]])]
    )
    even = words.pooled(torch.zeros(2))
    assert even[0].tolist() == pytest.approx([2 / 5**0.5, 1 / 5**0.5])
    assert even[1].tolist() == [0.0, 1.0]
    w = torch.tensor([0.0, 3.0])  # logits 0 and 3
    share = torch.tensor([2.0, torch.e**3])
    assert words.pooled(w)[0].tolist() == pytest.approx((share / share.norm()).tolist())


def test_large_logits_do_not_overflow():
    words = WordVectors.concatenated([torch.tensor([[2.0, 0.0], [0.0, 1.0]])])
    assert words.pooled(torch.tensor([500.0, 0.0])).tolist() == [[1.0, 0.0]]


def test_no_weights_are_the_mean_over_words(index):
    query_run = run_query(index.model, "about bees, please")
    ranking = Pooling(index, torch.zeros(384), passages_of(index))(query_run)
    means = torch.stack([index.vectors_of(n).mean(dim=0) for n in range(len(TOPICS))])
    query = query_run.vectors.words.mean(dim=0)
    cosines = torch.nn.functional.cosine_similarity(means, query[None], dim=-1)
    assert ranking.order.tolist() == cosines.argsort(descending=True).tolist()
    assert ranking.scores == pytest.approx(cosines.sort(descending=True).values.tolist(), abs=1e-5)


def test_learning_lowers_the_loss_and_moves_weight_to_the_word_that_tells(index, topics):
    steps = list(train(index, topics, TOPICS, steps=20, rate=0.02))
    assert [step.number for step in steps] == list(range(21))
    assert steps[-1].loss < steps[0].loss
    best = min(steps, key=lambda step: step.validation_loss)
    assert best.validation_loss < steps[0].validation_loss
    w = steps[-1].best
    vectors = index.vectors_of(0)
    before, after = (torch.softmax(vectors @ weights, dim=0) for weights in (torch.zeros(384), w))
    bees = len(NOISE.split())  # the place of "bees"
    assert after[bees] > before[bees]


def test_halves_are_apart_and_drawn_by_the_seed():
    training, test = halves(TOPICS, 0)
    assert sorted(training + test) == sorted(TOPICS)
    assert len(training) == len(test)
    assert halves(TOPICS, 0) == (training, test)
    assert halves(TOPICS, 1) != (training, test)


def test_too_few_queries_are_refused(index, topics):
    with pytest.raises(bv.BeaconvizError, match="give at least 4"):
        next(train(index, topics, TOPICS[:3]))
