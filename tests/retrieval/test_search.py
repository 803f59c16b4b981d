"""Rankings by hand and by the libraries, neutral and edited."""

from __future__ import annotations

import bm25s
import numpy as np
import pytest
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity

import beaconviz as bv
from beaconviz.analysis.explain.weights import similarity, word_weights
from beaconviz.core import presets
from beaconviz.retrieval import search as module
from beaconviz.retrieval.documents import Collection, Document
from beaconviz.retrieval.encoding import pooled
from beaconviz.retrieval.index import ready_index
from beaconviz.retrieval.query_run import run_query
from beaconviz.retrieval.search import METHODS, methods_of, rank, search

QUERY = "jaguar in the forest or on the road"


def ids_of(results):
    return [hit.id for hit in results.hits]


def ids(index, numbers):
    return [index.collection.documents[n].id for n in numbers]


def test_mean_is_the_cosine_of_mean_vectors(index):
    query_run = run_query(index.model, QUERY)
    cosines = index.mean @ torch.nn.functional.normalize(query_run.run.output.vector, dim=0).numpy()
    ranking = rank(index, query_run, "mean")
    assert ranking.order.tolist() == np.argsort(-cosines, kind="stable").tolist()
    assert ranking.scores == pytest.approx(np.sort(cosines)[::-1], abs=1e-6)


def test_tfidf_is_the_libraries(index):
    vectorizer = TfidfVectorizer(stop_words="english", sublinear_tf=True)
    matrix = vectorizer.fit_transform([document.full for document in index.collection.documents])
    theirs = cosine_similarity(vectorizer.transform([QUERY]), matrix)[0]
    ranking = rank(index, run_query(index.model, QUERY), "tfidf")
    assert ranking.order.tolist() == [
        n for n in np.argsort(-theirs, kind="stable") if theirs[n] > 0
    ]
    ratio = ranking.scores / theirs[ranking.order]
    assert ratio == pytest.approx(ratio[0])  # the query's length


def test_bm25_is_the_libraries(index):
    lexical = index.lexical
    theirs = bm25s.BM25()
    theirs.index(
        [lexical.terms(document.full) for document in index.collection.documents],
        show_progress=False,
    )
    scores = theirs.get_scores(lexical.terms(QUERY))
    ranking = rank(index, run_query(index.model, QUERY), "bm25")
    assert ranking.scores == pytest.approx(scores[ranking.order], rel=1e-5)
    assert len(ranking.order) == (scores > 0).sum()


def test_similarity_ranks_the_first_anew_by_pooled_words(index, monkeypatch):
    monkeypatch.setattr(module, "DEPTH", 6)
    query_run = run_query(index.model, QUERY)
    plain, ranking = rank(index, query_run, "mean"), rank(index, query_run, "similarity")
    query = torch.nn.functional.normalize(query_run.run.output.vector, dim=0)
    scores = {}
    for number in plain.order[:6].tolist():
        vectors = index.vectors_of(int(plain.best[number]))
        scores[number] = float(pooled(vectors, similarity(vectors, query)) @ query)
    assert ranking.order[:6].tolist() == sorted(scores, key=lambda n: -scores[n])
    assert ranking.order[6:].tolist() == plain.order[6:].tolist()
    assert ranking.scores[:6] == pytest.approx(sorted(scores.values(), reverse=True), abs=1e-4)
    assert (np.diff(ranking.scores) <= 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_neutral_design_gives_the_unedited_ranking_exactly(method, index):
    plain = search(index, QUERY, method)
    for reading in ("product", "gate", "mask"):
        neutral = bv.Design.neutral(QUERY.split(), reading=reading)
        edited = search(index, QUERY, method, design=neutral)
        assert edited.hits == plain.hits
    zero = bv.Design.neutral(QUERY.split()).with_cells(beacon=[(0, 1, 0.0)])
    assert search(index, QUERY, method, design=zero).hits == plain.hits


@pytest.mark.parametrize("method", METHODS)
def test_an_edit_moves_the_ranking_and_says_from_where(method, index):
    design = presets.boost(QUERY.split(), word=7, value=25.0).targeting(layers=(5,))
    plain = search(index, QUERY, method, top=24)
    edited = search(index, QUERY, method, design=design, top=24)
    assert [hit.score for hit in edited.hits] != [hit.score for hit in plain.hits]
    before = {hit.id: hit.rank for hit in plain.hits}
    assert all(hit.before == before[hit.id] for hit in edited.hits)
    assert all(hit.before is None for hit in plain.hits)


def test_more_attention_to_the_road_brings_the_car(index):
    design = presets.boost(QUERY.split(), word=7, value=20.0).targeting(layers=(5,))
    assert ids_of(search(index, QUERY, "received", top=1)) == ["jaguar"]
    (hit,) = search(index, QUERY, "received", design=design, top=1).hits
    assert (hit.id, hit.before) == ("jaguar-car", 2)


def test_words_count_as_much_more_as_they_are_attended_to(index):
    design = presets.boost(QUERY.split(), word=7, value=20.0).targeting(layers=(5,))
    query_run = run_query(index.model, QUERY, design)
    before, after = (word_weights(run) for run in (query_run.baseline, query_run.run))
    terms = query_run.terms(index.lexical)
    assert terms["road"] == pytest.approx(float(after[7] / before[7]))
    assert terms["road"] > 1 > terms["forest"]
    assert query_run.before().terms(index.lexical) == {"jaguar": 1, "forest": 1, "road": 1}


@pytest.mark.parametrize("method", METHODS)
def test_key_words_are_places_in_the_passage(method, index):
    for hit in search(index, "how do bees find flowers", method).hits:
        assert len(hit.key) <= module.KEYS
        for key in hit.key:
            assert hit.passage[key.start : key.end] == key.word
            assert 0 < key.weight <= 1
        assert [key.start for key in hit.key] == sorted(key.start for key in hit.key)
    assert "bee" in {key.word for key in search(index, "bee").hits[0].key}


def test_a_long_document_is_as_good_as_its_best_passage(minilm, tmp_path):
    filler = "The committee met on Tuesday and approved the minutes of the last meeting. " * 40
    documents = (
        Document("long", "", f"{filler} Bees dance to tell the others where flowers are. {filler}"),
        Document("none", "", filler),
        Document("short", "", "A bank sets the rate of interest."),
    )
    index = ready_index(Collection("c", documents), minilm, tmp_path / "index")
    assert len(index.passages) > 5
    hit = search(index, "how bees tell where flowers are", top=1).hits[0]
    assert hit.id == "long"
    assert "Bees dance" in hit.passage
    assert len(hit.passage) < len(documents[0].text) / 2
    words = search(index, "bees", "bm25").hits
    assert [hit.id for hit in words] == ["long"]
    assert "Bees dance" in words[0].passage


@pytest.mark.parametrize(
    ("query", "options", "message"),
    [
        ("", {}, "the text is empty"),
        ("of the", {"method": "bm25"}, "stop words only"),
        ("of the", {"method": "tfidf"}, "stop words only"),
        ("?!", {"method": "bm25"}, "stop words only"),
        ("bees", {"method": "google"}, "expected one of tfidf"),
        ("bees", {"top": 0}, "expected 1 or more"),
        ("bees " * 300, {}, "takes at most 256"),
        ("bees", {"design": bv.Design.neutral(["ants"]).with_cells(beacon=[(0, 0, 1.0)])}, "words"),
    ],
)
def test_what_does_not_fit_is_one_line(query, options, message, index):
    with pytest.raises(bv.BeaconvizError, match=message):
        search(index, query, **options)


def test_stop_words_alone_can_be_searched_by_vectors(index):
    assert len(search(index, "of the", "mean").hits) == 10


def test_words_that_are_nowhere_find_nothing(index):
    assert search(index, "xylophone", "bm25").hits == ()


def test_methods_by_name():
    assert methods_of(["all"]) == METHODS
    assert methods_of(["mean", "bm25"]) == ("bm25", "mean")
    with pytest.raises(bv.BeaconvizError, match="expected all or one of"):
        methods_of(["best"])


def test_plain_data(index):
    results = search(index, QUERY, top=2).to_dict()
    assert {"id", "score", "title", "key"} <= set(results["results"][0])
    assert set(results["results"][0]["key"][0]) == {"word", "weight", "start", "end"}
