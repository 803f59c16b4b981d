"""Words that one token covers are one word, whatever tokenizer it is."""

import pytest
import torch

import beaconviz as bv
from beaconviz.core import maps
from tests.tiny import LABELS, tiny_model
from tests.tokenizers import byte_level, letters_alone, sentencepiece, word_pieces

TEXT = "安娜住在奥斯陆。"


@pytest.fixture(scope="module")
def load(tmp_path_factory):
    """A function from a tokenizer to a tiny BERT that calls every word a place."""

    def made(tokenizer):
        folder = tiny_model("bert", tmp_path_factory.mktemp("tokenizing"))
        tokenizer.save_pretrained(folder)
        model = bv.load(str(folder), device="cpu")
        with torch.no_grad():
            model.network.classifier.weight.zero_()
            model.network.classifier.bias.zero_()
            model.network.classifier.bias[LABELS.index("I-LOC")] = 9.0
        return model

    return made


@pytest.mark.parametrize(
    ("tokenizer", "text", "words"),
    [
        (word_pieces(chinese=False), TEXT, ["安娜", "住在", "奥斯陆", "。"]),
        (word_pieces(chinese=True), TEXT, list(TEXT)),
        (sentencepiece(), TEXT, ["安娜", "住在", "奥斯陆", "。"]),
        (byte_level(), TEXT, list(TEXT)),
        (byte_level(["安娜"]), TEXT, ["安娜", *TEXT[2:]]),
        (byte_level(["住在奥斯陆"]), "Ann " + TEXT, ["Ann", "安", "娜", "住在奥斯陆", "。"]),
        (word_pieces(chinese=False), "สวัสดี ok", ["สวัสดี", "ok"]),  # one unknown token
        (sentencepiece(), "ខ្មែរ กา", ["ខ្មែរ", "กา"]),
        (sentencepiece(), "東京 東 京", ["東京", "東", "京"]),
        (sentencepiece(), "ひらがな", ["ひらがな"]),
        (
            sentencepiece(["▁a▁b"], split=False),
            "a b",
            ["a", "b"],
        ),  # words with a space between stay apart
    ],
)
def test_characters_that_one_token_covers_are_one_word(load, tokenizer, text, words):
    run = bv.run(load(tokenizer), text)
    assert run.words == words
    assert all(text[word.start : word.end] == word.text for word in run.aligned.words)
    assert "a b" in text or not run.aligned.without_tokens


@pytest.mark.parametrize("tokenizer", [word_pieces(chinese=False), sentencepiece(), byte_level()])
def test_the_name_is_whole_and_every_word_of_it_can_be_edited(load, tokenizer):
    model = load(tokenizer)
    run = bv.run(model, TEXT[:-1])
    assert [entity.text for entity in run.entities] == [TEXT[:-1]]
    for word in range(len(run.words)):
        design = bv.Design.neutral(run.words).with_cells(beacon=[("*", word, 50.0)])
        edited = bv.run(model, TEXT[:-1], design)
        assert edited.attention(unit="word")[:, word].mean() > 0.9


def test_words_in_a_list_are_read_as_their_text_is(load):
    model = load(sentencepiece())
    assert model.tokenize(list(TEXT)) == model.tokenize(TEXT)
    assert model.tokenize(["安娜住在", "奥斯陆", "。"]).names("word") == (
        "安娜住在",
        "奥斯陆",
        "。",
    )


def test_two_texts_never_share_a_word(tmp_path):
    folder = tiny_model("bert", tmp_path, labels=None)
    sentencepiece().save_pretrained(folder)
    model = bv.load(str(folder), device="cpu")
    tokens = model.tokenize("安", "娜")
    assert tokens.names("word") == ("安",)
    assert tokens.compared_text.names("word") == ("娜",)


def test_a_word_that_no_edit_reaches_is_shown_so(load):
    run = bv.run(load(word_pieces(chinese=False)), "東\x00京 ok")  # the normalizer drops the NUL
    assert run.words == ["東", "京", "ok"]
    assert run.aligned.without_tokens == {1}
    assert maps.names(run.aligned, "word") == ["東", "京 (no token)", "ok"]
    weights = run.attention(unit="word")
    assert weights[[0, 2], 1].tolist() == [0, 0]
    assert weights[1].tolist() == pytest.approx([1 / 3] * 3)


def test_words_that_a_token_covers_over_a_space_are_in_one_name(load):
    """A model whose labels say I-LOC throughout; a token of two words is not half a name."""
    run = bv.run(load(sentencepiece(["▁a▁b"], split=False)), "a b c")
    assert run.words == ["a", "b", "c"]
    assert run.aligned.owners == (0, 0, 2)
    assert run.tags == ["B-LOC", "I-LOC", "I-LOC"]
    assert [entity.text for entity in run.entities] == ["a b c"]
    assert torch.equal(run.output.probabilities[1], run.output.probabilities[0])


def test_a_text_without_any_token_is_refused(load):
    """A vocabulary of letters that has no token for unknown ones."""
    model = load(letters_alone())
    assert model.tokenize("Ann Łódź").without_tokens == frozenset()
    assert model.tokenize("Ann 東京").without_tokens == {1, 2}
    with pytest.raises(bv.BeaconvizError, match="no token for any word of '東京'"):
        bv.run(model, "東京")
