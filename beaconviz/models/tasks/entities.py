"""Turn a label per word into entities in the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import regex
from seqeval.metrics.sequence_labeling import get_entities

from beaconviz.core.words import Word

# A full stop that belongs to the word: initials, "U.S.", and abbreviated titles and companies.
_ABBREVIATION = regex.compile(
    r"(\p{L}\.)+|(Inc|Corp|Ltd|Co|Bros|Jr|Sr|St|Mt|Dr|Mr|Mrs|Ms|Prof|Gen|Sen|Rep|Gov|Univ|Dept"
    r"|No|vs|Cos|Plc|Pty|Assn|Ave|Blvd)\.",
    regex.IGNORECASE,
)


@dataclass(frozen=True)
class Entity:
    """A name in the text: its characters `text[start:end]`, its type, and a probability."""

    text: str
    label: str
    start: int
    end: int
    score: float


def find_entities(
    text: str, words: Sequence[Word], tags: Sequence[str], scores: Sequence[float]
) -> list[Entity]:
    """The entities of BIO tags, one tag per word.

    Punctuation at the ends of an entity is cut off, except the full stop of an abbreviation such
    as "Inc."; its score is the mean of its words' scores.
    """
    entities = []
    for label, first, last in get_entities(list(tags)):
        start, end = trim(text, words[first].start, words[last].end)
        score = sum(scores[first : last + 1]) / (last - first + 1)
        entities.append(Entity(text[start:end], label, start, end, float(score)))
    return entities


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Trims punctuation from both ends of a span; a span of only punctuation stays as it is.

    >>> text = 'at "Apple Inc.", he'
    >>> text[slice(*trim(text, 3, 16))]
    'Apple Inc.'
    """
    first, last = start, end
    while first < last and _is_loose(text[first]):
        first += 1
    while first < last and _is_loose(text[last - 1]):
        word = regex.search(r"\S+$", text[first:last])[0]
        if text[last - 1] == "." and _ABBREVIATION.fullmatch(word.lstrip("\"'([{“‘«")):
            break
        if text[last - 1] == ")" and "(" in text[first:last]:
            break
        last -= 1
    return (first, last) if first < last else (start, end)


def _is_loose(character: str) -> bool:
    return bool(regex.match(r"[\p{P}--[@#&%/*]]", character, regex.VERSION1))
