"""Labelled sentences from JSON Lines: an object a line, with a text and spans, or words and tags.

{"text": "Ann saw Rome.", "spans": [{"start": 0, "end": 3, "label": "PER"}, [8, 12, "LOC"]]}
{"words": ["Ann", "sang"], "tags": ["B-PER", "O"]}
"""

import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from io import StringIO
from itertools import pairwise
from typing import Any, NamedTuple

import regex

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Word, split_words
from beaconviz.data.conll import Draft
from beaconviz.data.schemes import TAG, is_tag

EXAMPLE = '{"text": "Ann sang", "spans": [{"start": 0, "end": 3, "label": "PER"}]}'
# What a word may have around the name in it: "(Apple", "Inc.,", "Paris's".
_BEFORE = regex.compile(r"[\p{P}\p{S}]*")
_AFTER = regex.compile(r"(['’]s)?[\p{P}\p{S}]*")


class Span(NamedTuple):
    """A name: characters `text[start:end]`, and where in the line it was written."""

    start: int
    end: int
    label: str
    field: str


def jsonl_drafts(text: str, name: str) -> Iterator[Draft]:
    """The sentences of a JSON Lines text; the spans of a line become B- and I- tags.

    The spans are called "spans" or "entities", the words "words" or "tokens", the tags "tags" or
    "ner_tags"; other fields are left alone.

    Raises:
        BeaconvizError: a line that does not fit, naming `name`, line and what was found.
    """
    for number, line in enumerate(StringIO(text), start=1):
        if line.strip():
            try:
                words, tags = _labelled(_object(line.rstrip("\n")))
            except BeaconvizError as error:
                raise BeaconvizError(f"{name}, line {number}: {error}") from None
            yield Draft(words, tags, [number] * len(words))


def _object(line: str) -> dict[str, Any]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BeaconvizError(
            f"found {line[:60]!r}, which is not whole JSON ({error}); expected a whole object in "
            f"each line, such as {EXAMPLE}"
        ) from None
    if not isinstance(data, dict):
        raise BeaconvizError(f"found {line[:60]!r}, expected an object such as {EXAMPLE}")
    return data


def _labelled(data: dict[str, Any]) -> tuple[list[str], list[str]]:
    spans, spans_field = _either(data, "spans", "entities")
    words, words_field = _either(data, "words", "tokens")
    tags, tags_field = _either(data, "tags", "ner_tags")
    if "text" in data and spans is not None:
        return _from_spans(data["text"], _spans(spans, spans_field))
    if words is None or tags is None:
        raise BeaconvizError(
            f'found the fields {", ".join(map(repr, data))[:200] or "none"}, expected "text" and '
            f'"spans", or "words" and "tags", as in {EXAMPLE}'
        )
    _check_strings(words_field, words, "a word")
    _check_strings(tags_field, tags, TAG)
    if bad := next((tag for tag in tags if not is_tag(tag)), None):
        raise BeaconvizError(f"found the tag {bad[:60]!r} in {tags_field}, expected {TAG}")
    if len(words) != len(tags):
        raise BeaconvizError(
            f"{words_field} has {len(words):,} entries and {tags_field} {len(tags):,}; "
            "expected a tag for each word"
        )
    return words, tags


def _either(data: dict[str, Any], *names: str) -> tuple[Any, str]:
    name = next((name for name in names if name in data), names[0])
    return data.get(name), name


def _check_strings(field: str, entries: Any, what: str) -> None:
    if not isinstance(entries, list) or not entries:
        raise BeaconvizError(f"{field} is {_short(entries)}, expected a list with some entries")
    for position, entry in enumerate(entries):
        if not isinstance(entry, str) or not entry:
            raise BeaconvizError(f"{field}[{position}] is {_short(entry)}, expected {what}")


def _spans(entries: Any, field: str) -> list[Span]:
    """The spans in the order of the text. Raises where two overlap."""
    if not isinstance(entries, list):
        raise BeaconvizError(f"{field} is {_short(entries)}, expected a list of spans")
    spans = sorted(_span(entry, f"{field}[{number}]") for number, entry in enumerate(entries))
    for first, second in pairwise(spans):
        if second.start < first.end:
            raise BeaconvizError(
                f"{first.field} (characters {first.start} to {first.end}) and {second.field} "
                f"({second.start} to {second.end}) overlap; expected one name at a place: keep one"
            )
    return spans


def _span(entry: Any, field: str) -> Span:
    if isinstance(entry, dict):
        entry = [entry.get(name) for name in ("start", "end", "label")]
    if not isinstance(entry, list) or len(entry) != 3:
        raise BeaconvizError(f'{field} is {_short(entry)}, expected "start", "end" and "label"')
    start, end, label = entry
    if type(start) is not int or type(end) is not int or not 0 <= start < end:
        raise BeaconvizError(
            f"{field} goes from {_short(start)} to {_short(end)}, expected two whole numbers of "
            "characters, 0 or more, the second above the first"
        )
    if not isinstance(label, str) or not is_tag(f"B-{label.strip()}") or label == "O":
        raise BeaconvizError(f"{field} has the label {_short(label)}, expected a type such as PER")
    return Span(start, end, label.strip(), field)


def _from_spans(text: Any, spans: list[Span]) -> tuple[list[str], list[str]]:
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


def _check_edges(text: str, span: Span, words: tuple[Word, ...]) -> None:
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


def _short(value: Any) -> str:
    return "missing" if value is None else repr(value)[:60]
