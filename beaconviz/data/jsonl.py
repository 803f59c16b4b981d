"""Labelled sentences from JSON: a record a line or in one list, with a text and spans, or words
and tags.

{"text": "Ann saw Rome.", "spans": [{"start": 0, "end": 3, "label": "PER"}, [8, 12, "LOC"]]}
{"words": ["Ann", "sang"], "tags": ["B-PER", "O"]}
"""

import json
from collections.abc import Iterator
from functools import partial
from io import StringIO
from typing import Any, NamedTuple

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.schema import short
from beaconviz.data.conll import Draft
from beaconviz.data.numbered import TagNames, names_in
from beaconviz.data.records import EXAMPLE, record_of
from beaconviz.data.schemes import TAG
from beaconviz.data.shapes import LeftOut
from beaconviz.data.spans import Field, read_spans, tags_of_text, tags_of_words
from beaconviz.data.whole import Whole, whole_of


class Skipped(NamedTuple):
    """A record that is no sentence: its number in the file, and why."""

    number: int
    reason: LeftOut


def jsonl_drafts(
    text: str, name: str, tag_names: TagNames | None = None
) -> Iterator[Draft | Skipped]:
    """The sentences of a JSON Lines text, or of one JSON list; see `records` for what fields are
    called. Spans become B- and I- tags; other fields are left alone.

    Args:
        tag_names: of a field of numbered tags, where the file does not have them.

    Raises:
        BeaconvizError: a record that does not fit, naming `name`, its line and what was found.
    """
    whole = whole_of(text, name)
    if whole is not None and whole.features is not None:
        tag_names = partial(names_in, whole.features)
    for place, number, data in _values(text, whole):
        try:
            yield _draft(data() if callable(data) else data, number, tag_names)
        except BeaconvizError as error:
            raise BeaconvizError(f"{name}, {place}: {error}") from None


def _values(text: str, whole: Whole | None) -> Iterator[tuple[str, int, Any]]:
    """Each record, or how to have it, with its place and a number for it."""
    if whole is not None:
        for number, entry in enumerate(whole.entries, start=1):
            yield f"entry {number} of the list", number, entry
        return
    for number, line in enumerate(StringIO(text), start=1):
        if line.strip():
            yield f"line {number}", number, partial(_parsed, line.rstrip("\n"))


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


def _draft(data: Any, number: int, tag_names: TagNames | None) -> Draft | Skipped:
    record = record_of(data)
    if isinstance(record, LeftOut):
        return Skipped(number, record)
    if record.words is None:
        spans = read_spans(record.spans or (), "characters", record.last)
        words, tags = tags_of_text(record.text, spans)
        return Draft(words, tags, [number] * len(words), record.text)
    words = _strings(record.words, "a word")
    if record.tags is None:
        tags = tags_of_words(words, read_spans(record.spans or (), "words", record.last))
    else:
        tags = _tags(record.tags, tag_names)
        _check_lengths(record.words, record.tags)
    return Draft(words, tags, [number] * len(words))


def _check_lengths(words: Field, tags: Field) -> None:
    if len(words.value) != len(tags.value):
        raise BeaconvizError(
            f"{words.name} has {len(words.value):,} entries and {tags.name} {len(tags.value):,}; "
            "expected a tag for each word"
        )


def _tags(field: Field, tag_names: TagNames | None) -> list[str]:
    tags, name = field
    if not isinstance(tags, list) or not any(type(tag) is int for tag in tags):
        return _strings(field, TAG)
    names = tag_names(name) if tag_names else None
    if names is None:
        raise BeaconvizError(
            f"{name} holds numbers, and neither the file nor one beside it (dataset_info.json, "
            f"README.md) says what they mean; expected {TAG}: write their names (of a Hugging Face "
            f"data set: features[{name!r}].feature.names)"
        )
    for position, tag in enumerate(tags):
        if type(tag) is not int or not 0 <= tag < len(names):
            raise BeaconvizError(
                f"{name}[{position}] is {short(tag)}, expected a number from 0 to {len(names) - 1} "
                f"({short(list(names))})"
            )
    return [names[tag] for tag in tags]


def _strings(field: Field, what: str) -> list[str]:
    entries, name = field
    if not isinstance(entries, list) or not entries:
        raise BeaconvizError(f"{name} is {short(entries)}, expected a list with some entries")
    for position, entry in enumerate(entries):
        if not isinstance(entry, str) or not entry:
            raise BeaconvizError(f"{name}[{position}] is {short(entry)}, expected {what}")
    return entries
