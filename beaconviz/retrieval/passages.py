"""Documents cut into passages that fit into a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from beaconviz.analysis.explain.windows import windows
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import find_words
from beaconviz.models.model import Model
from beaconviz.retrieval.documents import Document


class Passage(NamedTuple):
    """A part of a document, the characters `document.full[start:end]`.

    Attributes:
        document: the document's number in its collection.
        words: how many words the model reads in the passage.
    """

    document: int
    start: int
    end: int
    words: int


def cut(model: Model, documents: Sequence[Document]) -> list[Passage]:
    """The passages of all documents, in order; a passage ends at the end of a sentence if possible.

    Raises:
        BeaconvizError: a word that has more tokens than the model reads.
    """
    passages = []
    for number, document in enumerate(documents):
        words = find_words(document.full)
        start, end = words[0].start, words[-1].end
        try:
            text_windows = windows(model, document.full[start:end])
        except BeaconvizError as error:
            raise BeaconvizError(f"document {document.id!r}: {error}") from None
        for window in text_windows:
            begin = start + window.start
            count = len(window.tokens.words)
            passages.append(Passage(number, begin, begin + len(window.tokens.text), count))
    return passages
