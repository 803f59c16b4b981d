"""Search a collection, and see how an edit of the query moves its ranking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from beaconviz.analysis.explain.keywords import is_stop_word
from beaconviz.analysis.explain.weights import similarity
from beaconviz.core.design import Design
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Word
from beaconviz.models.tasks.entities import trim
from beaconviz.retrieval.asking import Asked, ask
from beaconviz.retrieval.encoding import pooled
from beaconviz.retrieval.index import Index
from beaconviz.runs.run import Run

Method = Literal["tfidf", "bm25", "mean", "received", "similarity"]
METHODS: tuple[Method, ...] = get_args(Method)
ABOUT: dict[Method, str] = {
    "tfidf": "words in common, rare ones more (TF-IDF)",
    "bm25": "words in common, rare ones more, long documents less (BM25)",
    "mean": "vectors: the mean of all tokens",
    "received": "vectors: tokens as much as they are attended to",
    "similarity": "vectors: words as much as they are like the query",
}
DEPTH = 100  # documents that "similarity" ranks anew
KEYS = 5  # key words of a hit
_MARKS = "\"'.,;:!?()[]{}/“”‘’…"


@dataclass(frozen=True)
class KeyWord:
    """A word of a hit's passage, and its share of the passage's likeness to the query."""

    word: str
    weight: float
    start: int
    end: int


@dataclass(frozen=True)
class Hit:
    """A document that was found.

    Attributes:
        rank: from 1. before: its rank without the edit; None where nothing was edited.
        passage: the part of the document that fits best; `key` are places in it.
    """

    id: str
    score: float
    title: str
    rank: int
    before: int | None
    passage: str
    key: tuple[KeyWord, ...]


@dataclass(frozen=True, eq=False)
class Ranking:
    """All documents that a method ranks, best first.

    order: Int["document"], their numbers. scores: Float["document"], in that order; never rising.
    best: Int["document"], by the number of a document, its best passage.
    """

    order: NDArray[np.int64]
    scores: NDArray[np.float64]
    best: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Results:
    """What a search found. remarks: what a reader should know, a sentence each."""

    query: str
    method: Method
    hits: tuple[Hit, ...]
    remarks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as `beaconviz retrieve --json` prints it."""
        return {
            "query": self.query,
            "method": self.method,
            "results": [asdict(hit) for hit in self.hits],
            "remarks": list(self.remarks),
        }


def search(
    index: Index,
    query: str,
    method: Method = "mean",
    *,
    design: Design | None = None,
    top: int = 10,
    untouched: Run | None = None,
) -> Results:
    """The documents that fit a query best.

    Args:
        method: one of METHODS. A document is as good as its best passage.
        design: an edit over the query's words: vectors are those of the edited query; in a search
            by words a word counts as much more as it is attended to more.
        top: how many to give.
        untouched: the query's run without a design, if there is one.

    Raises:
        BeaconvizError: no such method, or a query or a design that does not fit.
    """
    return found(index, ask(index.model, query, design, untouched=untouched), method, top=top)


def found(index: Index, asked: Asked, method: Method = "mean", *, top: int = 10) -> Results:
    """`search`, of a query that was run."""
    if top < 1:
        raise BeaconvizError(f"the number of results is {top}; expected 1 or more")
    ranking = rank(index, asked, method)
    before = rank(index, asked.before(), method) if asked.edited else None
    places = {} if before is None else {int(one): n for n, one in enumerate(before.order, 1)}
    vector = asked.vectors.mean
    hits = tuple(
        _hit(index, ranking, place, places.get(int(number)), vector)
        for place, number in enumerate(ranking.order[:top])
    )
    return Results(asked.run.source, method, hits, index.collection.remarks)


def rank(index: Index, asked: Asked, method: Method) -> Ranking:
    """The documents by a method, best first; of equals the first in the collection.

    Raises:
        BeaconvizError: no such method, or a query that it cannot use.
    """
    if method not in METHODS:
        raise BeaconvizError(f"the method is {method!r}; expected one of {', '.join(METHODS)}")
    if method == "tfidf" or method == "bm25":
        scores = index.lexical.scores(method, asked.terms(index.lexical))
        scores = np.where(scores > 0, scores, -np.inf)
        return _ranking(scores, _fitting(index, asked))
    if method == "received":
        return _ranking(*_by_document(index, index.cosines("received", asked.vectors.received)))
    scores, best = _by_document(index, index.cosines("mean", asked.vectors.mean))
    ranking = _ranking(scores, best)
    return ranking if method != "similarity" else _anew(index, ranking, asked.vectors.mean)


def _by_document(
    index: Index, scores: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Each document's best score, and which passage has it."""
    tops = np.maximum.reduceat(scores, index.firsts)
    best = index.firsts.copy()
    counts = np.diff(np.append(index.firsts, len(scores)))
    for number in np.flatnonzero(counts > 1):
        first = index.firsts[number]
        best[number] = first + int(scores[first : first + counts[number]].argmax())
    return tops.astype(np.float64), best


def _fitting(index: Index, asked: Asked) -> NDArray[np.int64]:
    """Which passage of each document a search by words shows: the one that fits the query's
    vector."""
    return _by_document(index, index.cosines("mean", asked.vectors.mean))[1]


def _ranking(scores: NDArray[np.float64], best: NDArray[np.int64]) -> Ranking:
    order = np.argsort(-scores, kind="stable")
    order = order[np.isfinite(scores[order])]  # a document without any of the words is not found
    return Ranking(order, scores[order], best)


def _anew(index: Index, ranking: Ranking, query: Tensor) -> Ranking:
    """The first of a ranking anew, by passages whose words count as much as they are like the
    query: α = softmax(cos(vᵢ, q) / 0.05), the cosine of Σᵢ αᵢ vᵢ and q. The others follow as they
    were."""
    first, rest = ranking.order[:DEPTH], ranking.order[DEPTH:]
    scores = _pooled_scores(index, ranking.best[first], query)
    again = np.argsort(-scores, kind="stable")
    lowest = scores.min() - 2  # cosines of another kind: kept below, in their order
    after = lowest + (ranking.scores[DEPTH:] - 1) / 2
    return Ranking(
        np.concatenate([first[again], rest]), np.concatenate([scores[again], after]), ranking.best
    )


def _pooled_scores(index: Index, passages: NDArray[np.int64], query: Tensor) -> NDArray[np.float64]:
    """The cosine of each passage's Σᵢ αᵢ vᵢ with the query, Float["passage"]."""
    words = (index.vectors_of(number) for number in passages.tolist())
    return np.array([float(pooled(one, similarity(one, query)) @ query) for one in words])


def _hit(index: Index, ranking: Ranking, place: int, before: int | None, query: Tensor) -> Hit:
    number = int(ranking.order[place])
    document, passage = index.collection.documents[number], int(ranking.best[number])
    return Hit(
        id=document.id,
        score=float(ranking.scores[place]),
        title=document.title,
        rank=place + 1,
        before=before,
        passage=index.text(passage),
        key=_key(index, passage, query),
    )


def _key(index: Index, passage: int, query: Tensor) -> tuple[KeyWord, ...]:
    """The words of a passage that are most like the query, each once, in the order of the text;
    stop words and what has no letter left out."""
    text = index.text(passage)
    words = index.words_of(passage)
    weights = similarity(index.vectors_of(passage), query).tolist()
    chosen: dict[str, int] = {}
    for n in sorted(range(len(words)), key=lambda n: -weights[n]):
        plain = words[n].text.strip(_MARKS).lower()
        if any(c.isalpha() for c in plain) and not is_stop_word(plain):
            chosen.setdefault(plain, n)
        if len(chosen) == KEYS:
            break
    return tuple(_placed(text, words[n], weights[n]) for n in sorted(chosen.values()))


def _placed(text: str, word: Word, weight: float) -> KeyWord:
    start, end = trim(text, word.start, word.end)
    return KeyWord(text[start:end], weight, start, end)


def methods_of(names: Sequence[str]) -> tuple[Method, ...]:
    """Methods by their names; "all" is every one.

    Raises:
        BeaconvizError: a name that is none.
    """
    if "all" in names:
        return METHODS
    for name in names:
        if name not in METHODS:
            raise BeaconvizError(
                f"the method is {name!r}; expected all or one of {', '.join(METHODS)}"
            )
    return tuple(method for method in METHODS if method in names)
