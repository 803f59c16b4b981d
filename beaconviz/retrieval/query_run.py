"""A query run through a model, with and without an edit of its attention."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from beaconviz.analysis.explain.weights import word_weights
from beaconviz.core.design import Design
from beaconviz.models.model import Model
from beaconviz.retrieval.encoding import Vectors, check_model, vectors
from beaconviz.retrieval.lexical import Lexical
from beaconviz.runs.execute import run
from beaconviz.runs.run import Run


@dataclass(frozen=True, eq=False)
class QueryRun:
    """A query's run; `baseline` is its run without the edit, which is `run` if there is no edit."""

    run: Run
    baseline: Run

    @cached_property
    def vectors(self) -> Vectors:
        """The query's vectors, which passages are compared with."""
        return vectors(self.run)

    @property
    def edited(self) -> bool:
        return self.run is not self.baseline

    @cached_property
    def factors(self) -> list[float]:
        """The weight of each word in a search by words: the attention it receives, divided by what
        it receives without the edit. 1 for every word if there is no edit."""
        if not self.edited:
            return [1.0] * len(self.run.words)
        before, after = (word_weights(run) for run in (self.baseline, self.run))
        return [_ratio(*pair) for pair in zip(after.tolist(), before.tolist(), strict=True)]

    def terms(self, lexical: Lexical) -> dict[str, float]:
        """The weight of each term: the sum of the factors of the words that contain it."""
        weights: dict[str, float] = {}
        for word, factor in zip(self.run.words, self.factors, strict=True):
            for term in lexical.terms(word):
                weights[term] = weights.get(term, 0.0) + factor
        return weights

    def before(self) -> QueryRun:
        """The query run without its edit."""
        return QueryRun(self.baseline, self.baseline)


def run_query(
    model: Model, query: str, design: Design | None = None, *, baseline: Run | None = None
) -> QueryRun:
    """Runs a query with an edit, and without it.

    Args:
        design: an edit over the query's words.
        baseline: the query's run without a design, if there is one.

    Raises:
        BeaconvizError: a query or a design that does not fit, or a model that gives no vectors.
    """
    check_model(model)
    before = run(model, query) if baseline is None else baseline
    if design is None or design.is_neutral:
        return QueryRun(before, before)
    return QueryRun(run(model, before.aligned, design, baseline=before), before)


def _ratio(after: float, before: float) -> float:
    return after / before if before > 0 else 1.0
