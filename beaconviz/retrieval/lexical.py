"""Ranking by words: TF-IDF and BM25, with weights for the query's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Literal

import bm25s
import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from beaconviz.core.errors import BeaconvizError

ByWords = Literal["tfidf", "bm25"]


class Lexical:
    """The texts of a collection, counted. English stop words are left out (scikit-learn's list)."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def terms(self, text: str) -> list[str]:
        """A text as the terms that are counted: words of two characters and more, in lower case."""
        return self._analyze(text)

    def scores(self, method: ByWords, query: Mapping[str, float]) -> NDArray[np.float64]:
        """How well each text fits, Float["text"].

        "tfidf": the cosine of tf-idf vectors, with 1 + ln tf (scikit-learn), up to the query's
        length. "bm25": Robertson's sum over terms with k₁ = 1.5 and b = 0.75 (bm25s, in Lucene's
        form).

        Args:
            query: how often, or how much, each of its terms counts.

        Raises:
            BeaconvizError: no term.
        """
        if not query:
            raise BeaconvizError(
                "the query has stop words only, and these are not counted: add a word, or search by "
                "vectors (mean)"
            )
        return self._by_tfidf(query) if method == "tfidf" else self._by_bm25(query)

    def _by_tfidf(self, query: Mapping[str, float]) -> NDArray[np.float64]:
        vectorizer, matrix = self._tfidf
        asked = np.zeros(matrix.shape[1])
        for term, weight in query.items():
            place = vectorizer.vocabulary_.get(term)
            if place is not None:
                asked[place] = weight * vectorizer.idf_[place]
        return np.asarray(matrix @ asked)

    def _by_bm25(self, query: Mapping[str, float]) -> NDArray[np.float64]:
        total = np.zeros(len(self._texts))
        for term, weight in query.items():
            if term in self._bm25.vocab_dict:
                total += weight * self._bm25.get_scores([term])
        return total

    @cached_property
    def _vectorizer(self) -> TfidfVectorizer:
        return TfidfVectorizer(stop_words="english", sublinear_tf=True)

    @cached_property
    def _analyze(self) -> Callable[[str], list[str]]:
        analyze: Callable[[str], list[str]] = self._vectorizer.build_analyzer()
        return analyze

    @cached_property
    def _tfidf(self) -> tuple[TfidfVectorizer, Any]:
        return self._vectorizer, self._vectorizer.fit_transform(self._texts)

    @cached_property
    def _bm25(self) -> bm25s.BM25:
        made = bm25s.BM25(k1=1.5, b=0.75)
        made.index([self.terms(text) for text in self._texts], show_progress=False)
        return made
