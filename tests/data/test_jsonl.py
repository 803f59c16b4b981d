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


ANNA = "Anna lives in Oslo."
SPANS = [[0, 4, "PER"], [14, 18, "LOC"]]
OFFSETS = [
    {"id": 1, "label": "PER", "start_offset": 0, "end_offset": 4},
    {"id": 2, "label": "LOC", "start_offset": 14, "end_offset": 18},
]
STUDIO = [
    {"start": 0, "end": 4, "text": "Anna", "labels": ["PER"]},
    {"start": 14, "end": 18, "text": "Oslo", "labels": ["LOC"]},
]
RESULT = [
    {"from_name": "label", "to_name": "text", "type": "labels", "value": value} for value in STUDIO
]
TOKENS = [{"text": "Anna", "start": 0, "end": 4, "id": 0}]


@pytest.mark.parametrize(
    "record",
    [
        {"id": 1, "text": ANNA, "label": SPANS, "Comments": []},  # doccano
        {"text": ANNA, "labels": SPANS},
        {"text": ANNA, "entities": OFFSETS, "relations": []},
        {"text": ANNA, "spans": STUDIO, "tokens": TOKENS, "answer": "accept"},  # Prodigy
        {"text": ANNA, "label": STUDIO, "annotator": 1},  # Label Studio, JSON_MIN
        {"data": {"text": ANNA}, "annotations": [{"result": RESULT}], "predictions": []},
        {"data": {"body": ANNA}, "annotations": [{"was_cancelled": True}, {"result": RESULT}]},
        {"text": ANNA, "annotations": [{"start": 0, "end": 4, "tag": "PER"}, [14, 18, "LOC"]]},
        {"text": ANNA, "spans": [{"start": 0, "end": 4, "type": "PER"}, [14, 18, "LOC"]]},
        [ANNA, {"entities": SPANS}],  # spaCy
    ],
)
def test_records_as_annotation_tools_write_them(record):
    expected = [(ANNA.split(), ["B-PER", "O", "O", "B-LOC"])]
    assert read(record) == expected
    pretty = json.dumps([record, record], indent=2)
    assert read(pretty) == expected * 2
    whole = json.dumps({"classes": ["PER"], "annotations": [record, None]})
    assert read(whole) == expected


def test_prodigy_leaves_spans_out_where_nothing_is_marked():
    accepted = {"text": "It rains.", "tokens": TOKENS, "answer": "accept"}
    assert read(accepted) == [(["It", "rains."], ["O", "O"])]
    assert read({"text": "It rains.", "_task_hash": 5, "spans": None}) == read(accepted)
    rejected = {"text": ANNA, "spans": SPANS, "answer": "reject"}
    assert read(rejected, accepted, {**rejected, "answer": "ignore"}) == read(accepted)


def test_an_entry_of_a_list_is_told_by_its_number():
    with pytest.raises(BeaconvizError, match=r"^data.jsonl, entry 2 of the list: spans is 5"):
        read(json.dumps([{"text": ANNA, "spans": []}, {"text": ANNA, "spans": 5}]))


def test_a_text_is_kept_as_it_stands():
    [draft] = jsonl_drafts('{"text": " Ann \\t saw  Bob ", "spans": []}', "x")
    assert (draft.text, draft.words) == (" Ann \t saw  Bob ", ["Ann", "saw", "Bob"])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "Ann", "spa', "is not valid JSON .* expected a whole object in each line"),
        ("[" * 100_000, "is not valid JSON"),
        ('["Ann"]', r"found \['Ann'\], expected an object such as"),
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
        ({"text": "Ann", "entities": [{"start": 0}]}, r"entities\[0\] has no end \(found the fields 'start'\)"),
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
        ({"words": ["Ann"], "tags": [1]}, r"tags holds numbers, .*features\['tags'\].feature.names"),
        ({"tokens": ["Ann"], "ner_tags": [0]}, "ner_tags holds numbers, .* write their names"),
        ({"words": ["Ann"], "tags": [None]}, r"tags\[0\] is missing, expected O, or a type with B-"),
        ({"text": "Ann", "label": ["PER"]}, "found the fields 'text', 'label'"),
        ({"text": "Ann", "spans": [{"from": 0, "to": 3, "label": "PER"}]}, r"spans\[0\] has no start \(found the fields 'from', 'to', 'label'\)"),
        ({"text": "Ann", "spans": [{"start": 0, "end": 3, "labels": ["PER", "LOC"]}]}, r"has 2 labels"),
        ({"data": {"a": "x", "b": "y"}, "annotations": []}, 'expected a text in it, called "text"'),
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
