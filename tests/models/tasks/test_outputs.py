"""What each output says, shows and measures, by hand from logits."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from transformers import AutoModelForSequenceClassification

import beaconviz as bv
from beaconviz.core.words import Tokens, find_words
from beaconviz.models.generation import Generation
from beaconviz.models.tasks.feature_extraction import StateOutput
from beaconviz.models.tasks.fill_mask import MaskOutput
from beaconviz.models.tasks.text2text_generation import TextOutput
from beaconviz.models.tasks.text_classification import ClassOutput
from beaconviz.models.tasks.text_generation import NextWordOutput
from beaconviz.models.tasks.token_classification import LabelOutput
from beaconviz.models.tasks.values import GeneratedTexts, Note, RankedWords
from tests.tiny import tiny_model

LETTERS = "abcdef"


def tokens(text="a b", ids=None):
    """A token a word."""
    words = find_words(text)
    count = len(words)
    return Tokens(
        text=text,
        words=words,
        tokens=tuple(word.text for word in words),
        ids=ids or tuple(range(count)),
        word_of=tuple(range(count)),
        spans=tuple((word.start, word.end) for word in words),
        special=(False,) * count,
    )


def model(**facts):
    known = {"spell": LETTERS.__getitem__, "classing": "one", "class_token": "first"}
    mask = SimpleNamespace(mask_token="<m>", mask_token_id=9)
    return SimpleNamespace(name="tiny", tokenizer=mask, device="cpu", **(known | facts))


def generation(ids):
    text = " ".join(LETTERS[number] for number in ids)
    return Generation(tokens(text, tuple(ids)), tokens(text), torch.zeros(len(ids), 6))


def labelled(*logits):
    return LabelOutput(model(labels=("O", "B-PER")), tokens(), torch.tensor(logits))


def test_how_close_an_edit_came_is_said_where_it_changed_nothing():
    before, after = labelled([9.0, 0.0], [9.0, 0.0]), labelled([9.0, 0.0], [2.0, 0.0])
    (shown,) = before.shown(after, [], neutral=False)
    assert (shown.fall.word, shown.fall.label) == ("b", "none")
    assert (shown.fall.before, shown.fall.after) == pytest.approx((0.99988, 0.88080), abs=1e-5)
    assert before.shown(after, [], neutral=True)[0].fall is None
    assert before.shown(after, ["a change"], neutral=False)[0].fall is None


def classes(*logits, **facts):
    names = tuple(f"class {number}" for number in range(len(logits)))
    return ClassOutput(model(classes=names, **facts), tokens("a b c"), torch.tensor(logits))


@pytest.mark.parametrize(
    ("class_token", "asking", "about"),
    [("first", (0,), (0,)), ("last", (2,), (2,)), ("all", None, ())],
)
def test_a_class_is_said_where_the_model_reads_it(class_token, asking, about):
    (statement,) = classes(1.0, 2.0, class_token=class_token).statements()
    assert (statement.name, statement.asking, statement.about) == ("class 1", asking, about)


@pytest.mark.parametrize(
    ("family", "settings", "place"),
    [
        ("bert", {}, "first"),
        ("modernbert", {"classifier_pooling": "cls"}, "first"),
        ("modernbert", {"classifier_pooling": "mean"}, "all"),
        ("gpt2", {"pad_token_id": 0}, "last"),
    ],
)
def test_which_token_a_class_is_read_from(tmp_path, family, settings, place):
    auto = AutoModelForSequenceClassification
    loaded = bv.load(str(tiny_model(family, tmp_path, labels=None, auto=auto, **settings)))
    assert loaded.class_token == place


@pytest.mark.parametrize(
    ("classing", "logits", "limits", "digits"),
    [
        ("numbers", (2.5,), (0.0, 4.0), 2),
        ("numbers", (-2.5,), (-2.5, 4.0), 2),
        ("one", (2.5, 0.0), (0.0, 1.0), None),
    ],
)
def test_numbers_have_a_scale_of_their_own(classing, logits, limits, digits):
    before = classes(*logits, classing=classing)
    after = classes(*(4.0 for _ in logits), classing=classing)
    (bars,) = before.shown(after, [], neutral=False)
    assert (bars.limits, bars.digits) == (limits, digits)


def test_only_the_highest_classes_are_shown_and_the_others_counted():
    before, after = classes(5.0, 4.0, 3.0, 2.0, 1.0), classes(4.0, 5.0, 3.0, 2.0, 1.0)
    (bars,) = before.shown(after, [], neutral=False)
    assert [bar.name for bar in bars.bars] == ["class 1", "class 0", "class 2"]
    assert [bar.ranks for bar in bars.bars] == [(2, 1), (1, 2), (3, 3)]
    assert bars.lower == 2
    assert len(before.tables(after)[0].frame) == 5


def test_of_several_classes_each_is_a_choice_of_its_own():
    logits = torch.tensor([[1.0, -2.0]])
    several = classes(1.0, -2.0, classing="several").measured(logits)
    assert several.tolist() == [[[1.0, 0.0], [-2.0, 0.0]]]
    assert classes(1.0, -2.0).measured(logits).tolist() == [[[1.0, -2.0]]]
    assert classes(1.0, classing="numbers").scale == "numbers"


def guesses(kind, ids, *best, **facts):
    logits = 5 * torch.eye(6)[list(best)]
    return kind(model(), tokens(" ".join("abcdef"[: len(ids)]), ids), logits, **facts)


def test_a_guess_changes_where_another_word_is_the_likeliest():
    before, after = guesses(MaskOutput, (9, 1, 9), 0, 1, 2), guesses(MaskOutput, (9, 1, 9), 0, 5, 3)
    assert before.predicted_positions == (0, 2)
    (change,) = before.changes(after)
    assert str(change) == "c c → d"
    assert (change.start, change.end) == (4, 5)
    assert before.changes(before) == []
    assert [each.name for each in before.statements()] == [
        "“a” stands at the mask",
        "“c” stands at the mask",
    ]


def test_without_a_mask_it_says_where_to_write_one():
    before = guesses(MaskOutput, (0, 1), 0, 1)
    assert before.shown(before, [], neutral=True) == [
        Note("Write <m> where the model should guess a word.")
    ]


def test_a_text_that_goes_on_is_shown_and_compared_beside_the_next_word():
    before = guesses(NextWordOutput, (0, 1), 0, 1, generation=generation([1, 2, 3]))
    after = guesses(NextWordOutput, (0, 1), 0, 4, generation=generation([1, 5, 3]))
    assert [str(change) for change in before.changes(after)] == ["b b → e", "text c → f"]
    kinds = [type(value) for value in before.shown(after, [], neutral=False)]
    assert kinds == [RankedWords, GeneratedTexts]
    assert [type(value) for value in before.printed(after, [], count=2)][1:] == [GeneratedTexts]
    silent = replace(before, generation=None)
    assert (before.noun, silent.noun) == ("text", "word")
    assert [str(change) for change in silent.changes(after)] == ["b b → e"]


def test_which_outputs_are_whole_texts():
    """The Studio puts them beside each other where they are long."""
    assert TextOutput.is_text
    assert LabelOutput.is_text
    assert not NextWordOutput.is_text
    assert not ClassOutput.is_text


def states(vector, compared_output=None):
    return StateOutput(
        model(), tokens("a"), torch.tensor([vector]), compared_output=compared_output
    )


@pytest.mark.parametrize(
    ("after", "changes", "low", "note"),
    [
        ([1.0, 0.0], [], 0.0, "+0.000"),
        ([1.0, 0.05], [], 0.0, "−0.001"),  # less than the digits that are shown
        ([0.0, 1.0], ["cosine 1.00 → 0.00"], 0.0, "−1.000"),
        ([-1.0, 0.0], ["cosine 1.00 → -1.00"], -1.0, "−2.000"),
    ],
)
def test_the_cosine_moves_on_a_scale_that_holds_it(after, changes, low, note):
    other = states([1.0, 0.0])
    before, edited = states([1.0, 0.0], other), states(after, other)
    assert [str(change) for change in before.changes(edited)] == changes
    (bars,) = before.shown(edited, [], neutral=False)
    assert bars.limits == (low, 1.0)
    assert bars.bars[0].note == note
    assert other.cosine is None
    assert before.fields()["cosine"] == pytest.approx(1.0)
