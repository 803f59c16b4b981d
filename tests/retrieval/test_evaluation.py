"""Measures by hand and by ir-measures, tests between methods, and bad files."""

from __future__ import annotations

import math

import ir_measures
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, ttest_rel

import beaconviz as bv
from beaconviz.core import presets
from beaconviz.retrieval.evaluation import RankingScores, judging, measured, read_topics, score
from beaconviz.retrieval.search import METHODS, search
from tests.retrieval.conftest import FOLDER

RELEVANT = {"q1": {"a": 1, "b": 0, "c": 1}, "q2": {"d": 1}}
RUN = {"q1": {"a": 3.0, "b": 2.0, "c": 1.0}, "q2": {"a": 1.0}}


def test_measures_by_hand():
    frame = measured(RELEVANT, RUN)
    ideal = 1 + 1 / math.log2(3)
    assert frame.loc["q1", "nDCG@10"] == pytest.approx((1 + 1 / math.log2(4)) / ideal)
    assert frame.loc["q1", "MAP"] == pytest.approx((1 + 2 / 3) / 2)
    assert frame.loc["q1", "recall@100"] == 1
    assert frame.loc["q2"].tolist() == [0, 0, 0]


def test_measures_are_those_of_ir_measures(index, collection):
    topics = read_topics(
        FOLDER / "queries.tsv",
        FOLDER / "qrels.tsv",
        [document.id for document in collection.documents],
    )
    rankings = dict(judging(index, topics, ["mean"]))
    table = score(topics, rankings).table()
    run = {query: by_method["mean"] for query, by_method in rankings.items()}
    measures = [ir_measures.parse_measure(name) for name in ("nDCG@10", "AP", "R@100")]
    theirs = ir_measures.calc_aggregate(measures, topics.relevant, run)
    for name, measure in zip(("nDCG@10", "MAP", "recall@100"), measures, strict=True):
        assert table.loc[0, name] == pytest.approx(theirs[measure])


def test_a_ranking_is_judged_in_the_order_that_search_gives(index, collection):
    topics = read_topics(
        FOLDER / "queries.tsv",
        FOLDER / "qrels.tsv",
        [document.id for document in collection.documents],
    )
    for query, rankings in judging(index, topics, METHODS):
        for method in METHODS:
            order = sorted(rankings[method], key=rankings[method].__getitem__, reverse=True)
            hits = search(index, topics.queries[query], method, top=10).hits
            assert order[:10] == [hit.id for hit in hits]


def test_an_edit_is_judged_beside_the_same_method(index, collection):
    topics = read_topics(
        FOLDER / "queries.tsv",
        FOLDER / "qrels.tsv",
        [document.id for document in collection.documents],
    )
    rankings = dict(
        judging(
            index,
            topics,
            ["mean"],
            design_for=lambda words: presets.boost(words, word=0, value=30.0),
        )
    )
    plain = dict(judging(index, topics, ["mean"]))
    assert set(rankings["q1"]) == {"mean", "mean + edit"}
    assert all(rankings[query]["mean"] == plain[query]["mean"] for query in rankings)
    assert any(rankings[query]["mean + edit"] != plain[query]["mean"] for query in rankings)


def test_tests_between_methods_are_paired_and_corrected():
    names = ["one", "two", "three"]
    values = {
        "one": [0.9, 0.8, 0.7, 0.9],
        "two": [0.1, 0.2, 0.2, 0.1],
        "three": [0.9, 0.8, 0.7, 0.9],
    }
    frames = {
        name: pd.DataFrame(
            {"nDCG@10": values[name], "MAP": values[name], "recall@100": values[name]}
        )
        for name in names
    }
    tests = RankingScores(frames).tests()
    raw = [ttest_rel(values["one"], values["two"]).pvalue, 1.0]
    raw.append(ttest_rel(values["two"], values["three"]).pvalue)
    assert tests["p"].tolist() == pytest.approx(false_discovery_control(raw).tolist())
    assert tests["difference"].tolist() == pytest.approx([0.675, 0.0, -0.675])


def write(folder, queries, qrels):
    (folder / "q.tsv").write_text(queries)
    (folder / "r.tsv").write_text(qrels)
    return read_topics(folder / "q.tsv", folder / "r.tsv", ["a", "b"])


def test_unknown_ids_are_left_out_and_reported(tmp_path):
    topics = write(tmp_path, "1\tbees\n2\tants\n", "1\ta\t1\n1\tz\t1\n9\ta\t1\n")
    assert topics.queries == {"1": "bees"}
    assert topics.relevant == {"1": {"a": 1}}
    remarks = " ".join(topics.remarks)
    assert "queries of r.tsv that are unknown (1: 9)" in remarks
    assert "documents of r.tsv that are unknown (1: z)" in remarks
    assert "queries without a relevant document (1)" in remarks


def test_the_columns_of_trec_are_read_too(tmp_path):
    assert write(tmp_path, "1\tbees\n", "1\t0\ta\t2\n").relevant == {"1": {"a": 2}}


@pytest.mark.parametrize(
    ("queries", "qrels", "message"),
    [
        ("1 bees\n", "1\ta\t1\n", r"q\.tsv, line 1 has 1 fields; expected id and text"),
        ("1\tbees\n1\tants\n", "1\ta\t1\n", "comes twice"),
        ("", "1\ta\t1\n", "has no query"),
        ("1\tbees\n", "1\ta\n", r"r\.tsv, line 1 has 2 fields"),
        ("1\tbees\n", "1\ta\thigh\n", "the relevance is 'high'"),
        ("1\tbees\n", "7\ta\t1\n", r"no relevant document .*unknown: 7"),
        ("1\tbees\n", "", "r.tsv is empty"),
        ("1\tbees\n", "1\ta\t-2\n", "no relevance in it is above 0"),
        ("1\tbees\n", "1\ta\t1\n1\ta\t0\n", "is 0, and 1 in an earlier line: keep one"),
        ("1\tbees\n", "1\ta\t1e20\n", "expected a whole number, at most 1,000"),
        ("1\tbees\n", "1\ta\t0\n", "no relevance in it is above 0"),
    ],
)
def test_a_bad_file_is_one_line(queries, qrels, message, tmp_path):
    with pytest.raises(bv.BeaconvizError, match=message):
        write(tmp_path, queries, qrels)


@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("q.tsv", "q1\tone\nq2\ttwo\n"),
        ("q.tsv", "query-id\ttext\nq1\tone\nq2\ttwo\n"),
        ("q.jsonl", '{"_id": "q1", "text": "one"}\n{"_id": "q2", "text": "two"}\n'),  # BEIR
        ("q.jsonl", '{"qid": "q1", "query": "one"}\n{"qid": "q2", "query": "two"}\n'),
        ("q.csv", "id,text\nq1,one\nq2,two\n"),
    ],
)
@pytest.mark.parametrize(
    "qrels",
    [
        "q1\t3\t1\nq2\t2\t2\n",
        "query-id\tcorpus-id\tscore\nq1\t3\t1\nq2\t2\t2\n",  # BEIR
        "q1 0 3 1\nq2 0 2 2\n",  # TREC
        "q1\t0\t3\t1\nq2\t0\t2\t2\n",
        "q1 Q0 3 1.0\nq2 Q0 2 2.0\n",
    ],
)
def test_queries_and_qrels_as_collections_have_them(name, queries, qrels, tmp_path):
    (tmp_path / name).write_text(queries)
    (tmp_path / "qrels.txt").write_text(qrels)
    topics = read_topics(tmp_path / name, tmp_path / "qrels.txt", ["1", "2", "3"])
    assert topics.queries == {"q1": "one", "q2": "two"}
    assert topics.relevant == {"q1": {"3": 1}, "q2": {"2": 2}}
    assert not topics.remarks


@pytest.mark.parametrize(
    ("queries", "qrels", "message"),
    [
        ("q1\tone\n", "corpus-id\tquery-id\tscore\n3\tq1\t1\n", "expected the query first"),
        ("q1\tone\n", "q1\t3\t0.5\n", "relevance is '0.5'; expected a whole number"),
        ("q1\tone\n", "q1\t3\n", "has 2 fields; expected query, document and relevance"),
        ("q1 one\n", "q1\t3\t1\n", "has 1 fields; expected id and text"),
    ],
)
def test_lines_with_other_fields_are_refused(queries, qrels, message, tmp_path):
    (tmp_path / "q.tsv").write_text(queries)
    (tmp_path / "qrels.tsv").write_text(qrels)
    with pytest.raises(bv.BeaconvizError, match=message):
        read_topics(tmp_path / "q.tsv", tmp_path / "qrels.tsv", ["3"])


@pytest.mark.parametrize(
    ("name", "qrels"),
    [
        ("r.jsonl", '{"query-id": "q1", "corpus-id": "3", "score": 2}\n'),  # MTEB
        ("r.json", '[{"qid": "q1", "docno": 3, "label": "2"}]'),
        ("r.json", '{"q1": {"3": 2}}'),  # as BEIR's loader has them
        ("r.csv", "query-id,corpus-id,score\nq1,3,2\n"),
        ("r.csv", ",query-id,corpus-id,score\n0,q1,3,2\n"),  # pandas
        ("r.tsv", "topic\tdocno\tjudgment\nq1\t3\t2\n"),
        ("r.txt", "query_id iteration document_id relevancy\nq1 0 3 2\n"),
    ],
)
def test_judgements_in_other_files(name, qrels, tmp_path):
    (tmp_path / "q.tsv").write_text("q1\tone\n")
    (tmp_path / name).write_text(qrels)
    found = read_topics(tmp_path / "q.tsv", tmp_path / name, ["3"])
    assert found.relevant == {"q1": {"3": 2}}


@pytest.mark.parametrize(
    ("name", "qrels", "said"),
    [
        ("r.csv", "q1,3,2\n", "begins with 'q1,3,2'; expected the names of its columns"),
        (
            "r.jsonl",
            '{"query-id": "q1", "score": 1}\n',
            r"line 1 lacks .* \(found query-id, score\)",
        ),
    ],
)
def test_judgements_that_name_no_document_are_told(name, qrels, said, tmp_path):
    (tmp_path / "q.tsv").write_text("q1\tone\n")
    (tmp_path / name).write_text(qrels)
    with pytest.raises(bv.BeaconvizError, match=said):
        read_topics(tmp_path / "q.tsv", tmp_path / name, ["3"])
