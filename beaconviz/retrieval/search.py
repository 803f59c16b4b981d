"""Search a collection, and see how an edit of the query changes the ranking."""

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
from beaconviz.retrieval.encoding import pooled
from beaconviz.retrieval.index import Index
from beaconviz.retrieval.query_run import QueryRun, run_query
from beaconviz.runs.run import Run

Method = Literal["tfidf", "bm25", "mean", "received", "similarity"]
METHODS: tuple[Method, ...] = get_args(Method)
ABOUT: dict[Method, str] = {
    "tfidf": "words in common, rare ones more (TF-IDF)",
    "bm25": "words in common, rare ones more, long documents less (BM25)",
    "mean": "vectors: the mean of all tokens",
    "received": "vectors: tokens weighted by the attention that they receive",
    "similarity": "vectors: words weighted by their similarity to the query",
}
DEPTH = 100  # documents that "similarity" reranks
KEYS = 5  # key words of each hit
_MARKS = "\"'.,;:!?()[]{}/“”‘’…"


@dataclass(frozen=True)
class KeyWord:
    """A word of a hit's passage, its weight from 0 to 1 (all words' weights sum to 1), and its
    characters `passage[start:end]`."""

    word: str
    weight: float
    start: int
    end: int


@dataclass(frozen=True)
class Hit:
    """A document that was found.

    Attributes:
        rank: from 1.
        before: its rank without the edit; None if there is no edit.
        passage: the part of the document that fits the query best.
        key: the key words of the passage.
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

    Attributes:
        order: Int["ranked"], the numbers of the documents.
        scores: Float["ranked"], in that order, descending.
        best: Int["document"], the number of the best passage of each document of the collection.
    """

    order: NDArray[np.int64]
    scores: NDArray[np.float64]
    best: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Results:
    """The result of a search. remarks: sentences that a reader should know."""

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
    baseline: Run | None = None,
) -> Results:
    """The documents that fit a query best.

    Args:
        method: one of METHODS. A document has the score of its best passage.
        design: an edit over the query's words. It changes the query's vectors; in a search by words
            it multiplies the weight of each word by the change in the attention it receives.
        top: how many documents to return.
        baseline: the query's run without a design, if there is one.

    Raises:
        BeaconvizError: no such method, or a query or a design that does not fit.
    """
    return results_of(
        index, run_query(index.model, query, design, baseline=baseline), method, top=top
    )


def results_of(
    index: Index, query_run: QueryRun, method: Method = "mean", *, top: int = 10
) -> Results:
    """`search` for a query that has been run already."""
    if top < 1:
        raise BeaconvizError(f"the number of results is {top}; expected 1 or more")
    ranking = rank(index, query_run, method)
    before = rank(index, query_run.before(), method) if query_run.edited else None
    places = {} if before is None else {int(number): n for n, number in enumerate(before.order, 1)}
    vector = query_run.vectors.mean
    hits = tuple(
        _hit(index, ranking, place, places.get(int(document)), vector)
        for place, document in enumerate(ranking.order[:top])
    )
    return Results(query_run.run.source, method, hits, index.collection.remarks)


def rank(index: Index, query_run: QueryRun, method: Method) -> Ranking:
    """Rank the documents by a method; equal scores keep the order of the collection.

    Raises:
        BeaconvizError: no such method, or a query that it cannot use.
    """
    if method not in METHODS:
        raise BeaconvizError(f"the method is {method!r}; expected one of {', '.join(METHODS)}")
    if method == "tfidf" or method == "bm25":
        scores = index.lexical.scores(method, query_run.terms(index.lexical))
        scores = np.where(scores > 0, scores, -np.inf)
        return _ranking(scores, _fitting(index, query_run))
    if method == "received":
        return _ranking(*_by_document(index, index.cosines("received", query_run.vectors.received)))
    scores, best = _by_document(index, index.cosines("mean", query_run.vectors.mean))
    ranking = _ranking(scores, best)
    return ranking if method != "similarity" else _reranked(index, ranking, query_run.vectors.mean)


def _by_document(
    index: Index, scores: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The best score of each document's passages, and the number of the passage that has it."""
    best_scores = np.maximum.reduceat(scores, index.firsts)
    best = index.firsts.copy()
    counts = np.diff(np.append(index.firsts, len(scores)))
    for number in np.flatnonzero(counts > 1):
        first = index.firsts[number]
        best[number] = first + int(scores[first : first + counts[number]].argmax())
    return best_scores.astype(np.float64), best


def _fitting(index: Index, query_run: QueryRun) -> NDArray[np.int64]:
    """The passage of each document that a search by words shows: the nearest to the query's
    vector."""
    return _by_document(index, index.cosines("mean", query_run.vectors.mean))[1]


def _ranking(scores: NDArray[np.float64], best: NDArray[np.int64]) -> Ranking:
    order = np.argsort(-scores, kind="stable")
    order = order[np.isfinite(scores[order])]  # documents with none of the words are left out
    return Ranking(order, scores[order], best)


def _reranked(index: Index, ranking: Ranking, query: Tensor) -> Ranking:
    """Rerank the first `DEPTH` documents by the cosine of Σᵢ αᵢ vᵢ and q.

    vᵢ are the word vectors of a document's best passage, q is the query's vector, and
    α = softmax(cos(vᵢ, q) / 0.05). The other documents follow in their order.
    """
    first, others = ranking.order[:DEPTH], ranking.order[DEPTH:]
    scores = _pooled_scores(index, ranking.best[first], query)
    new_order = np.argsort(-scores, kind="stable")
    lowest = scores.min() - 2  # the others' scores are not comparable: they are moved below
    other_scores = lowest + (ranking.scores[DEPTH:] - 1) / 2
    return Ranking(
        np.concatenate([first[new_order], others]),
        np.concatenate([scores[new_order], other_scores]),
        ranking.best,
    )


def _pooled_scores(index: Index, passages: NDArray[np.int64], query: Tensor) -> NDArray[np.float64]:
    """The cosine of each passage's Σᵢ αᵢ vᵢ with the query, Float["passage"]."""
    words = (index.vectors_of(number) for number in passages.tolist())
    return np.array(
        [float(pooled(vectors, similarity(vectors, query)) @ query) for vectors in words]
    )


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
    """The words of a passage that are most similar to the query, each once, in the order of the
    text, without stop words and words that have no letter."""
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
    """Methods by their names, in the order of METHODS; "all" stands for all of them.

    Raises:
        BeaconvizError: an unknown name.
    """
    if "all" in names:
        return METHODS
    for name in names:
        if name not in METHODS:
            raise BeaconvizError(
                f"the method is {name!r}; expected all or one of {', '.join(METHODS)}"
            )
    return tuple(method for method in METHODS if method in names)
