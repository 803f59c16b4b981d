"""Key words: how they are chosen, joined and read in parts."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM

import beaconviz as bv
from beaconviz.analysis.explain.keywords import KeyWords, is_stop_word, key_words, weighing
from beaconviz.analysis.explain.weights import METHODS, TEMPERATURE, word_states, word_weights
from beaconviz.analysis.explain.windows import windows, within
from beaconviz.core.words import split_words
from tests.tiny import tiny_model

TEXT = "Ada Lovelace, was the co-founder of Apple Inc. in London"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return bv.load(str(tiny_model("bert", tmp_path_factory.mktemp("bert"))), device="cpu")


def made(*weights, text="Jobs met the Bank, of (England) Inc. today"):
    return KeyWords(text, split_words(text), torch.tensor(weights), "received", "any")


EIGHT = made(0.1, 0.05, 0.0, 0.3, 0.05, 0.2, 0.25, 0.05)


def test_the_heaviest_words_in_the_order_of_the_text():
    assert EIGHT.ranked[:3] == [3, 6, 5]
    assert EIGHT.top(3) == [3, 5, 6]
    assert EIGHT.top(100) == [0, 1, 3, 4, 5, 6, 7]  # a word without weight is none
    assert EIGHT.share_of_text(0.25) == [3, 6]
    assert EIGHT.share_of_text(0.001) == [3]


def test_the_fewest_words_that_cover_a_share():
    assert EIGHT.covering(0.3) == [3]
    assert EIGHT.covering(0.55) == [3, 6]
    assert EIGHT.covering(0.56) == [3, 5, 6]
    assert EIGHT.covering(1.0) == [0, 1, 3, 4, 5, 6, 7]


def test_words_that_stand_together_are_one_span_without_loose_punctuation():
    assert [span.text for span in EIGHT.spans([2, 3, 4, 5])] == ["the Bank", "of (England)"]
    found = EIGHT.spans([0, 3, 6, 7])
    assert [span.text for span in found] == ["Jobs", "Bank", "Inc. today"]
    for span in found:
        assert EIGHT.text[span.start : span.end] == span.text
    assert found[2].weight == pytest.approx(0.3)
    assert EIGHT.between(found[1]) == pytest.approx(0.3)


@pytest.mark.parametrize(
    "wrong", [lambda: EIGHT.top(0), lambda: EIGHT.covering(0.0), lambda: EIGHT.covering(1.2)]
)
def test_a_number_that_chooses_nothing_is_named(wrong):
    with pytest.raises(bv.BeaconvizError, match="expected"):
        wrong()


def test_plain_data_has_every_word_with_its_place():
    told = EIGHT.to_dict()
    assert set(told["words"][0]) == {"word", "weight", "start", "end"}
    assert [one["word"] for one in told["words"]] == EIGHT.text.split()
    for one in told["words"]:
        assert EIGHT.text[one["start"] : one["end"]] == one["word"]
    assert [one["word"] for one in EIGHT.to_dict([3, 6])["words"]] == ["Bank,", "Inc."]


@pytest.mark.parametrize("method", METHODS)
def test_a_short_text_has_the_weights_of_its_run(method, model):
    found = key_words(model, TEXT, method)
    expected = word_weights(bv.run(model, TEXT), method)
    assert torch.allclose(found.weights, expected, atol=1e-6)
    assert found.windows == 1


def test_stop_words_are_left_out_when_asked(model):
    found = key_words(model, TEXT, stop_words=False)
    gone = [
        word.text for word, weight in zip(found.words, found.weights, strict=True) if not weight
    ]
    assert gone == ["was", "the", "of", "Inc.", "in"]
    assert found.weights.sum().item() == pytest.approx(1)
    assert is_stop_word("“The,")
    with pytest.raises(bv.BeaconvizError, match="stop words only"):
        key_words(model, "the of and", stop_words=False)


LONG = " ".join(f"{TEXT} {number}." for number in range(40))


@pytest.mark.parametrize("method", ["received", "similarity"])
def test_a_long_text_is_weighed_in_parts(method, model):
    told = [(at.done, at.parts) for at in weighing(model, LONG, method)]
    assert told == [(n, told[-1][1]) for n in range(told[-1][1] + 1)]
    found = key_words(model, LONG, method)
    assert found.windows == told[-1][1]
    assert found.weights.sum().item() == pytest.approx(1, abs=1e-5)
    assert "parts" in " ".join(found.remarks)
    window = windows(model, LONG)[1]
    part = window.numbers
    alone = key_words(model, window.tokens.text, method).weights
    if method == "received":
        inside = found.weights[part] / found.weights[part].sum()
        assert torch.allclose(inside, alone, atol=1e-5)


def test_a_query_is_compared_with_the_words_of_all_parts_at_once(model):
    found = key_words(model, LONG, "similarity", query="Apple Inc.")
    every = []
    for window in windows(model, LONG):
        every.append(word_states(bv.run(model, window.tokens.text)))
    query = bv.run(model, "Apple Inc.").states.mean(dim=0)
    alike = torch.nn.functional.cosine_similarity(torch.cat(every), query[None], dim=-1)
    expected = torch.softmax(alike / TEMPERATURE, dim=0)
    assert torch.allclose(found.weights, expected, atol=1e-5)


def test_a_design_acts_on_the_parts_that_it_lies_in(model):
    words = split_words(LONG)
    parts = [window.numbers for window in windows(model, LONG)]
    inside, across = parts[1].start + 2, parts[0].start + 1
    names = [word.text for word in words]
    design = bv.Design.neutral(names).with_cells(
        beacon=[("*", inside, 60.0), (inside, across, 60.0)]
    )
    cut = within(design, parts[1])
    assert cut.words == tuple(names[parts[1]])
    assert cut.edits[0].beacon == (("*", 2, 60.0),)
    assert within(design, parts[0]).edits[0].beacon == ()
    before, after = (key_words(model, LONG, design=one) for one in (None, design))
    assert after.weights[inside] > 3 * before.weights[inside]
    assert torch.allclose(after.weights[parts[0]], before.weights[parts[0]])


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        ("", {}, "the text is empty"),
        ("...", {}, "no word with a letter or a digit"),
        (TEXT, {"query": "Apple"}, "'received' takes no query"),
        (TEXT, {"method": "similarity", "query": " "}, "empty"),
        (TEXT, {"design": bv.Design.neutral(["Ada"])}, "for other words"),
        (TEXT, {"method": "best"}, "expected one of received"),
        ("a-" * 300, {}, "put a space into it"),
    ],
)
def test_what_does_not_fit_is_one_line(text, options, said, model):
    with pytest.raises(bv.BeaconvizError, match=said):
        key_words(model, text, **options)


def test_a_design_over_tokens_is_refused_for_a_long_text(model):
    design = bv.Design(model.tokenize(TEXT).tokens, unit="token")
    with pytest.raises(bv.BeaconvizError, match="over tokens"):
        key_words(model, LONG, design=design)


def test_models_that_translate_are_refused(tmp_path):
    folder = tiny_model("bart", tmp_path, labels=None, auto=AutoModelForSeq2SeqLM)
    with pytest.raises(bv.BeaconvizError, match="reads one and writes another"):
        key_words(bv.load(str(folder), device="cpu"), TEXT)
