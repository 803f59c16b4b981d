"""Treebanks in CoNLL-U (universaldependencies.org/format.html) whose last column has NER=B-PER.

A multiword token ("1-2 zum") replaces its words; empty nodes ("1.1") are not words of the text.
"""

from collections.abc import Iterable, Iterator
from io import StringIO

import regex

from beaconviz.core.errors import BeaconvizError

COLUMNS = range(10, 11)
_FORM, _MISC = 1, 9
_WORD, _RANGE = regex.compile(r"\d+"), regex.compile(r"(\d+)-(\d+)")
_NODE = regex.compile(r"\d+([-.]\d+)?")
_NER = regex.compile(r"(?:^|\|)(?:NER|NE|Entity|EntityType)=([^|]*)", regex.IGNORECASE)
_TAG = regex.compile(r"O|[BIELSUM]-\S+")


def is_treebank(text: str) -> bool:
    """Whether the first line that is not a comment has the ten columns of a treebank."""
    for line in StringIO(text):
        if line.strip() and not line.startswith("#"):
            columns = line.rstrip("\n").split("\t")
            return len(columns) == COLUMNS[0] and _NODE.fullmatch(columns[0]) is not None
    return False


def leaves_out_o(text: str) -> bool:
    """Whether a treebank tags only entities, so that a word without a tag is outside."""
    tags = {
        tag
        for line in StringIO(text)
        if len(columns := line.rstrip("\n").split("\t")) == COLUMNS[0]
        and (tag := _tag(columns[_MISC]))
    }
    return bool(tags) and "O" not in tags


def tagged(
    rows: Iterable[tuple[int, list[str]]], name: str, *, names_alone: bool = False
) -> Iterator[tuple[int, str, str]]:
    """Line, word and tag of each token of a sentence.

    Args:
        names_alone: the result of `leaves_out_o` for the file.

    Raises:
        BeaconvizError: a sentence in which no word has a tag, or an invalid id.
    """
    rows = list(rows)
    tags = {columns[0]: tag for _, columns in rows if (tag := _tag(columns[_MISC]))}
    if not tags and not names_alone:
        raise BeaconvizError(
            f"{name}, line {rows[0][0]}: a sentence of a treebank without tags of names; expected "
            "NER=B-PER or NER=O in the last column of its words"
        )
    inside = 0  # the last word of the present multiword token
    for line, columns in rows:
        place, form = columns[0], columns[_FORM]
        if match := _RANGE.fullmatch(place):
            first, inside = int(match[1]), int(match[2])
            parts = [tags.get(str(number), "O") for number in range(first, inside + 1)]
            tag = tags.get(place) or next((part for part in parts if part != "O"), "O")
            yield line, form, tag
        elif _WORD.fullmatch(place):
            if int(place) > inside:
                yield line, form, tags.get(place, "O")
        elif not _NODE.fullmatch(place):
            raise BeaconvizError(
                f"{name}, line {line}: found the id {place[:20]!r}, expected a number, a range "
                "such as 1-2, or an empty node such as 1.1"
            )


def _tag(misc: str) -> str | None:
    if match := _NER.search(misc):
        return match[1] or None
    return misc if _TAG.fullmatch(misc) else None
