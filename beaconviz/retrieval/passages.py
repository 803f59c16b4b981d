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
    """The characters `document.full[start:end]` of a document, by its number."""

    document: int
    start: int
    end: int


def cut(model: Model, documents: Sequence[Document]) -> list[Passage]:
    """Every document's passages, in order; a passage ends where a sentence does, if one can.

    Raises:
        BeaconvizError: a word that is more than the model takes.
    """
    found = []
    for number, one in enumerate(documents):
        words = find_words(one.full)
        try:
            parts = windows(model, one.full, words)
        except BeaconvizError as error:
            raise BeaconvizError(f"document {one.id!r}: {error}") from None
        for part in parts:
            found.append(Passage(number, words[part.start].start, words[part.stop - 1].end))
    return found
