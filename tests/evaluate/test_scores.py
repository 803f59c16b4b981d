import pytest
import torch
import typer
from transformers import AutoModelForTokenClassification
from typer.testing import CliRunner

from beaconviz.evaluate.scores import main, predict_tags, score
from tests.tiny import tiny_model
from tests.word_pieces import tokenizer


def test_scores_by_hand():
    gold = [["B-PER", "I-PER", "O"], ["B-LOC", "O", "B-ORG"]]
    predicted = [["B-PER", "I-PER", "O"], ["B-ORG", "O", "O"]]
    scores = score(gold, predicted)
    assert scores.by_type["PER"]["f1-score"] == 1
    assert scores.by_type["LOC"] == {"precision": 0, "recall": 0, "f1-score": 0, "support": 1}
    # one of two found is right, one of three is found
    assert scores.f1 == pytest.approx(2 * (1 / 2) * (1 / 3) / (1 / 2 + 1 / 3))
    assert "| PER | 1.000 | 1.000 | 1.000 | 1 |" in scores.table()


def test_half_an_entity_counts_for_nothing():
    assert score([["B-PER", "I-PER"]], [["B-PER", "O"]]).f1 == 0
    assert score([["B-PER", "O"]], [["I-PER", "O"]]).f1 == 0


def test_tags_do_not_depend_on_the_batch(uncased_folder):
    torch.manual_seed(1)
    network = AutoModelForTokenClassification.from_pretrained(
        uncased_folder, id2label={0: "O", 1: "B-PER", 2: "I-PER"}, ignore_mismatched_sizes=True
    )
    texts = [["Ann"], ["Steve", "Jobs", "was", "the", "founder"], ["\x00", "Paris"]]
    together = predict_tags(network, tokenizer(), texts)
    assert together == [predict_tags(network, tokenizer(), [words])[0] for words in texts]
    assert [len(tags) for tags in together] == [1, 5, 2]
    assert together[2][0] == "O"


def test_words_beyond_the_model_are_outside(uncased_folder):
    network = AutoModelForTokenClassification.from_pretrained(
        uncased_folder, id2label={0: "B-PER", 1: "I-PER"}
    )
    [tags] = predict_tags(network, tokenizer(), [["ann"] * 40])
    assert "O" not in tags[:30]
    assert tags[30:] == ["O"] * 10


def run(*arguments):
    app = typer.Typer()
    app.command()(main)
    return CliRunner().invoke(app, list(map(str, arguments)))


def test_the_command_line_reads_in_another_case(uncased_folder, conll, tmp_path):
    network = AutoModelForTokenClassification.from_pretrained(
        uncased_folder, id2label={0: "O", 1: "B-PER"}
    )
    network.save_pretrained(tmp_path / "named")
    tokenizer().save_pretrained(tmp_path / "named")
    as_is, upper = (run(tmp_path / "named", conll, "--read", case) for case in ("as-is", "upper"))
    assert "micro avg" in as_is.stdout
    assert as_is.stdout == upper.stdout  # an uncased model cannot tell


def test_the_command_line_wants_named_labels(tmp_path, conll):
    bare = tiny_model("bert", tmp_path / "bare", labels=None)
    assert "choose a NER model" in run(bare, conll).output
