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
from beaconviz.optimize.objective import Objective, SearchStep, Target, Verdict, tried
from beaconviz.optimize.prune import BATCH, cell_count, fewer_cells
from beaconviz.optimize.relaxed import Layers, Soft, places
from beaconviz.runs.execute import Text, run
from beaconviz.runs.run import Run

SIZES = (2.0, 4.0, 8.0)  # of a cell, in logits; larger ones leave the next cell nothing to do
MOST = 8  # cells that are added one by one
MOST_STEPS = MOST * len(SIZES) + STEPS
SPARSITY = 0.6  # of what `learn` looks for; with its own 0.3 the results had 1.4 times the cells
DIGITS = 1  # values are in tenths of a unit of S

Search = Generator[SearchStep, None, Design | None]  # its steps, and the design it comes to


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
    return last.design if last.verdict.true else None


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
        stopped: asked before each step of `learn`; once it is true, what there is is reduced.
    """
    baseline = run(model, text) if baseline is None else baseline
    target = objective.target(baseline)
    chosen = places(model, baseline, layers, heads)
    neutral = on_heads(Design.neutral(baseline.words, reading=reading), chosen, model)
    soft = Soft(model, baseline, reading, chosen)

    def learning() -> Iterator[SearchStep]:
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

    return _numbered(_steps(model, target, soft, neutral, learning))


def _numbered(steps: Iterator[SearchStep]) -> Iterator[SearchStep]:
    return (replace(step, number=number) for number, step in enumerate(steps))


def _steps(
    model: Model,
    target: Target,
    soft: Soft,
    design: Design,
    learning: Callable[[], Iterator[SearchStep]],
) -> Iterator[SearchStep]:
    grown = yield from greedy(model, target, soft, design)
    found = [grown] if reached(model, target, grown) else []
    if not found or cell_count(grown) > 1:
        learned = yield from last_reached(learning())
        found += [] if learned is None else [learned]
    smallest = min(
        (reduced(model, target, each) for each in found if reached(model, target, each)),
        key=lambda each: _size(model, target, each),
        default=grown,
    )
    verdict = target.verdict(run(model, target.baseline.aligned, smallest))
    yield SearchStep(0, verdict, smallest, "done")


def reached(model: Model, target: Target, design: Design) -> bool:
    """Whether the words of the objective get their labels, whatever else changes."""
    (verdict,) = tried(model, target, [design])
    return verdict.true


def greedy(
    model: Model, target: Target, soft: Soft, design: Design
) -> Generator[SearchStep, None, Design]:
    """Cells of A added one by one, each the best of those where the gradient is steepest."""
    verdict = target.verdict(target.baseline)
    while not verdict.true and len(design.edits[0].beacon) < MOST:
        slopes = _slopes(target, soft, design)
        found = [(design, verdict)]
        for size in SIZES:
            grown = _grown(design, slopes, size * model.head_size**0.5)
            found += zip(grown, tried(model, target, grown), strict=True)
            best = max(found, key=lambda pair: (pair[1].true, pair[1].probability))
            yield SearchStep(0, best[1], best[0])
            if best[1].true:  # no larger ones are needed
                break
        if best[0] is design:
            break
        design, verdict = best
    return design


def last_reached(steps: Iterator[SearchStep]) -> Search:
    """The steps of `learn` as steps of a search, and the last design that reached its labels.

    The result of `learn` is preferred: its cells were pruned.
    """
    design: Design | None = None
    for step in steps:
        if step.verdict.true:
            design = step.design
        if not step.done:
            yield step
    return design


def reduced(model: Model, target: Target, design: Design) -> Design:
    """The design without the cells that it can do without, and as small as its label allows."""
    while True:
        small = _shrunk(model, target, _needed(model, target, design))
        design = _needed(model, target, small)
        if design == small:
            return small


def _needed(model: Model, target: Target, design: Design) -> Design:
    """The design with only cells none of which can be left out."""

    def reached(verdict: Verdict) -> bool:
        return verdict.true

    smaller = [design, *(fewer for fewer, _ in fewer_cells(model, target, design, reached))]
    return smaller[-1]


def _size(model: Model, target: Target, design: Design) -> tuple[int, int, float]:
    """What makes a flip small: its cells, then the other words that change, then the sum of |A|."""
    (verdict,) = tried(model, target, [design])
    total = sum(abs(value) for _, _, value in design.edits[0].beacon)
    return cell_count(design), len(verdict.changed), total


def _slopes(target: Target, soft: Soft, design: Design) -> Tensor:
    """What a little more of each cell of A gives, Float[Tensor, "word word"], nats per unit of
    S."""
    beacon = design.matrix("beacon").requires_grad_()
    (slopes,) = torch.autograd.grad(target.missing(soft.logits(beacon)), beacon)
    return -slopes


def _grown(design: Design, slopes: Tensor, size: float) -> list[Design]:
    """The design with one more cell, for each of those whose gradient is steepest."""
    taken = design.matrix("beacon") != 0
    pull = slopes.abs().masked_fill(taken, 0).flatten()
    steepest = pull.topk(min(BATCH, len(pull))).indices.tolist()
    cells = [divmod(place, len(design.words)) for place in steepest]
    return [
        design.with_cells(beacon=[(*cell, round(math.copysign(size, slopes[cell]), DIGITS))])
        for cell in cells
    ]


def _shrunk(model: Model, target: Target, design: Design) -> Design:
    """All cells smaller by one factor, for as long as the label stays flipped."""
    low, high = 0.0, 1.0
    for _ in range(2):  # each cuts what is open to a twelfth
        step = (high - low) / BATCH
        factors = [low + step * n for n in range(1, BATCH)]
        verdicts = tried(model, target, [_scaled(design, factor) for factor in factors])
        true = [n for n, verdict in enumerate(verdicts) if verdict.true]
        high = factors[true[0]] if true else high
        low = high - step
    return design if high == 1.0 else _scaled(design, high)


def _scaled(design: Design, factor: float) -> Design:
    """Rounded away from 0."""
    tens = 10**DIGITS
    cells: list[Cell] = [
        (row, column, math.copysign(math.ceil(abs(value) * factor * tens - 1e-6) / tens, value))
        for row, column, value in design.edits[0].beacon
    ]
    return design.with_cells(beacon=cells)
