"""`beaconviz compare` for every task, with one text and with two."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from beaconviz import cli
from beaconviz.models.tasks import TASKS
from tests.tiny import LABELS, tiny_model

TEXT = "Who was <mask> in London?"
PASSAGE = "Ada Lovelace lived in London."
TOLD = {
    "token-classification": "baseline",
    "text-classification": "LABEL_2",
    "question-answering": "answer",
    "fill-mask": "guess",
    "text-generation": "guess",
    "feature-extraction": "word",
}
ONE = [task for task in TOLD if task != "question-answering"]
TWO = ["text-classification", "question-answering", "fill-mask", "feature-extraction"]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return {
        name: str(
            tiny_model(
                "llama" if name == "text-generation" else "bert",
                tmp_path_factory.mktemp(name),
                labels=LABELS if name == "token-classification" else None,
                auto=TASKS[name].auto,
                **({"num_labels": 3} if name == "text-classification" else {}),
            )
        )
        for name in TOLD
    }


def compare(*arguments):
    return CliRunner().invoke(cli.app, ["compare", *arguments])


@pytest.mark.parametrize("task", ONE)
def test_one_text(task, folders, tmp_path):
    page = tmp_path / "page.html"
    boost = ["--preset", "boost", "--set", "word=1", "--html", str(page)]
    result = compare(TEXT, "--model", folders[task], *boost)
    assert result.exit_code == 0, result.stderr
    assert TOLD[task] in result.stdout
    assert "divergence" in result.stdout
    assert page.stat().st_size > 1_000_000
    assert json.loads(compare(TEXT, "--model", folders[task], "--json").stdout)["changes"] == []


@pytest.mark.parametrize("task", TWO)
def test_two_texts(task, folders):
    both = [TEXT, "--second", PASSAGE, "--model", folders[task]]
    result = compare(*both, "--preset", "boost", "--set", "word=1")
    assert result.exit_code == 0, result.stderr
    data = json.loads(compare(*both, "--json").stdout)
    assert data["texts"] == [TEXT, PASSAGE]
    alone = task == "feature-extraction"
    assert data["words"] == [*TEXT.split(), *([] if alone else PASSAGE.split())]
    assert ("cosine" in data["edited"]) == alone
    if alone:
        assert "cosine of both texts" in result.stdout


def test_a_question_without_a_passage_is_refused_in_a_line(folders):
    result = compare(TEXT, "--model", folders["question-answering"])
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert "give the passage as the second text" in result.stderr


def test_a_second_text_that_is_not_read_is_refused_in_a_line(folders):
    result = compare(TEXT, "--second", PASSAGE, "--model", folders["token-classification"])
    assert result.exit_code == 2
    assert "leave the second out" in result.stderr


def test_a_task_can_be_forced(folders):
    both = [TEXT, "--second", PASSAGE, "--model", folders["text-classification"]]
    result = compare(*both, "--task", "feature-extraction")
    assert "cosine of both texts" in result.stdout
    refused = compare(*both, "--task", "fill-mask")
    assert refused.exit_code == 2
    assert "it is for text-classification" in refused.stderr
