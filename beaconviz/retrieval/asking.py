"""A query as a model reads it, untouched and with an edit of its attention."""

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
class Asked:
    """A query that was run; `untouched` is the same query without its edit, or itself."""

    run: Run
    untouched: Run

    @cached_property
    def vectors(self) -> Vectors:
        """Its vectors, by which passages are found."""
        return vectors(self.run)

    @property
    def edited(self) -> bool:
        return self.run is not self.untouched

    @cached_property
    def factors(self) -> list[float]:
        """How much each word counts in a search by words: the attention it receives, over what it
        receives without the edit. 1 for every word where nothing was edited."""
        if not self.edited:
            return [1.0] * len(self.run.words)
        before, after = (word_weights(one) for one in (self.untouched, self.run))
        return [_over(*pair) for pair in zip(after.tolist(), before.tolist(), strict=True)]

    def terms(self, lexical: Lexical) -> dict[str, float]:
        """How much each of its terms counts: how often it comes, each time by its word's factor."""
        counted: dict[str, float] = {}
        for word, factor in zip(self.run.words, self.factors, strict=True):
            for term in lexical.terms(word):
                counted[term] = counted.get(term, 0.0) + factor
        return counted

    def before(self) -> Asked:
        """The query without its edit."""
        return Asked(self.untouched, self.untouched)


def ask(
    model: Model, query: str, design: Design | None = None, *, untouched: Run | None = None
) -> Asked:
    """Runs a query, and without its edit.

    Args:
        design: an edit over the query's words.
        untouched: the query's run without a design, if there is one.

    Raises:
        BeaconvizError: a query, or a design, that does not fit; or a model that gives no vectors.
    """
    check_model(model)
    before = run(model, query) if untouched is None else untouched
    if design is None or design.is_neutral:
        return Asked(before, before)
    return Asked(run(model, before.aligned, design, baseline=before), before)


def _over(after: float, before: float) -> float:
    return after / before if before > 0 else 1.0
