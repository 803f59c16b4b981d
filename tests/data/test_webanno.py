import pytest

from beaconviz.core.errors import BeaconvizError
from beaconviz.data.dataset import read_dataset_text

HEAD = (
    "#FORMAT=WebAnno TSV 3.3\n"
    "#T_SP=de.api.segmentation.type.Token|order\n"
    "#T_SP=de.api.ner.type.NamedEntity|identifier|value\n\n\n"
)
BODY = (
    "#Text=Ann Lee met Bob Ray\n"
    "1-1\t0-3\tAnn\t_\t*[1]\tPER[1]\t\n"
    "1-2\t4-7\tLee\t_\t*[1]\tPER[1]\t\n"
    "1-3\t8-11\tmet\t_\t_\t_\t\n"
    "1-4\t12-15\tBob\t_\t*\tPER\t\n"
    "1-5\t16-19\tRay\t_\t*[2]|*[3]\tPER[2]|ORG[3]\t\n"
    "\n"
    "#Text=Rome-based\n"
    "2-1\t20-30\tRome-based\t_\t_\t_\t\n"
    "2-1.1\t20-24\tRome\t_\t*\tLOC\t\n"
)


def test_names_are_read_from_the_column_of_their_layer():
    data = read_dataset_text(HEAD + BODY, "inception.tsv")
    first, second = data.sentences
    assert first.words == ("Ann", "Lee", "met", "Bob", "Ray")
    assert first.tags == ("B-PER", "I-PER", "O", "B-PER", "B-PER")
    assert (second.words, second.tags) == (("Rome-based",), ("B-LOC",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD.replace("NamedEntity", "Pos") + BODY, "has the span layers .*Token, .*Pos; expected one"),
        (HEAD + BODY.replace("1-3\t", "three\t"), "line 9: found 'three"),
        (HEAD + "1-1\t0-3\tAnn\n", "expected a number such as 1-1"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told(text, message):
    with pytest.raises(BeaconvizError, match=message):
        read_dataset_text(text, "inception.tsv")


def test_an_annotation_without_a_value_is_no_outside():
    body = "#Text=Ann\n1-1\t0-3\tAnn\t_\t*\t*\t\n"
    with pytest.raises(BeaconvizError, match=r"line \d+: the annotation of 'Ann' has no value"):
        read_dataset_text(HEAD + body, "a.tsv")
    with pytest.raises(BeaconvizError, match="has no value"):
        read_dataset_text(HEAD + body.replace("\t*\t\n", "\t*[1]\t\n"), "a.tsv")


def test_characters_that_the_format_escapes():
    body = "#Text=a_b\n1-1\t0-3\ta\\_b\t_\t*\tBIRD\\_OF\\|PREY\\[1\\]\t\n"
    (sentence,) = read_dataset_text(HEAD + body, "a.tsv").sentences
    assert (sentence.words, sentence.tags) == (("a_b",), ("B-BIRD_OF|PREY[1]",))
