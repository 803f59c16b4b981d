import pytest

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import MAX_CHARACTERS, join_words, split_words


def words(text):
    return [word.text for word in split_words(text)]


def test_words_are_what_white_space_separates():
    text = "Steve Jobs was the co-founder of Apple Inc."
    assert words(text) == text.split()
    assert all(text[w.start : w.end] == w.text for w in split_words(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我喜欢吃苹果。", ["我", "喜", "欢", "吃", "苹", "果", "。"]),
        ("Apple是公司", ["Apple", "是", "公", "司"]),
        ("ある", ["あ", "る"]),
        ("นี้ดี", ["นี้", "ดี"]),  # combining marks stay with their character
        ("e\u0301te\u0301 là", ["e\u0301te\u0301", "là"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("👩‍👩‍👧 family 🇨🇭", ["👩‍👩‍👧", "family", "🇨🇭"]),
        ("a\x00b\tc\nd\u00a0e", ["a", "b", "c", "d", "e"]),
        ("... !? —", ["...", "!?", "—"]),
        ("a \u200b b", ["a", "b"]),  # nothing visible is no word
        ("서울은 도시", ["서울은", "도시"]),
    ],
)
def test_scripts_and_oddities(text, expected):
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        (" \n\t\x00 \u200b", "empty"),
        ("x" * (MAX_CHARACTERS + 1), "50,001 characters; at most 50,000"),
        ("half \ud83d", "lone surrogate"),
        (None, "NoneType"),
    ],
)
def test_texts_that_cannot_be_read_say_why(text, message):
    with pytest.raises(BeaconvizError, match=message):
        split_words(text)


def test_words_given_as_a_list_keep_their_borders():
    text, placed = join_words(["喜欢", "Apple"])
    assert text == "喜欢 Apple"
    assert [w.text for w in placed] == ["喜欢", "Apple"]
    assert [text[w.start : w.end] for w in placed] == ["喜欢", "Apple"]
    with pytest.raises(BeaconvizError, match=r"words\[1\] is 'a b'"):
        join_words(["x", "a b"])


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (list("安娜住在奥斯陆。"), "安娜住在奥斯陆。"),
        (["Ann", "住", "在", "Oslo"], "Ann 住在 Oslo"),
        (["東京", "、", "「", "大阪", "」"], "東京、「大阪」"),
        (["นี้", "ดี"], "นี้ดี"),
        (["서울은", "도시"], "서울은 도시"),
        (["a", "b"], "a b"),
    ],
)
def test_words_of_scripts_without_spaces_are_joined_without(words, text):
    joined, placed = join_words(words)
    assert joined == text
    assert [joined[word.start : word.end] for word in placed] == words
