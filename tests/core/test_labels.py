"""Every spelling of the same labels gives the same entities."""

import pytest

from beaconviz.core.labels import spelled, spelling, split_label, to_bio

BIO = ("O", "B-PER", "I-PER")


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["O", "B-PER", "I-PER"], BIO),
        (["O", "B_PER", "I_PER"], BIO),
        (["O", "B:PER", "I/PER"], BIO),
        (["O", "PER-B", "PER-I"], BIO),
        (["O", "PER_B", "PER.I"], BIO),
        (["o", "b-PER", "i-PER"], BIO),
        (["OUT", "B-PER", "I-PER"], BIO),
        (["_", "B-PER", "I-PER"], BIO),
        (["0", "B-PER", "I-PER"], BIO),
        (["NONE", "PER-B", "PER-I"], BIO),
        (["nothing", "B-PER", "I-PER"], BIO),  # one of another shape is "no entity"
        (["O", "B", "I"], ("O", "B-ENTITY", "I-ENTITY")),
        (["O", "B-PER", "M-PER", "E-PER", "S-PER"], ("O", "B-PER", "M-PER", "E-PER", "S-PER")),
        (["O", "B-PER", "W-PER"], ("O", "B-PER", "S-PER")),
        (["O", "B-PER", "X", "[CLS]", "[SEP]"], ("O", "B-PER", "O", "O", "O")),
        (["B-PER", "X", "I-PER", "O"], ("B-PER", "O", "I-PER", "O")),
        (["O", "B-date_of_birth", "I-date_of_birth"], ("O", "B-date_of_birth", "I-date_of_birth")),
        (["O", "PER", "LOC"], ("O", "PER", "LOC")),
        (["other", "PER", "LOC"], ("O", "PER", "LOC")),
        (["O", "OTHER", "PER"], ("O", "OTHER", "PER")),  # a type, beside O
        (["O", "E-MAIL", "PHONE"], ("O", "I-E-MAIL", "PHONE")),
        (["O", "B-PER", "I-PER", "MISC"], ("O", "B-PER", "I-PER", "MISC")),
        (["O", "B-PER", "E-MAIL", "MISC"], ("O", "B-PER", "I-E-MAIL", "MISC")),
        (["NOUN", "VERB", "X"], ("NOUN", "VERB", "X")),
        (["LABEL_0", "LABEL_1"], ("LABEL_0", "LABEL_1")),
        (["O", "BPER", "IPER"], BIO),
        (["O", "BIRD", "PLANT"], ("O", "BIRD", "PLANT")),  # nothing goes on
        (["O", "BEGIN-PER", "INSIDE-PER"], BIO),
        (["O", "Begin", "Inside"], ("O", "B-ENTITY", "I-ENTITY")),
        (["O", "LAST-NAME", "FIRST-NAME"], ("O", "LAST-NAME", "FIRST-NAME")),
        (["O", "START-DATE", "END-DATE"], ("O", "START-DATE", "END-DATE")),
        (["O", "<B-PER>", "[I-PER]"], BIO),
        (["O", "B-", "I-"], ("O", "B-ENTITY", "I-ENTITY")),
        (["Ｏ", "Ｂ-PER", "Ｉ－PER"], BIO),  # full width
        (["О", "В-PER", "І-PER"], BIO),  # Cyrillic letters
        (["Ο", "Β-PER", "Ι-PER"], BIO),  # Greek ones
        (["O", "B-per", "I-PER"], ("O", "B-per", "I-per")),
        (["O", "per", "PER"], ("O", "per", "PER")),  # bare types are left as they are
        (["O"], ("O",)),
        ([], ()),
    ],
)
def test_labels_of_models(labels, expected):
    assert spelled(labels) == expected


def test_what_is_no_scheme_is_not_read_as_one():
    assert spelling(["O", "PER", "LOC"]) is None
    assert spelling(["O", "B-PER", "nothing"]) is None  # of a file: it may be a slip
    assert spelling(["E-MAIL", "S-BAHN"]) is None
    assert spelling(["o", "O"]) == {"o": "O", "O": "O"}


@pytest.mark.parametrize(
    ("labels", "tags"),
    [
        (["B-PER", "M-PER", "E-PER"], ["B-PER", "I-PER", "I-PER"]),
        (["S-PER", "S-PER"], ["B-PER", "B-PER"]),
        (["M-PER", "B-LOC", "M-PER"], ["B-PER", "B-LOC", "B-PER"]),
        (["E-PER", "I-PER"], ["B-PER", "B-PER"]),
        (["I-E-MAIL", "I-E-MAIL"], ["B-E-MAIL", "I-E-MAIL"]),
        (["PER", "PER", "O", "PER"], ["B-PER", "I-PER", "O", "B-PER"]),
    ],
)
def test_every_scheme_becomes_bio(labels, tags):
    assert to_bio(labels) == tags


def test_a_letter_is_no_type():
    assert split_label("M-PER") == ("M", "PER")
    assert split_label("I-E-MAIL") == ("I", "E-MAIL")
    assert split_label("B_PER") == ("I", "B_PER")
