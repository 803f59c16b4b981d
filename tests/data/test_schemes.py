import pytest

from beaconviz.core.errors import BeaconvizError
from beaconviz.data.schemes import scheme_of, to_iob2

# Two persons side by side, a place right after, an organisation of two words: the same entities.
IOB2 = ("B-PER", "I-PER", "B-PER", "B-LOC", "O", "B-ORG", "I-ORG")
WRITTEN = {
    "IOB1": ["I-PER", "I-PER", "B-PER", "I-LOC", "O", "I-ORG", "I-ORG"],
    "IOB2": list(IOB2),
    "IOE": ["I-PER", "E-PER", "E-PER", "E-LOC", "O", "I-ORG", "E-ORG"],  # IOE2
    "BIOES": ["B-PER", "E-PER", "S-PER", "S-LOC", "O", "B-ORG", "E-ORG"],
    "BILOU": ["B-PER", "L-PER", "U-PER", "U-LOC", "O", "B-ORG", "L-ORG"],
}


@pytest.mark.parametrize("scheme", WRITTEN)
def test_the_same_entities_in_every_scheme(scheme):
    assert scheme_of([WRITTEN[scheme]]) == scheme
    assert to_iob2(WRITTEN[scheme]) == IOB2


def test_long_entities_in_bmes_and_ioe1():
    bmes = ["B-PER", "M-PER", "M-PER", "E-PER", "S-LOC"]
    assert scheme_of([bmes]) == "BMES"
    assert to_iob2(bmes) == ("B-PER", "I-PER", "I-PER", "I-PER", "B-LOC")
    ioe1 = ["I-PER", "E-PER", "I-PER", "I-LOC"]  # E- only before one of the same type
    assert to_iob2(ioe1) == ("B-PER", "I-PER", "B-PER", "B-LOC")


def test_one_sentence_decides_for_the_whole_file():
    either = ["O", "I-PER"]
    assert scheme_of([either, ["I-LOC", "B-LOC"]]) == "IOB1"
    assert scheme_of([either, ["O", "B-LOC"]]) == "IOB2"
    assert scheme_of([["I-PER", "B-LOC"]]) == "IOB2"  # IOB1 has B- after its own type only
    assert scheme_of([["B-PER", "I-PER"], ["S-LOC"]]) == "BIOES"


def test_a_file_without_entities_is_iob2():
    assert scheme_of([["O", "O"]]) == "IOB2"


def test_an_inside_that_continues_nothing_opens_an_entity():
    assert to_iob2(["B-PER", "I-LOC", "O", "I-LOC"]) == ("B-PER", "B-LOC", "O", "B-LOC")


def test_letters_of_two_schemes_are_told():
    with pytest.raises(BeaconvizError, match="the tags B-PER, E-PER, U-LOC, which no scheme has"):
        scheme_of([["B-PER", "E-PER"], ["U-LOC"]])
