"""An outcome by hand."""

import json

import pytest

from beaconviz.data.conll import Sentence
from beaconviz.evaluate.judge import Judged
from beaconviz.evaluate.outcome import Outcome

GOLD = [
    ("Ann saw Bob Jones", "B-PER O B-PER I-PER"),
    ("in Paris", "O B-LOC"),
    ("it rains", "O O"),
    ("Apple", "B-ORG"),
]
SENTENCES = [Sentence(tuple(text.split()), tuple(tags.split())) for text, tags in GOLD]
BEFORE = ["B-PER O B-PER O", "O B-LOC", "O O", "O"]
AFTER = ["B-PER O B-PER I-PER", "O O", "O O", "B-PER"]
AWAY = [(1, 1), (1,), (), (None,)]


def judged(number, after=AFTER, read=None):
    return Judged(
        number=number,
        baseline=tuple(BEFORE[number].split()),
        edited=tuple(after[number].split()),
        left_alone=number == 2,
        read=len(SENTENCES[number].words) if read is None else read,
        giveaways=AWAY[number],
    )


@pytest.fixture
def outcome():
    done = {number: judged(number) for number in range(4)}
    return Outcome.of("four.conll", "tiny", "by hand", SENTENCES, done)


def test_scores_by_hand(outcome):
    before, after = outcome.baseline.to_dict(), outcome.edited.to_dict()
    # 4 gold entities. Before: Ann, Bob, Paris found, Ann and Paris right.
    assert (before["precision"], before["recall"]) == (pytest.approx(2 / 3), 0.5)
    # After: Ann, Bob Jones, Apple (as PER) found, two right.
    assert (after["precision"], after["recall"]) == (pytest.approx(2 / 3), 0.5)
    assert before["types"]["PER"]["recall"] == 0.5
    assert after["types"]["PER"] == {
        "precision": pytest.approx(2 / 3), "recall": 1, "f1": pytest.approx(0.8), "support": 2,
    }  # fmt: skip
    # Loose: "Bob" is part of "Bob Jones" and has its type.
    assert before["partial"]["recall"] == pytest.approx((1 + 0.5 + 1) / 4)
    assert before["type"]["recall"] == pytest.approx(3 / 4)


def test_what_became_of_the_sentences(outcome):
    assert (outcome.fixed, outcome.broken) == ([0], [1])
    assert outcome.changed == 3
    assert list(outcome.frame()["became"]) == ["fixed", "broken", "", "changed"]
    assert outcome.change.p == 1.0
    assert outcome.text(1) == "in Paris"


def test_slices_by_hand(outcome):
    rows = outcome.slices.set_index(["by", "part"])
    assert rows.loc[("words in the entity", "1"), "entities"] == 3
    # Of one word: before Ann, Bob, Paris found, 3 gold, 2 right.
    assert rows.loc[("words in the entity", "1"), "baseline"] == pytest.approx(2 * 2 / 6)
    assert rows.loc[("words in the entity", "2"), "baseline"] == 0
    assert rows.loc[("words in the entity", "2"), "edited"] == 1
    near = rows.loc[("words to what gives it away", "1")]
    assert (near["entities"], near["measure"]) == (3, "recall")
    assert near["baseline"] == pytest.approx(2 / 3)
    assert near["change"] == pytest.approx(0)


def test_the_verdict_is_frank(outcome):
    assert outcome.verdict.startswith("No difference that this much data can show")
    same = Outcome.of("x", "tiny", "none", SENTENCES, {2: judged(2)})
    assert same.verdict == "The edit changes no answer."
    gold = [tags for _, tags in GOLD]
    many = [SENTENCES[0]] * 60
    better = {
        n: Judged(n, tuple(BEFORE[0].split()), tuple(gold[0].split()), False, 4, AWAY[0])
        for n in range(60)
    }
    assert Outcome.of("x", "tiny", "good", many, better).verdict.startswith("The edit helps")
    worse = {
        n: Judged(n, answers.edited, answers.baseline, False, 4, AWAY[0])
        for n, answers in better.items()
    }
    assert Outcome.of("x", "tiny", "bad", many, worse).verdict.startswith("The edit hurts")


def test_the_json_has_what_was_promised(outcome):
    plain = json.loads(json.dumps(outcome.to_dict()))
    assert {"data", "sentences", "baseline", "edited", "change", "fixed", "broken", "slices"} <= (
        plain.keys()
    )
    assert {"precision", "recall", "f1", "types"} <= plain["baseline"].keys()
    assert plain["change"].keys() == {"f1", "interval", "p"}
    assert plain["sentences"] == plain["of"] == 4


def test_what_a_reader_should_know():
    done = {0: judged(0, read=2), 2: judged(2)}
    partial = Outcome.of("x", "tiny", "by hand", SENTENCES, done)
    assert len(partial.remarks) == 3
    assert partial.cut == [0]
    assert "2 of 4 sentences" in partial.remarks[0]
