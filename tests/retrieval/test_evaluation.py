"""Measures by hand and by ir-measures, tests between methods, and bad files."""

from __future__ import annotations

import math

import ir_measures
import pandas as pd
import pytest
from scipy.stats import false_discovery_control, ttest_rel

import beaconviz as bv
from beaconviz.core import presets
from beaconviz.retrieval.evaluation import Scores, judging, measured, read_topics, score
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
        FOLDER / "queries.tsv", FOLDER / "qrels.tsv", [one.id for one in collection.documents]
    )
    found = dict(judging(index, topics, ["mean"]))
    table = score(topics, found).table()
    run = {query: each["mean"] for query, each in found.items()}
    wanted = [ir_measures.parse_measure(name) for name in ("nDCG@10", "AP", "R@100")]
    theirs = ir_measures.calc_aggregate(wanted, topics.relevant, run)
    for name, measure in zip(("nDCG@10", "MAP", "recall@100"), wanted, strict=True):
        assert table.loc[0, name] == pytest.approx(theirs[measure])


def test_a_ranking_is_judged_in_the_order_that_search_gives(index, collection):
    topics = read_topics(
        FOLDER / "queries.tsv", FOLDER / "qrels.tsv", [one.id for one in collection.documents]
    )
    for query, found in judging(index, topics, METHODS):
        for method in METHODS:
            order = sorted(found[method], key=found[method].__getitem__, reverse=True)
            hits = search(index, topics.queries[query], method, top=10).hits
            assert order[:10] == [hit.id for hit in hits]


def test_an_edit_is_judged_beside_the_same_method(index, collection):
    topics = read_topics(
        FOLDER / "queries.tsv", FOLDER / "qrels.tsv", [one.id for one in collection.documents]
    )
    found = dict(
        judging(
            index,
            topics,
            ["mean"],
            design_for=lambda words: presets.boost(words, word=0, value=30.0),
        )
    )
    plain = dict(judging(index, topics, ["mean"]))
    assert set(found["q1"]) == {"mean", "mean + edit"}
    assert all(found[query]["mean"] == plain[query]["mean"] for query in found)
    assert any(found[query]["mean + edit"] != plain[query]["mean"] for query in found)


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
    tests = Scores(frames).tests()
    raw = [ttest_rel(values["one"], values["two"]).pvalue, 1.0]
    raw.append(ttest_rel(values["two"], values["three"]).pvalue)
    assert tests["p"].tolist() == pytest.approx(false_discovery_control(raw).tolist())
    assert tests["difference"].tolist() == pytest.approx([0.675, 0.0, -0.675])


def write(folder, queries, qrels):
    (folder / "q.tsv").write_text(queries)
    (folder / "r.tsv").write_text(qrels)
    return read_topics(folder / "q.tsv", folder / "r.tsv", ["a", "b"])


def test_unknown_ids_are_left_out_and_said(tmp_path):
    found = write(tmp_path, "1\tbees\n2\tants\n", "1\ta\t1\n1\tz\t1\n9\ta\t1\n")
    assert found.queries == {"1": "bees"}
    assert found.relevant == {"1": {"a": 1}}
    said = " ".join(found.remarks)
    assert "queries of r.tsv that are not there (1: 9)" in said
    assert "documents of r.tsv that are not there (1: z)" in said
    assert "queries without a right document (1)" in said


def test_the_columns_of_trec_are_read_too(tmp_path):
    assert write(tmp_path, "1\tbees\n", "1\t0\ta\t2\n").relevant == {"1": {"a": 2}}


@pytest.mark.parametrize(
    ("queries", "qrels", "said"),
    [
        ("1 bees\n", "1\ta\t1\n", r"q\.tsv, line 1 has 1 fields; expected id and text"),
        ("1\tbees\n1\tants\n", "1\ta\t1\n", "comes twice"),
        ("", "1\ta\t1\n", "has no query"),
        ("1\tbees\n", "1\ta\n", r"r\.tsv, line 1 has 2 fields"),
        ("1\tbees\n", "1\ta\thigh\n", "the relevance is 'high'"),
        ("1\tbees\n", "7\ta\t1\n", r"no right document .*not there: 7"),
        ("1\tbees\n", "", "r.tsv is empty"),
        ("1\tbees\n", "1\ta\t0\n", "every relevance in it is 0"),
    ],
)
def test_a_bad_file_is_one_line(queries, qrels, said, tmp_path):
    with pytest.raises(bv.BeaconvizError, match=said):
        write(tmp_path, queries, qrels)
