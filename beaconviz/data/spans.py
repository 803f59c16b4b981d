"""Labelled spans of a record, over the characters of a text or over words, as tags of the words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import regex

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.schema import short
from beaconviz.core.words import Word, split_words
from beaconviz.data.schemes import is_type

_EDGES = {
    "start": ("start", "start_offset", "startOffset", "start_char", "begin", "offset"),
    "end": ("end", "end_offset", "endOffset", "end_char", "stop"),
    "label": ("label", "labels", "type", "tag", "entity_group", "entity", "category"),
}
# What a word may have around the name in it: "(Apple", "Inc.,", "Paris's".
_BEFORE = regex.compile(r"[\p{P}\p{S}]*")
_AFTER = regex.compile(r"(['’]s)?[\p{P}\p{S}]*")
_LINE_END = r"\n"  # as Label Studio writes a line feed in the text of a span


class Field(NamedTuple):
    """An entry of a record, and what the record calls it."""

    value: Any
    name: str


class LabelledSpan(NamedTuple):
    """A name: units `start` to `end`, the end after the last; where in the record it was written;
    and its text, where the record gives that too."""

    start: int
    end: int
    label: str
    field: str
    text: str | None = None


def read_spans(entries: Iterable[Field], unit: str, last: int) -> list[LabelledSpan]:
    """The spans in the order of the text.

    Args:
        unit: what the numbers count, "characters" or "words".
        last: 1 where the end is the last unit itself, 0 where it is the one after.

    Raises:
        BeaconvizError: an entry that is no span, or two that overlap; says which.
    """
    spans = sorted(_span(entry, unit, last) for entry in entries)
    for first, second in pairwise(spans):
        if second.start < first.end:
            raise BeaconvizError(
                f"{first.field} ({unit} {first.start} to {first.end - last}) and {second.field} "
                f"({second.start} to {second.end - last}) overlap; expected one name at a place: "
                "keep one"
            )
    return spans


def tags_of_text(text: Any, spans: list[LabelledSpan]) -> tuple[list[str], list[str]]:
    """The words of a text and their IOB2 tags. Raises where a span is not made of whole words."""
    words = split_words(text)
    starts, ends = [word.start for word in words], [word.end for word in words]
    tags = ["O"] * len(words)
    for span in spans:
        first, after = bisect_right(ends, span.start), bisect_left(starts, span.end)
        _check_edges(text, span, words[first:after])
        if tags[first] != "O":
            raise BeaconvizError(
                f"{span.field} is the second span in the word {words[first].text!r}; "
                "expected one a word, since a word has one tag: keep one"
            )
        _write(tags, first, after, span.label)
    return [word.text for word in words], tags


def tags_of_words(words: list[str], spans: list[LabelledSpan]) -> list[str]:
    """IOB2 tags of words that spans count.

    >>> tags_of_words(["Ann", "Lee", "sang"], [LabelledSpan(0, 2, "PER", "ner[0]")])
    ['B-PER', 'I-PER', 'O']
    """
    tags = ["O"] * len(words)
    for span in spans:
        if span.end > len(words):
            raise BeaconvizError(
                f"{span.field} reaches beyond the last of {len(words):,} words; expected numbers "
                "of words, from 0"
            )
        _write(tags, span.start, span.end, span.label)
    return tags


def _write(tags: list[str], first: int, after: int, label: str) -> None:
    tags[first:after] = [f"B-{label}"] + [f"I-{label}"] * (after - first - 1)


def _span(entry: Field, unit: str, last: int) -> LabelledSpan:
    start, end, label = _edges(*entry)
    if type(start) is not int or type(end) is not int or not 0 <= start < end + last:
        order = "not below" if last else "above"
        raise BeaconvizError(
            f"{entry.name} goes from {short(start)} to {short(end)}, expected two whole numbers of "
            f"{unit}, 0 or more, the second {order} the first"
        )
    if not isinstance(label, str) or not is_type(label.strip()):
        raise BeaconvizError(
            f"{entry.name} has the label {short(label)}, expected a type such as PER"
        )
    text = entry.value.get("text") if isinstance(entry.value, dict) else None
    text = text if isinstance(text, str) else None
    return LabelledSpan(start, end + last, label.strip(), entry.name, text)


def _edges(entry: Any, field: str) -> tuple[Any, Any, Any]:
    """Start, end and label of a span, whatever they are called."""
    if isinstance(entry, list) and len(entry) == 3:
        # Rubrix and Argilla 1 put the label first.
        label, start, end = entry if isinstance(entry[0], str) else (entry[2], *entry[:2])
        return start, end, label
    if not isinstance(entry, dict):
        raise BeaconvizError(f'{field} is {short(entry)}, expected "start", "end" and "label"')
    if type(entry.get("offset")) is type(entry.get("length")) is int:  # Azure
        entry = {**entry, "end": entry["offset"] + entry["length"]}
    values = {}
    for what, names in _EDGES.items():
        name = next((name for name in names if name in entry), None)
        if name is None:
            raise BeaconvizError(
                f"{field} has no {what} (found the fields {', '.join(map(repr, entry))[:200]}); "
                f'expected "start", "end" and "label": rename the field that is the {what}'
            )
        values[what] = entry[name]
    return values["start"], values["end"], _one_label(values["label"], field)


def _one_label(label: Any, field: str) -> Any:
    """Label Studio gives a list of labels."""
    if not isinstance(label, list):
        return label
    if len(label) != 1:
        raise BeaconvizError(
            f"{field} has {len(label)} labels ({short(label)}), expected one: keep one"
        )
    return label[0]


def _check_edges(text: str, span: LabelledSpan, words: tuple[Word, ...]) -> None:
    """A span is whole words, but for punctuation that is glued to them."""
    if span.end > len(text):
        raise BeaconvizError(
            f"{span.field} ends at character {span.end}; the text has {len(text):,}"
        )
    covered = text[span.start : span.end]
    if span.text is not None and _without_space(span.text) != _without_space(covered):
        raise BeaconvizError(
            f"{span.field} covers {covered[:60]!r}, and says that its text is {span.text[:60]!r}; "
            "expected the same: count characters (code points) from 0, and see whether the end is "
            "the last character or the one after"
        )
    if not words:
        raise BeaconvizError(f"{span.field} covers white space only, expected some words")
    before, after = text[words[0].start : span.start], text[span.end : words[-1].end]
    if not (_BEFORE.fullmatch(before) and _AFTER.fullmatch(after)):
        found = " ".join(word.text for word in words)
        raise BeaconvizError(
            f"{span.field} covers {covered[:60]!r}, which cuts the words "
            f"{found[:60]!r}; expected it to begin and end with a word: let it go from "
            f"{words[0].start} to {words[-1].end}"
        )


def _without_space(text: str) -> str:
    return "".join(text.replace(_LINE_END, " ").split())
