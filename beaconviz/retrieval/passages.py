"""Documents cut into what a model takes at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from beaconviz.analysis.explain.windows import windows
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import find_words
from beaconviz.models.model import Model
from beaconviz.retrieval.documents import Document


class Passage(NamedTuple):
    """The characters `document.full[start:end]` of a document, by its number.

    words: how many the model reads in them.
    """

    document: int
    start: int
    end: int
    words: int


def cut(model: Model, documents: Sequence[Document]) -> list[Passage]:
    """Every document's passages, in order; a passage ends where a sentence does, if one can.

    Raises:
        BeaconvizError: a word that is more than the model takes.
    """
    found = []
    for number, document in enumerate(documents):
        words = find_words(document.full)
        start, end = words[0].start, words[-1].end
        try:
            parts = windows(model, document.full[start:end])
        except BeaconvizError as error:
            raise BeaconvizError(f"document {document.id!r}: {error}") from None
        for part in parts:
            begin = start + part.start
            count = len(part.tokens.words)
            found.append(Passage(number, begin, begin + len(part.tokens.text), count))
    return found
