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
    """TF-IDF and BM25 over texts. English stop words are left out (scikit-learn's list)."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def terms(self, text: str) -> list[str]:
        """The terms of a text: words of two or more characters, in lower case, no stop words."""
        return self._analyze(text)

    def scores(self, method: ByWords, query: Mapping[str, float]) -> NDArray[np.float64]:
        """The score of each text, Float["text"].

        "tfidf": the cosine of tf-idf vectors with 1 + ln tf (scikit-learn), times the length of the
        query's vector. "bm25": Robertson's sum over terms with k₁ = 1.5 and b = 0.75 (bm25s, in
        Lucene's form).

        Args:
            query: term → weight, its number of occurrences in the query without an edit.

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
        query_vector = np.zeros(matrix.shape[1])
        for term, weight in query.items():
            column = vectorizer.vocabulary_.get(term)
            if column is not None:
                query_vector[column] = weight * vectorizer.idf_[column]
        return np.asarray(matrix @ query_vector)

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
        bm25 = bm25s.BM25(k1=1.5, b=0.75)
        bm25.index([self.terms(text) for text in self._texts], show_progress=False)
        return bm25
