"""A small beacon that flips one label: cells added one by one, or by `learn`, then reduced."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace

import torch
from torch import Tensor

from beaconviz.core.design import Design
from beaconviz.core.edit import Cell, Heads
from beaconviz.core.interventions import Reading
from beaconviz.models.model import Model
from beaconviz.optimize.descent import on_heads
from beaconviz.optimize.learn import STEPS, learn
from beaconviz.optimize.objective import Objective, SearchStep, Target, Verdict, verdicts_of
from beaconviz.optimize.prune import BATCH, cell_count, fewer_cells
from beaconviz.optimize.relaxed import Layers, RelaxedRun, select_heads
from beaconviz.runs.execute import Text, run
from beaconviz.runs.run import Run

SIZES = (2.0, 4.0, 8.0)  # of a cell, in logits; larger ones saturate the softmax
MOST = 8  # cells that are added one by one
MOST_STEPS = MOST * len(SIZES) + STEPS
SPARSITY = 0.6  # of what `learn` looks for; with its own 0.3 the results had 1.4 times the cells
DIGITS = 1  # values are in tenths of a unit of S

SearchSteps = Generator[SearchStep, None, Design | None]  # yields steps, returns the design


def smallest_flip(
    model: Model,
    text: Text,
    word: int | str,
    label: str,
    *,
    reading: Reading = "product",
    layers: Layers = "all",
    heads: Heads = "all",
    baseline: Run | None = None,
) -> Design | None:
    """A small beacon that gives `word` this label, whatever else it changes; None if none is found.

    Two searches start it: cells are added one by one where the gradient is steepest, up to eight;
    and unless one cell is enough, `learn` is run. What each finds is reduced, and the design with
    fewer cells is returned.

    Guaranteed, by ordinary runs of the model: the design gives the label; it does not without any
    one of its cells, nor with all of them scaled down by a step of 1/144. Not guaranteed: that no
    other design has fewer cells, or that there is none where None is returned, since sets of cells
    are not all tried. How often each search succeeds: docs/experiments.md. Arguments and errors
    as in `learn`.
    """
    *_, last = flipping(
        model,
        text,
        Objective({word: label}),
        reading=reading,
        layers=layers,
        heads=heads,
        baseline=baseline,
    )
    return last.design if last.verdict.labels_reached else None


def flipping(
    model: Model,
    text: Text,
    objective: Objective,
    *,
    reading: Reading = "product",
    layers: Layers = "all",
    heads: Heads = "all",
    baseline: Run | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[SearchStep]:
    """The steps of `smallest_flip`; the last one is the result.

    Args:
        stopped: called before each step of `learn`; once it returns true, the search ends and the
            best designs so far are reduced.
    """
    baseline = run(model, text) if baseline is None else baseline
    target = objective.target(baseline)
    chosen = select_heads(model, baseline, layers, heads)
    neutral = on_heads(Design.neutral(baseline.words, reading=reading), chosen, model)
    relaxed = RelaxedRun(model, baseline, reading, chosen)

    def learn_steps() -> Iterator[SearchStep]:
        return learn(
            model,
            text,
            objective,
            reading=reading,
            layers=layers,
            heads=heads,
            sparsity=SPARSITY,
            baseline=baseline,
            stopped=stopped,
        )

    return _numbered(_steps(model, target, relaxed, neutral, learn_steps))


def _numbered(steps: Iterator[SearchStep]) -> Iterator[SearchStep]:
    return (replace(step, number=number) for number, step in enumerate(steps))


def _steps(
    model: Model,
    target: Target,
    relaxed: RelaxedRun,
    design: Design,
    learn_steps: Callable[[], Iterator[SearchStep]],
) -> Iterator[SearchStep]:
    greedy_design = yield from greedy(model, target, relaxed, design)
    candidates = [greedy_design] if reached(model, target, greedy_design) else []
    if not candidates or cell_count(greedy_design) > 1:
        learned_design = yield from last_reached(learn_steps())
        candidates += [] if learned_design is None else [learned_design]
    smallest = min(
        (
            reduced(model, target, candidate)
            for candidate in candidates
            if reached(model, target, candidate)
        ),
        key=lambda candidate: _size(model, target, candidate),
        default=greedy_design,
    )
    verdict = target.verdict(run(model, target.baseline.aligned, smallest))
    yield SearchStep(0, verdict, smallest, "done")


def reached(model: Model, target: Target, design: Design) -> bool:
    """Whether the words of the objective get their labels, whatever else changes."""
    (verdict,) = verdicts_of(model, target, [design])
    return verdict.labels_reached


def greedy(
    model: Model, target: Target, relaxed: RelaxedRun, design: Design
) -> Generator[SearchStep, None, Design]:
    """Cells of A added one by one, each the best of those where the gradient is steepest."""
    verdict = target.verdict(target.baseline)
    while not verdict.labels_reached and len(design.edits[0].beacon) < MOST:
        gradients = _gradient(target, relaxed, design)
        candidates = [(design, verdict)]
        for size in SIZES:
            grown = _grown(design, gradients, size * model.head_size**0.5)
            candidates += zip(grown, verdicts_of(model, target, grown), strict=True)
            best = max(candidates, key=lambda pair: (pair[1].labels_reached, pair[1].probability))
            yield SearchStep(0, best[1], best[0])
            if best[1].labels_reached:  # larger cells are not needed
                break
        if best[0] is design:
            break
        design, verdict = best
    return design


def last_reached(steps: Iterator[SearchStep]) -> SearchSteps:
    """Yields the steps of `learn`; returns the last design that reached its labels, or None.

    Where the final, pruned design of `learn` reached them, it is that design.
    """
    design: Design | None = None
    for step in steps:
        if step.verdict.labels_reached:
            design = step.design
        if not step.done:
            yield step
    return design


def reduced(model: Model, target: Target, design: Design) -> Design:
    """The design without unnecessary cells, and with values as small as the label allows."""
    while True:
        small = _shrunk(model, target, _needed(model, target, design))
        design = _needed(model, target, small)
        if design == small:
            return small


def _needed(model: Model, target: Target, design: Design) -> Design:
    """The design with only the cells that the label needs: none of them can be left out."""

    def has_label(verdict: Verdict) -> bool:
        return verdict.labels_reached

    smaller = [design, *(fewer for fewer, _ in fewer_cells(model, target, design, has_label))]
    return smaller[-1]


def _size(model: Model, target: Target, design: Design) -> tuple[int, int, float]:
    """A key to order flips by: cells, then other words that change, then the sum of |A|."""
    (verdict,) = verdicts_of(model, target, [design])
    total = sum(abs(value) for _, _, value in design.edits[0].beacon)
    return cell_count(design), len(verdict.changed), total


def _gradient(target: Target, relaxed: RelaxedRun, design: Design) -> Tensor:
    """The gradient of the log probability of the target labels with respect to A at the design.

    Float[Tensor, "word word"], in nats per unit of S.
    """
    beacon = design.matrix("beacon").requires_grad_()
    (gradients,) = torch.autograd.grad(target.label_loss(relaxed.logits(beacon)), beacon)
    return -gradients


def _grown(design: Design, gradients: Tensor, size: float) -> list[Design]:
    """The designs with one more cell: the neutral cells with the largest gradients."""
    edited = design.matrix("beacon") != 0
    pull = gradients.abs().masked_fill(edited, 0).flatten()
    steepest = pull.topk(min(BATCH, len(pull))).indices.tolist()
    cells = [divmod(place, len(design.words)) for place in steepest]
    return [
        design.with_cells(beacon=[(*cell, round(math.copysign(size, gradients[cell]), DIGITS))])
        for cell in cells
    ]


def _shrunk(model: Model, target: Target, design: Design) -> Design:
    """The design with all cells multiplied by the smallest factor that keeps the label."""
    low, high = 0.0, 1.0
    for _ in range(2):  # each pass narrows the interval to a twelfth
        step = (high - low) / BATCH
        factors = [low + step * n for n in range(1, BATCH)]
        verdicts = verdicts_of(model, target, [_scaled(design, factor) for factor in factors])
        flipped = [n for n, verdict in enumerate(verdicts) if verdict.labels_reached]
        high = factors[flipped[0]] if flipped else high
        low = high - step
    return design if high == 1.0 else _scaled(design, high)


def _scaled(design: Design, factor: float) -> Design:
    """The beacon times the factor, rounded away from 0 to `DIGITS` digits."""
    scale = 10**DIGITS
    cells: list[Cell] = [
        (row, column, math.copysign(math.ceil(abs(value) * factor * scale - 1e-6) / scale, value))
        for row, column, value in design.edits[0].beacon
    ]
    return design.with_cells(beacon=cells)
