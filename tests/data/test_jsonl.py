import json

import pytest

from beaconviz.core.errors import BeaconvizError
from beaconviz.data.jsonl import Skipped, jsonl_drafts
from beaconviz.data.shapes import LeftOut

TEXT = 'At "Apple Inc.", Ann Lee saw Paris\'s 東京.'


def span(part, label, text=TEXT):
    start = text.index(part)
    return {"start": start, "end": start + len(part), "label": label}


def drafts(*objects):
    lines = [data if isinstance(data, str) else json.dumps(data) for data in objects]
    return list(jsonl_drafts("\n".join(lines), "data.jsonl"))


def read(*objects):
    return [(d.words, d.tags) for d in drafts(*objects) if not isinstance(d, Skipped)]


def left_out(*objects):
    return [d for d in drafts(*objects) if isinstance(d, Skipped)]


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


CHOICES = [{"type": "choices", "value": {"choices": ["news"]}}]
AZURE = [
    {"text": "Anna", "category": "PER", "offset": 0, "length": 4},
    {"text": "Oslo", "category": "LOC", "offset": 14, "length": 4},
]
TURKS = [
    {"label": ["PER"], "points": [{"start": 0, "end": 3, "text": "Anna"}]},
    {"label": ["LOC"], "points": [{"start": 14, "end": 17, "text": "Oslo"}]},
]


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
        {"data": ANNA, "label": SPANS},  # doccano
        {
            "text": ANNA,
            "annotation": [["PER", 0, 4], ["LOC", 14, 18]],
            "prediction": None,
        },  # Argilla
        {"text": ANNA, "annotation": STUDIO, "tokens": ANNA.split(), "status": "Validated"},
        {"sentence": ANNA, "entities": SPANS},
        {"content": ANNA, "entities": {"PER": [[0, 4]], "LOC": [[14, 18]]}},
        {
            "text": ANNA,
            "label": {"PER": {"Anna": [[0, 3]]}, "LOC": {"Oslo": [[14, 17]]}},
        },  # CLUENER
        {"text": ANNA, "entities": AZURE},
        {"content": ANNA, "annotation": TURKS, "extras": None},
        {"text": ANNA, "entities": [], "label": SPANS},
        {"data": {"text": ANNA}, "annotations": [{"result": CHOICES}, {"result": RESULT}]},
        {
            "data": {"text": ANNA},
            "annotations": [{"result": []}, {"result": RESULT, "ground_truth": True}],
        },
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


def task(**fields):
    return {"id": 1, "data": {"text": ANNA}, **fields}


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (task(annotations=[]), LeftOut.NOT_ANNOTATED),
        (task(annotations=None), LeftOut.NOT_ANNOTATED),
        (task(annotations=[], predictions=[{"result": RESULT}]), LeftOut.NOT_ANNOTATED),
        (task(predictions=[{"result": RESULT}]), LeftOut.NOT_ANNOTATED),
        (task(annotations=[{"result": CHOICES}]), LeftOut.NOT_ANNOTATED),
        (task(completions=[{"result": CHOICES}]), LeftOut.NOT_ANNOTATED),
        (task(annotations=[{"result": None}]), LeftOut.NOT_ANNOTATED),
        (task(annotations=[{"result": RESULT, "was_cancelled": True}]), LeftOut.REJECTED),
        (task(completions=[{"result": [], "skipped": True}]), LeftOut.REJECTED),
        ({"text": ANNA, "annotation": None, "prediction": SPANS}, LeftOut.NOT_ANNOTATED),
        ({"text": ANNA, "annotation": SPANS, "status": "Discarded"}, LeftOut.REJECTED),
        ({"content": ANNA, "annotation": None, "extras": None}, LeftOut.NOT_ANNOTATED),
        ({"text": ANNA, "entities": None}, LeftOut.NOT_ANNOTATED),
        ({"text": ANNA, "spans": SPANS, "answer": "ignore"}, LeftOut.REJECTED),
    ],
)
def test_what_nobody_annotated_is_left_out(record, reason):
    other = {"text": ANNA, "spans": SPANS}
    assert left_out(other, record) == [Skipped(2, reason)]
    assert left_out(json.dumps([record, other])) == [Skipped(1, reason)]
    assert len(read(other, record)) == 1


def test_a_finished_annotation_may_have_no_entity():
    finished = task(annotations=[{"result": [], "was_cancelled": False}])
    assert read(finished) == [(ANNA.split(), ["O"] * 4)]
    assert not left_out(finished)


@pytest.mark.parametrize(
    ("record", "tags"),
    [
        ({"tokenized_text": ["Ann", "Lee", "sang"], "ner": [[0, 1, "PER"]]}, ["B-PER", "I-PER", "O"]),
        ({"tokenized_text": ["Ann", "Lee", "sang"], "ner": [[2, 2, "X"]]}, ["O", "O", "B-X"]),
        ({"tokenized_text": ["Ann", "Lee", "sang"], "ner": []}, ["O", "O", "O"]),
        (
            {"tokens": ["Ann", "Lee", "sang"], "entities": [{"type": "PER", "start": 0, "end": 2}]},
            ["B-PER", "I-PER", "O"],
        ),
        ({"tokens": ["Ann", "Lee", "sang"], "entities": [], "relations": []}, ["O", "O", "O"]),
    ],
)  # fmt: skip
def test_spans_of_words(record, tags):
    assert read(record) == [(["Ann", "Lee", "sang"], tags)]


def test_the_last_character_of_a_chinese_name():
    assert read({"text": "安娜去", "label": {"name": {"安娜": [[0, 1]]}}}) == [
        (["安", "娜", "去"], ["B-name", "I-name", "O"])
    ]


@pytest.mark.parametrize(
    "whole",
    [
        {"tokens": [["Ann", "sang"], ["Rome"]], "ner_tags": [["B-PER", "O"], ["B-LOC"]], "id": ["0", "1"]},
        {"data": [{"tokens": ["Ann", "sang"], "tags": ["B-PER", "O"]}, {"words": ["Rome"], "tags": ["B-LOC"]}]},
        {
            "features": [{"name": "ner_tags", "type": {"feature": {"names": ["O", "B-PER", "B-LOC"]}}}],
            "rows": [
                {"row_idx": 0, "row": {"tokens": ["Ann", "sang"], "ner_tags": [1, 0]}},
                {"row_idx": 1, "row": {"tokens": ["Rome"], "ner_tags": [2]}},
            ],
        },
    ],
)  # fmt: skip
def test_objects_around_the_records(whole):
    expected = [(["Ann", "sang"], ["B-PER", "O"]), (["Rome"], ["B-LOC"])]
    assert read(whole) == expected
    assert read(json.dumps(whole, indent=1)) == expected


def test_features_beside_columns():
    features = [{"name": "tags", "type": {"list": {"names": ["O", "B-PER"]}}}]
    assert read({"features": features, "words": [["Ann"], ["sang"]], "tags": [[1], [0]]}) == [
        (["Ann"], ["B-PER"]),
        (["sang"], ["O"]),
    ]


def test_the_text_of_a_span_has_its_line_feed_written_out():
    value = {"start": 0, "end": 7, "text": "Ann\\nLee", "labels": ["PER"]}
    text = "Ann\nLee sang"
    annotated = {"data": {"text": text}, "annotations": [{"result": [{"value": value}]}]}
    assert read(annotated) == [(["Ann", "Lee", "sang"], ["B-PER", "I-PER", "O"])]


def test_a_file_of_one_line_has_a_line():
    with pytest.raises(BeaconvizError, match=r"^data.jsonl, line 1: found the fields 'text'"):
        read({"text": "Ann"})


def test_columns_of_different_lengths():
    with pytest.raises(
        BeaconvizError, match=r"^data.jsonl: the columns 'ner_tags' and 'tokens' have 1 and 2"
    ):
        read({"tokens": [["Ann"], ["Rome"]], "ner_tags": [["O"]]})


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
        ({"data": {"text": "Ann"}, "annotations": [5]}, r"annotations\[0\] is 5; expected an object"),
        ({"data": {"text": "Ann"}, "annotations": [{"result": [{"value": {"hypertextlabels": ["PER"]}}]}]}, r"annotations\[0\].result\[0\] has 'hypertextlabels', expected"),
        ({"id": 1, "data": {"text": "Ann"}}, "found the fields 'id', 'data'"),
        ({"sentence": "Ann", "content": "Ann", "spans": []}, "found the texts 'sentence' and 'content', expected one"),
        ({"text": "Ann", "tokens": ["start"]}, "found the fields 'text', 'tokens'"),
        ({"text": "Ann", "entities": {"PER": ["Ann"]}}, r"entities.PER\[0\] is 'Ann'; expected a list"),
        ({"text": "Ann", "entities": {"PER": [[0, 9]]}}, r"entities.PER\[0\] ends at character 9"),
        ({"text": "Ann", "entities": {"PER": [[0, 1, 2]]}}, r"entities.PER\[0\] has 3 entries; expected at most 2"),
        ({"text": "安娜去", "label": {"name": {"安娜": [[0, 2]]}}}, r"label.name.安娜\[0\] covers '安娜去', and says that its text is '安娜'"),
        ({"text": "安娜去", "spans": [{"start": 0, "end": 1, "label": "PER", "text": "安娜"}]}, r"spans\[0\] covers '安', and says"),
        ({"content": "Ann", "annotation": [{"label": ["PER"], "points": [{"start": "0", "end": 2, "text": "Ann"}]}]}, r"annotation\[0\].points\[0\].start is '0'; expected a whole number"),
        ({"text": "Ann", "entities": [{"offset": 0, "category": "PER"}]}, r"entities\[0\] has no end"),
        ({"tokenized_text": ["Ann"], "ner": [[0, 1, "PER"]]}, r"ner\[0\] reaches beyond the last of 1 words"),
        ({"tokenized_text": ["Ann", "Lee"], "ner": [[1, 0, "PER"]]}, "goes from 1 to 0, expected two whole numbers of words, 0 or more, the second not below"),
        ({"tokenized_text": ["Ann", "Lee"], "ner": [[0, 1, "PER"], [1, 1, "X"]]}, r"ner\[0\] \(words 0 to 1\) and ner\[1\] \(1 to 1\) overlap"),
        ({"tokens": ["Ann"], "entities": [{"label": "PER", "start": 0, "end": 1}]}, 'expected "type", "start" and "end" of words'),
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


VALUES = [None, 5, 10**400, True, "", "x", [], {}, [[]], {"a": 5}, ["a", 5, "b"], [None], {"": {}}]


def places(value, place=()):
    """The place of each value inside a JSON value."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in entries:
        yield (*place, key)
        if isinstance(inner, (dict, list)):
            yield from places(inner, (*place, key))


def replaced(value, place, new):
    if not place:
        return new
    copy = value.copy()
    copy[place[0]] = replaced(value[place[0]], place[1:], new)
    return copy


def refused(data):
    """The error, where there is one."""
    try:
        drafts(data)
    except BeaconvizError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    "record",
    [
        task(annotations=[{"result": RESULT, "was_cancelled": False}]),
        {"text": ANNA, "annotation": [["PER", 0, 4]], "status": "Validated"},
        {"text": ANNA, "spans": STUDIO, "tokens": TOKENS, "answer": "accept"},
        {"text": ANNA, "label": {"PER": {"Anna": [[0, 3]]}}},
        {"text": ANNA, "entities": {"PER": [[0, 4]]}},
        {"text": ANNA, "entities": AZURE},
        {"content": ANNA, "annotation": TURKS},
        {"tokenized_text": ["Ann"], "ner": [[0, 0, "PER"]]},
        {"tokens": ["Ann"], "entities": [{"type": "PER", "start": 0, "end": 1}]},
        {"tokens": [["Ann"]], "ner_tags": [[0]], "features": {"ner_tags": {"names": ["O\n"]}}},
        {"features": [{"name": "tags", "type": {"names": ["O"]}}], "rows": [{"row": {"words": ["a"], "tags": [0]}}]},
    ],
)  # fmt: skip
def test_whatever_is_wrong_in_a_record_is_one_line(record):
    assert read(record)
    broken = [replaced(record, place, value) for place in places(record) for value in VALUES]
    refusals = [refusal for data in broken if (refusal := refused(data))]
    assert len(refusals) > len(broken) / 4
    for refusal in refusals:
        assert refusal.startswith("data.jsonl")
        assert "\n" not in refusal
        assert len(refusal) < 700
