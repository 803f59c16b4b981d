"""`beaconviz retrieve`."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

import beaconviz as bv
from beaconviz import cli, samples
from beaconviz.retrieval import search as module

FOLDER = samples.shipped("sample_data") / "retrieval"
DOCUMENTS = FOLDER / "documents.jsonl"
QUERY = "jaguar in the forest or on the road"
EVALUATION = ("--queries", str(FOLDER / "queries.tsv"), "--qrels", str(FOLDER / "qrels.tsv"))


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return str(tmp_path_factory.mktemp("retrieve") / "index")


def retrieve(*arguments, docs=DOCUMENTS, place=None):
    where = ("--index", place) if place else ()
    return CliRunner().invoke(cli.app, ["retrieve", "--docs", str(docs), *where, *arguments])


@pytest.mark.parametrize("method", module.METHODS)
def test_json_has_the_results(method, place):
    done = retrieve("--query", QUERY, "--method", method, "--top", "3", "--json", place=place)
    assert done.exit_code == 0
    results = json.loads(done.stdout)["results"]
    assert len(results) == 3
    assert results[0]["id"] in ("jaguar", "jaguar-car")
    assert {"id", "score", "title", "key"} <= set(results[0])
    assert [one["rank"] for one in results] == [1, 2, 3]
    assert results[0]["before"] is None


def test_an_edit_shows_arrows(place, tmp_path):
    design = tmp_path / "design.json"
    design.write_text(samples.query_design())
    edit = ("--design", str(design), "--method", "received")
    done = retrieve("--query", QUERY, *edit, place=place)
    assert done.exit_code == 0
    first = done.stdout.splitlines()[0]
    assert "↑1" in first
    assert "A Jaguar from 1961" in first
    results = json.loads(retrieve("--query", QUERY, *edit, "--json", place=place).stdout)["results"]
    assert (results[0]["id"], results[0]["before"]) == ("jaguar-car", 2)
    preset = ("--preset", "boost", "--set", "word=7", "--set", "value=25")
    assert retrieve("--query", QUERY, *preset, place=place).exit_code == 0


def test_the_index_is_built_once_and_again_when_documents_change(place, tmp_path, monkeypatch):
    docs, index = tmp_path / "docs", str(tmp_path / "index")
    docs.mkdir()
    (docs / "bees.txt").write_text("Bees dance in the hive.")
    assert retrieve("--query", "bees", docs=docs, place=index).stderr == ""
    (docs / "bread.txt").write_text("Bread rises in the oven.")
    done = retrieve("--query", "bees", docs=docs, place=index)
    assert "was made of other documents: it was built again" in done.stderr
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert retrieve("--query", "bees", docs=docs).exit_code == 0
    assert list((tmp_path / "cache" / "beaconviz" / "indexes").iterdir())


def test_all_methods_are_scored_and_tested(place):
    done = retrieve(*EVALUATION, place=place)
    assert done.exit_code == 0
    for name in (*module.METHODS, "nDCG@10", "MAP", "recall@100", "Paired t-tests"):
        assert name in done.stdout
    told = json.loads(retrieve(*EVALUATION, "--json", place=place).stdout)
    assert told["queries"] == 8
    assert {one["method"] for one in told["methods"]} == set(module.METHODS)
    assert len(told["tests"]) == 10


def test_an_edit_is_scored_beside_the_untouched(place, tmp_path):
    rule = tmp_path / "rule.yaml"
    rule.write_text(samples.rules()["long-distance"])
    done = retrieve(*EVALUATION, "--method", "mean", "--rule", str(rule), "--json", place=place)
    assert done.exit_code == 0
    names = {one["method"] for one in json.loads(done.stdout)["methods"]}
    assert names == {"mean", "mean + edit"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "a query, or a file of queries, is missing; give one of --query, --queries"),
        (("--query", "a", *EVALUATION), "--query and --queries were given; choose one of them"),
        (("--queries", "q.tsv"), "--queries has no effect without --qrels"),
        (("--query", "a", "--qrels", "q.tsv"), "--qrels has no effect without --queries"),
        ((*EVALUATION, "--top", "3"), "--queries and --top were given; choose one of them"),
        (("--query", "a", "--rule", "r", "--design", "d"), "--design and --rule were given"),
        (("--query", "a", "--method", "best"), "expected all or one of"),
        (("--query", "a", "--method", "mean", "--method", "bm25"), "searched by one method"),
        (("--query", ""), "the text is empty"),
        (("--query", "of the", "--method", "bm25"), "stop words only"),
        (("--query", "a", "--model", "ner-mini"), "such as minilm"),
        (("--query", "a", "--preset", "boost", "--design", "x.json"), "choose one of them"),
        (("--query", "a", "--design", "absent.json"), "cannot read absent.json"),
        (("--query", "bees " * 400), "takes at most 256"),
    ],
)
def test_bad_input_is_one_line(arguments, said, place):
    done = retrieve(*arguments, place=place)
    assert done.exit_code == 2
    assert done.stdout == ""
    line = done.stderr.strip().splitlines()[-1]
    assert line.startswith("beaconviz: ")
    assert said in line
    assert "Traceback" not in done.stderr


def test_bad_documents_are_one_line(tmp_path, place):
    (tmp_path / "photo.png").write_bytes(b"\x89PNG")
    cases = [
        (tmp_path, "no text file"),
        (tmp_path / "photo.png", "ends with '.png'; expected a folder of text"),
    ]
    (tmp_path / "latin.csv").write_bytes("text\né".encode("latin-1"))
    cases += [(tmp_path / "latin.csv", "not UTF-8"), (tmp_path / "absent", "cannot read")]
    for docs, said in cases:
        done = retrieve("--query", "a", docs=docs)
        assert done.exit_code == 2
        assert said in done.stderr


def test_other_files_are_not_written_over(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    done = retrieve("--query", "bees", place=str(tmp_path))
    assert done.exit_code == 2
    assert "holds something else (notes.txt)" in done.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["notes.txt"]


def test_a_design_for_other_words_is_one_line(tmp_path, place):
    file = tmp_path / "design.json"
    file.write_text(bv.Design.neutral(["ants"]).with_cells(beacon=[(0, 0, 9.0)]).to_json())
    done = retrieve("--query", "bees", "--design", str(file), place=place)
    assert done.exit_code == 2
    assert done.stderr.startswith("beaconviz: ")
