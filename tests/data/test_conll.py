import pytest

from beaconviz.core.errors import BeaconvizError
from beaconviz.data.conll import Draft, Sentence, conll_drafts, label_names


def read(text):
    return [(draft.words, draft.tags) for draft in conll_drafts(text, "data.conll")]


ANN, PARIS = (["Ann", "saw"], ["B-PER", "O"]), (["Paris"], ["B-LOC"])


@pytest.mark.parametrize(
    "text",
    [
        "\nAnn\tB-PER\nsaw\tO\n\n\nParis\tB-LOC",
        "Ann B-PER\nsaw   O  \n \nParis B-LOC\n",
        "Ann\tNNP\tB-PER\nsaw\tVBD\tO\n\nParis\tNNP\tB-LOC\n",
        "-DOCSTART- -X- -X- O\n\nAnn NNP I-NP B-PER\nsaw VBD I-VP O\n-DOCSTART- -X- -X- O\nParis NNP I-NP B-LOC\n",
        "# of two sentences\nAnn\tB-PER\n# a comment\nsaw\tO\n\n#\nParis\tB-LOC\n",
    ],
)
def test_two_to_four_columns_comments_and_documents(text):
    assert read(text) == [ANN, PARIS]


def test_a_word_may_open_with_a_number_sign():
    assert read("#FF\tO\n#Paris\tB-LOC\n#\tO\n") == [(["#FF", "#Paris", "#"], ["O", "B-LOC", "O"])]


def test_a_no_break_space_parts_no_columns():
    assert read("10\xa0000 O\n") == [(["10\xa0000"], ["O"])]


def test_lines_are_counted_as_an_editor_counts_them():
    [draft] = conll_drafts("# one\n\nAnn\tO\n# two\nsaw\tO\n", "data.conll")
    assert draft == Draft(["Ann", "saw"], ["O", "O"], [3, 5])


def test_every_type_gets_both_labels():
    sentences = [Sentence(("Rome", "by"), ("B-LOC", "O")), Sentence(("Ann",), ("I-PER",))]
    assert label_names(sentences) == ["O", "B-LOC", "I-LOC", "B-PER", "I-PER"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Ann\tB-PER\nsaw O\n", r"line 2: found 'saw O', expected token<TAB>tag \(2 columns, as in line 1"),
        ("Ann X O\n\nsaw O\n", r"line 3: found 'saw O', expected token … tag \(3 columns, as in line 1"),
        ("Ann\tO\nsaw\tO\tO\n", "line 2"),
        ("Ann\n", "line 1: found 'Ann', expected 2 to 4 columns"),
        ("1 Ann _ NNP O\n", "line 1: .* expected 2 to 4 columns"),
        ("Ann\tPER\n", r"line 1: found 'Ann\\tPER', expected O, or a type with B- .* instead of 'PER'"),
        ("Ann\tO\nBob\tB-\n", "line 2: .* instead of 'B-'"),
        ("Ann\tb-PER\n", "instead of 'b-PER'"),
        ("Ann\tO\t\n", "instead of ''"),
        ("\tO\n", "line 1"),
    ],
)  # fmt: skip
def test_a_bad_line_is_told_by_number(text, message):
    with pytest.raises(BeaconvizError, match=message) as error:
        read(text)
    assert str(error.value).startswith("data.conll, line ")
    assert "\n" not in str(error.value)
