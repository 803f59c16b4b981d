import pytest

from beaconviz.core.errors import BeaconvizError
from beaconviz.data.conll import Draft, Sentence, conll_drafts, label_names
from beaconviz.data.dataset import read_dataset_text


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
        ("Ann\tO\t\n", "instead of ''"),
        ("\tO\n", "line 1"),
    ],
)  # fmt: skip
def test_a_bad_line_is_told_by_number(text, message):
    with pytest.raises(BeaconvizError, match=message) as error:
        read(text)
    assert str(error.value).startswith("data.conll, line ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "1\tAnn\tB-PER\n2\tsaw\tO\n\n1\tParis\tB-LOC\n",  # an index column
        "0 Ann B-PER\n1 saw O\n\n0 Paris B-LOC\n",
        "# http://x\n1\tAnn\tB-PER\tO\n2\tsaw\tO\tO\n\n1\tParis\tB-LOC\tB-PER\n",  # GermEval
        "en:Ann\tB-PER\nen:saw\tO\n\nen:Paris\tB-LOC\n",  # WikiANN
        "en:Ann\tB-PER\nen:saw\tO\n\nzh-yue:Paris\tB-LOC\n",
    ],
)
def test_index_columns_and_prefixes_are_no_part_of_words(text):
    assert read(text) == [ANN, PARIS]


def test_numbers_and_colons_that_are_words_stay():
    assert read("1\tO\n2\tO\n") == [(["1", "2"], ["O", "O"])]  # two columns: no index
    assert read("1 CD O\n5 CD O\n") == [(["1", "5"], ["O", "O"])]
    assert read("at:8\tO\nAnn\tB-PER\n") == [(["at:8", "Ann"], ["O", "B-PER"])]
    chunks = "1 Ann B-NP B-PER\n2 saw B-VP O\n\n1 Paris B-NP B-LOC\n"
    assert read(chunks) == [ANN, PARIS]  # the last column, not the chunks


TREEBANK = (
    "# text = Ann zum Haus\n"
    "1\tAnn\tAnn\tPROPN\t_\t_\t0\troot\t_\tNER=B-PER|SpaceAfter=Yes\n"
    "2-3\tzum\t_\t_\t_\t_\t_\t_\t_\t_\n"
    "2\tzu\tzu\tADP\t_\t_\t1\tcase\t_\tNER=O\n"
    "3\tdem\tder\tDET\t_\t_\t1\tdet\t_\tNER=O\n"
    "3.1\tnull\tnull\t_\t_\t_\t_\t_\t_\t_\n"
    "4\tHaus\tHaus\tNOUN\t_\t_\t1\tnmod\t_\tNER=B-LOC\n"
)


def test_a_treebank_has_words_as_they_are_written():
    assert read(TREEBANK) == [(["Ann", "zum", "Haus"], ["B-PER", "O", "B-LOC"])]
    inside = TREEBANK.replace("ADP\t_\t_\t1\tcase\t_\tNER=O", "ADP\t_\t_\t1\tcase\t_\tNER=I-PER")
    assert read(inside)[0][1] == ["B-PER", "I-PER", "B-LOC"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TREEBANK.replace("NER=", "X="), "line 2: a sentence of a treebank without tags of names"),
        (TREEBANK.replace("4\tHaus", "d\tHaus"), "line 7: found the id 'd', expected a number"),
    ],
)
def test_what_a_treebank_lacks_is_told(text, message):
    with pytest.raises(BeaconvizError, match=message):
        read(text)


def test_a_treebank_that_tags_names_alone():
    """A sentence without names then has no tag; where O is written, one without tags is a slip."""
    row = "1\t{}\t_\t_\t_\t_\t_\t_\t_\t{}\n"
    ann, rain = row.format("Ann", "NER=B-PER"), row.format("Rain", "_")
    found = read_dataset_text(f"{ann}\n{rain}", "a.conllu").sentences
    assert [sentence.tags for sentence in found] == [("B-PER",), ("O",)]
    with pytest.raises(BeaconvizError, match="line 5: a sentence of a treebank without tags"):
        read_dataset_text(f"{ann}\n{row.format('sang', 'NER=O')}\n{rain}", "a.conllu")
