import json

import pytest

from beaconviz.core.errors import BeaconvizError
from beaconviz.data.jsonl import jsonl_drafts

TEXT = 'At "Apple Inc.", Ann Lee saw Paris\'s 東京.'


def span(part, label, text=TEXT):
    start = text.index(part)
    return {"start": start, "end": start + len(part), "label": label}


def read(*objects):
    lines = [data if isinstance(data, str) else json.dumps(data) for data in objects]
    return [(d.words, d.tags) for d in jsonl_drafts("\n".join(lines), "data.jsonl")]


def test_spans_take_the_words_that_they_overlap():
    spans = [span("Ann Lee", "PER"), span("Apple Inc", "ORG"), span("Paris", "LOC"), span("東京", "LOC")]  # fmt: skip
    [(words, tags)] = read({"text": TEXT, "spans": spans, "id": 7})
    assert words == ["At", '"Apple', 'Inc.",', "Ann", "Lee", "saw", "Paris's", "東", "京", "."]
    assert tags == ["O", "B-ORG", "I-ORG", "B-PER", "I-PER", "O", "B-LOC", "B-LOC", "I-LOC", "O"]


def test_spans_may_be_lists_and_be_called_entities():
    assert read('{"text": "Ann saw Bob", "entities": [[8, 11, "PER"], [0, 3, "PER"]]}') == [
        (["Ann", "saw", "Bob"], ["B-PER", "O", "B-PER"])
    ]


def test_words_and_tags_are_taken_as_they_are():
    data = {"tokens": ["Ann", ","], "ner_tags": ["S-PER", "O"], "text": "Ann,"}
    assert read(data, "", {"words": ["Bob"], "tags": ["O"]}) == [
        (["Ann", ","], ["S-PER", "O"]),
        (["Bob"], ["O"]),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "Ann", "spa', "is not whole JSON .* expected a whole object in each line"),
        ("[" * 100_000, "is not whole JSON"),
        ('["Ann"]', r"found '\[\"Ann\"\]', expected an object such as"),
        ("{}", "found the fields none, expected"),
        ({"text": "Ann"}, "found the fields 'text', expected \"text\" and \"spans\""),
        ({"text": " ", "spans": []}, "the text is empty"),
        ({"text": 5, "spans": []}, "the text is a int"),
        ({"text": "Ann", "spans": {}}, "spans is {}, expected a list"),
        ({"text": "Ann", "spans": [[0, 3]]}, r'spans\[0\] is \[0, 3\], expected "start", "end"'),
        ({"text": "Ann", "spans": [[0, 9, "PER"]]}, r"spans\[0\] ends at character 9; the text has 3"),
        ({"text": "Ann", "spans": [[3, 9, "PER"]]}, r"ends at character 9; the text has 3"),
        ({"text": "Ann", "spans": [[-1, 3, "PER"]]}, "goes from -1 to 3, expected two whole numbers"),
        ({"text": "Ann", "spans": [[2, 2, "PER"]]}, "goes from 2 to 2"),
        ({"text": "Ann", "spans": [[0, 3.0, "PER"]]}, "goes from 0 to 3.0"),
        ({"text": "Ann", "entities": [{"start": 0}]}, r"entities\[0\] goes from 0 to missing"),
        ({"text": "Ann", "spans": [[0, 3, ""]]}, "has the label '', expected a type such as PER"),
        ({"text": "Ann", "spans": [[0, 3, "O"]]}, "has the label 'O'"),
        ({"text": "Ann", "spans": [[0, 3, "P\u2028ER"]]}, r"has the label 'P\\u2028ER'"),
        ({"text": "Ann  Lee", "spans": [[3, 5, "PER"]]}, "covers white space only"),
        (
            {"text": "Ann Lee sang", "spans": [[4, 7, "PER"], [0, 5, "PER"]]},
            r"spans\[1\] \(characters 0 to 5\) and spans\[0\] \(4 to 7\) overlap",
        ),
        (
            {"text": "an Apple-made Mac", "spans": [[3, 8, "ORG"]]},
            r"spans\[0\] covers 'Apple', which cuts the words 'Apple-made'; .* from 3 to 13",
        ),
        ({"text": "Ann/Bob", "spans": [[0, 3, "PER"]]}, "cuts the words 'Ann/Bob'"),
        ({"text": "?! sang", "spans": [[0, 1, "PER"], [1, 2, "ORG"]]}, r"spans\[1\] is the second span in the word '\?!'"),
        ({"words": ["Ann"], "tags": [1]}, r"tags\[0\] is 1, expected O, or a type with B-"),
        ({"words": ["Ann"], "tags": ["PER"]}, "found the tag 'PER' in tags, expected O"),
        ({"words": ["Ann", "sang"], "tags": ["O"]}, "words has 2 entries and tags 1"),
        ({"words": [], "tags": []}, r"words is \[\], expected a list"),
        ({"tokens": ["Ann", ""], "tags": ["O", "O"]}, r"tokens\[1\] is '', expected a word"),
        ({"tokens": [{"text": "Ann"}], "tags": ["O"]}, r"tokens\[0\] is"),
    ],
)  # fmt: skip
def test_a_bad_line_is_told_by_number(line, message):
    with pytest.raises(BeaconvizError, match=message) as error:
        read({"words": ["Bob"], "tags": ["O"]}, line)
    assert str(error.value).startswith("data.jsonl, line 2: ")
    assert len(str(error.value).splitlines()) == 1
