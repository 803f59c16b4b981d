"""Labelled sentences from JSON: a record a line or in one list, with a text and spans, or words
and tags.

{"text": "Ann saw Rome.", "spans": [{"start": 0, "end": 3, "label": "PER"}, [8, 12, "LOC"]]}
{"words": ["Ann", "sang"], "tags": ["B-PER", "O"]}
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import partial
from io import StringIO
from itertools import pairwise
from typing import Any, NamedTuple

import regex

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Word, split_words
from beaconviz.data.conll import Draft
from beaconviz.data.records import EXAMPLE, edges, record_of, short
from beaconviz.data.schemes import TAG, is_type

# What a word may have around the name in it: "(Apple", "Inc.,", "Paris's".
_BEFORE = regex.compile(r"[\p{P}\p{S}]*")
_AFTER = regex.compile(r"(['’]s)?[\p{P}\p{S}]*")


class LabelledSpan(NamedTuple):
    """A name: characters `text[start:end]`, and where in the line it was written."""

    start: int
    end: int
    label: str
    field: str


def jsonl_drafts(text: str, name: str) -> Iterator[Draft]:
    """The sentences of a JSON Lines text, or of one JSON list; see `records` for what fields are
    called. The spans of a text become B- and I- tags; other fields are left alone.

    Raises:
        BeaconvizError: a record that does not fit, naming `name`, its line and what was found.
    """
    for place, number, data in _values(text, name):
        try:
            draft = _draft(data() if callable(data) else data, number)
        except BeaconvizError as error:
            raise BeaconvizError(f"{name}, {place}: {error}") from None
        if draft is not None:
            yield draft


def _values(text: str, name: str) -> Iterator[tuple[str, int, Any]]:
    """Each record, or how to have it, with its place and a number for it."""
    entries = _list(text)
    if entries is not None:
        for number, entry in enumerate(entries, start=1):
            yield f"entry {number} of the list", number, entry
        return
    for number, line in enumerate(StringIO(text), start=1):
        if line.strip():
            yield f"line {number}", number, partial(_parsed, line.rstrip("\n"))


def _list(text: str) -> list[Any] | None:
    """The records of a text that is one JSON list, or one object; None for an object a line."""
    if not text.lstrip().startswith(("[", "{")):
        return None
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return None  # an object a line
    if isinstance(whole, dict) and "classes" in whole:
        whole = [entry for entry in whole.get("annotations", ()) if entry is not None]
    if isinstance(whole, dict) and "\n" in text.strip():
        return [whole]  # one record over several lines
    if isinstance(whole, list) and not _is_pair(whole):
        return whole if any(isinstance(entry, (dict, list)) for entry in whole) else None
    return None


def _is_pair(entries: list[Any]) -> bool:
    return len(entries) == 2 and isinstance(entries[0], str)


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deep"
        column = f", column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise BeaconvizError(
            f"found {line[:60]!r}, which is not valid JSON ({reason}{column}); expected a whole "
            f"object in each line, such as {EXAMPLE}"
        ) from None


def _draft(data: Any, number: int) -> Draft | None:
    record = record_of(data)
    if record is None:
        return None
    if record.spans is not None:
        words, tags = _from_spans(record.text, _spans(*record.spans))
        return Draft(words, tags, [number] * len(words), record.text)
    assert record.words is not None
    assert record.tags is not None
    words, tags = _tagged(record.words.value, record.words.name, *record.tags)
    return Draft(words, tags, [number] * len(words))


def _tagged(
    words: Any, words_field: str, tags: Any, tags_field: str
) -> tuple[list[str], list[str]]:
    _check_strings(words_field, words, "a word")
    if isinstance(tags, list) and any(type(tag) is int for tag in tags):
        raise BeaconvizError(
            f"{tags_field} holds numbers, and the file does not say what they mean; expected {TAG}: "
            f"write their names (of a Hugging Face data set: features[{tags_field!r}].feature.names)"
        )
    _check_strings(tags_field, tags, TAG)
    if len(words) != len(tags):
        raise BeaconvizError(
            f"{words_field} has {len(words):,} entries and {tags_field} {len(tags):,}; "
            "expected a tag for each word"
        )
    return words, tags


def _check_strings(field: str, entries: Any, what: str) -> None:
    if not isinstance(entries, list) or not entries:
        raise BeaconvizError(f"{field} is {short(entries)}, expected a list with some entries")
    for position, entry in enumerate(entries):
        if not isinstance(entry, str) or not entry:
            raise BeaconvizError(f"{field}[{position}] is {short(entry)}, expected {what}")


def _spans(entries: Any, field: str) -> list[LabelledSpan]:
    """The spans in the order of the text. Raises where two overlap."""
    if not isinstance(entries, list):
        raise BeaconvizError(f"{field} is {short(entries)}, expected a list of spans")
    spans = sorted(_span(entry, f"{field}[{number}]") for number, entry in enumerate(entries))
    for first, second in pairwise(spans):
        if second.start < first.end:
            raise BeaconvizError(
                f"{first.field} (characters {first.start} to {first.end}) and {second.field} "
                f"({second.start} to {second.end}) overlap; expected one name at a place: keep one"
            )
    return spans


def _span(entry: Any, field: str) -> LabelledSpan:
    start, end, label = edges(entry, field)
    if type(start) is not int or type(end) is not int or not 0 <= start < end:
        raise BeaconvizError(
            f"{field} goes from {short(start)} to {short(end)}, expected two whole numbers of "
            "characters, 0 or more, the second above the first"
        )
    if not isinstance(label, str) or not is_type(label.strip()):
        raise BeaconvizError(f"{field} has the label {short(label)}, expected a type such as PER")
    return LabelledSpan(start, end, label.strip(), field)


def _from_spans(text: Any, spans: list[LabelledSpan]) -> tuple[list[str], list[str]]:
    words = split_words(text)
    starts, ends = [word.start for word in words], [word.end for word in words]
    tags = ["O"] * len(words)
    for span in spans:
        first, last = bisect_right(ends, span.start), bisect_left(starts, span.end) - 1
        _check_edges(text, span, words[first : last + 1])
        if tags[first] != "O":
            raise BeaconvizError(
                f"{span.field} is the second span in the word {words[first].text!r}; "
                "expected one a word, since a word has one tag: keep one"
            )
        tags[first : last + 1] = [f"B-{span.label}"] + [f"I-{span.label}"] * (last - first)
    return [word.text for word in words], tags


def _check_edges(text: str, span: LabelledSpan, words: tuple[Word, ...]) -> None:
    """A span is whole words, but for punctuation that is glued to them."""
    if span.end > len(text):
        raise BeaconvizError(
            f"{span.field} ends at character {span.end}; the text has {len(text):,}"
        )
    if not words:
        raise BeaconvizError(f"{span.field} covers white space only, expected some words")
    before, after = text[words[0].start : span.start], text[span.end : words[-1].end]
    if not (_BEFORE.fullmatch(before) and _AFTER.fullmatch(after)):
        found = " ".join(word.text for word in words)
        raise BeaconvizError(
            f"{span.field} covers {text[span.start : span.end][:60]!r}, which cuts the words "
            f"{found[:60]!r}; expected it to begin and end with a word: let it go from "
            f"{words[0].start} to {words[-1].end}"
        )
