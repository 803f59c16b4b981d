"""Tokens are called by the characters of the text that they cover."""

import pytest

from beaconviz.core.words import split_words
from beaconviz.models.generation import spelled
from beaconviz.models.token_names import covered, spell
from beaconviz.models.tokenizing import read
from tests.tokenizers import byte_level, sentencepiece, word_pieces


class Reader:
    """What `read` asks of a model, with a tokenizer alone."""

    name, max_tokens, chats = "tiny", 150, False

    class network:
        config = None

    class task:
        over_next = False

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer


def names(tokenizer, text):
    tokens = read(Reader(tokenizer), text, split_words(text))
    return list(tokens.tokens[1:-1])  # without <s> and </s>


@pytest.mark.parametrize(
    ("tokenizer", "text", "expected"),
    [
        (byte_level(), "a é", ["a", "␣", "é[1/2]", "é[2/2]"]),
        (byte_level([" é"]), "a é", ["a", "é"]),
        (byte_level(["東"]), "東京", ["東", "京[1/3]", "京[2/3]", "京[3/3]"]),
        (byte_level(["ü"]), "Zü\n\t", ["Z", "ü", "⏎", "⇥"]),
        (byte_level(["e"]), "e\u0301", ["e", "◌\u0301[1/2]", "◌\u0301[2/2]"]),
        (byte_level(["\u200d"]), "a\u200db", ["a", "U+200D", "b"]),
        (byte_level(prefix=True), "ab", ["␣", "a", "b"]),
        (sentencepiece(), "a 安娜!", ["␣", "a", "␣", "安娜", "<unk>"]),
        (sentencepiece(["▁Ada", "▁s"]), "Ada saw", ["Ada", "s", "a", "w"]),
        (sentencepiece(["▁x"], bytes=True), "x é", ["x", "␣", "é[1/2]", "é[2/2]"]),
        (word_pieces(chinese=True), "Ab 京", ["A", "##b", "京"]),  # as people know them
        (word_pieces(chinese=True), "A ж", ["A", "<unk>"]),
    ],
)
def test_tokens_are_named_by_what_they_cover(tokenizer, text, expected):
    assert names(tokenizer, text) == expected


def test_a_token_over_the_end_of_one_character_and_the_start_of_the_next():
    assert covered("東京", [(0, 1), (0, 2), (1, 2)], [False] * 3) == [
        "東[1/2]",
        "東[2/2]京[1/2]",
        "京[2/2]",
    ]
    assert covered("ab", [(0, 0), (0, 1), (1, 2)], [True, False, False]) == ["", "a", "b"]


@pytest.mark.parametrize("text", ["a é", "Zürich, 東京 café", "👩‍👩‍👧 ok", "กา"])
@pytest.mark.parametrize("tokenizer", [byte_level(), byte_level([" é", "東"])])
def test_what_a_model_wrote_is_named_as_what_it_read(tokenizer, text):
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    made = spelled(tokenizer, ids)
    assert made.text == text
    assert list(made.tokens) == names(tokenizer, text)
    assert "".join(text[start:end] for start, end in made.spans) == text  # no character twice


def test_a_text_that_ends_inside_a_character_is_named_too():
    tokenizer = byte_level()
    ids = tokenizer("aé", add_special_tokens=False)["input_ids"][:2]
    assert list(spelled(tokenizer, ids).tokens) == ["a", "\ufffd"]


def test_a_token_by_itself_is_text_or_bytes():
    tokenizer = byte_level([" é", "東"])
    for text, alone in (
        (" é", [" é"]),
        ("東", ["東"]),
        ("ü", [r"\xc3", r"\xbc"]),
        ("a b", ["a", " ", "b"]),
    ):
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        assert [spell(tokenizer, number) for number in ids] == alone
    pieces = sentencepiece(bytes=True)
    ids = pieces("é", add_special_tokens=False)["input_ids"]
    assert [spell(pieces, number) for number in ids][-2:] == ["<0xC3>", "<0xA9>"]
