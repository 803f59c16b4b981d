"""Learn a design for one sentence: "make Apple ORG, and leave the rest as it is"."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from beaconviz.core.design import Design
from beaconviz.core.edit import MATRICES, Heads
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.interventions import INTERVENTIONS, Reading
from beaconviz.models.model import Model
from beaconviz.optimize.descent import Search
from beaconviz.optimize.objective import Objective, SearchStep, Target
from beaconviz.optimize.prune import pruned
from beaconviz.optimize.relaxed import Layers, select_heads
from beaconviz.runs.execute import Text, run
from beaconviz.runs.run import Run

STEPS = 120
SPARSITY = 0.3


def learn(
    model: Model,
    text: Text,
    objective: Objective,
    *,
    matrices: Sequence[str] = ("beacon",),
    reading: Reading = "product",
    layers: Layers = "all",
    heads: Heads | Literal["learned"] = "all",
    steps: int = STEPS,
    sparsity: float = SPARSITY,
    seed: int = 0,
    baseline: Run | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[SearchStep]:
    """Steps towards a design that meets the objective; the last one is the result.

    >>> *_, last = learn(model, text, Objective({"Apple": "LOC"}))    # doctest: +SKIP
    >>> last.verdict.met, last.design                            # doctest: +SKIP

    The same arguments give the same steps. The last design has the fewest cells and round numbers.
    Its verdict comes from an ordinary run, and may be that the objective was not met.

    Args:
        matrices: the matrices to learn, "beacon", "marker" or both.
        heads: "learned" starts with all heads of `layers` and keeps those with large gradients.
        sparsity: from 0 to 1; a cell stays if its gradient is at least this share of the largest.
        baseline: the text's run without a design, if there is one.
        stopped: called before each step; once it returns true, the best design so far is pruned.

    Raises:
        BeaconvizError: a text, word, label, matrix, layer or head that does not fit; at once.
    """
    baseline = run(model, text) if baseline is None else baseline
    target = objective.target(baseline)
    _check(matrices, reading, steps, sparsity)
    chosen = select_heads(model, baseline, layers, "all" if heads == "learned" else heads)
    search = Search(
        model,
        target,
        chosen,
        matrices=[name for name in MATRICES if name in matrices],
        reading=reading,
        gate_steps=max(1, steps // 2) if heads == "learned" else 0,
        sparsity=sparsity,
        seed=seed,
    )
    return _steps(model, target, search, steps, stopped)


def _steps(
    model: Model, target: Target, search: Search, steps: int, stopped: Callable[[], bool]
) -> Iterator[SearchStep]:
    best = SearchStep(0, target.verdict(target.baseline), Design.neutral(target.baseline.words))
    if best.verdict.met:
        yield replace(best, phase="done")
        return
    number = 0
    for number in range(steps):
        if stopped():
            break
        if number == steps // 2 and search.choose_heads():
            best = search.step(number)  # earlier steps had heads with half an edit
        current = search.step(number)
        best = current if _rank(current) >= _rank(best) else best
        yield current
    found_design = search.design() if search.choose_heads() else best.design
    for design, verdict in pruned(model, target, found_design):
        number += 1
        yield SearchStep(number, verdict, design, "prune")
    verdict = target.verdict(run(model, target.baseline.aligned, design))
    yield SearchStep(number + 1, verdict, design, "done")


def _rank(step: SearchStep) -> tuple[bool, float]:
    """A key to order steps by: those that meet the objective are equal, so that the latest, which
    is the sparsest, is taken; before that, the lower loss is better."""
    return step.verdict.met, 0.0 if step.verdict.met else -step.verdict.loss


def _check(matrices: Sequence[str], reading: Reading, steps: int, sparsity: float) -> None:
    if isinstance(matrices, str) or not matrices or not set(matrices) <= set(MATRICES):
        raise BeaconvizError(f"matrices is {matrices!r}; expected some of {MATRICES}, as a list")
    if INTERVENTIONS[reading].values is not None and "marker" in matrices:
        raise BeaconvizError(
            "M in the mask reading has only 0 and 1, so it has no gradient; "
            'learn the "beacon", or use the reading product or gate'
        )
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise BeaconvizError(f"steps is {steps!r}; expected a number of at least 1")
    if not 0 <= sparsity < 1:
        raise BeaconvizError(f"sparsity is {sparsity!r}; expected a number from 0 to below 1")
