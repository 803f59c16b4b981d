"""The smallest edit that flips a label: greedy over cells of A, then bisection on their size."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from beaconviz.core.design import Design
from beaconviz.core.edit import Cell, Heads
from beaconviz.core.interventions import Reading
from beaconviz.models.model import Model
from beaconviz.optimize.descent import aimed
from beaconviz.optimize.objective import Aim, Step, Wish, tried
from beaconviz.optimize.relaxed import Layers, Soft, places
from beaconviz.runs.execute import Text, run
from beaconviz.runs.run import Run

SIZES = (2.0, 4.0, 8.0)  # of a cell, in logits; larger ones shut out what the next cell could do
MOST = 8  # cells
BATCH = 12  # designs tried in one call
DIGITS = 1  # values are in tenths of a unit of S


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

    One cell is tried before two, and so on up to eight. The search is greedy, so a smaller edit
    may exist; that this one does what it says was seen in an ordinary run. Arguments and errors
    as in `learn`.
    """
    *_, last = flipping(
        model,
        text,
        Wish({word: label}),
        reading=reading,
        layers=layers,
        heads=heads,
        baseline=baseline,
    )
    return last.design if last.verdict.true else None


def flipping(
    model: Model,
    text: Text,
    wish: Wish,
    *,
    reading: Reading = "product",
    layers: Layers = "all",
    heads: Heads = "all",
    baseline: Run | None = None,
) -> Iterator[Step]:
    """The steps of `smallest_flip`; the last one is the result."""
    baseline = run(model, text) if baseline is None else baseline
    aim = wish.aim(baseline)
    chosen = places(model, baseline, layers, heads)
    neutral = aimed(Design.neutral(baseline.words, reading=reading), chosen, model)
    return _steps(model, aim, Soft(model, baseline, reading, chosen), neutral)


def _steps(model: Model, aim: Aim, soft: Soft, design: Design) -> Iterator[Step]:
    number, verdict = 0, aim.verdict(aim.baseline)
    while not verdict.true and len(design.edits[0].beacon) < MOST:
        slopes = _slopes(aim, soft, design)
        found = [(design, verdict)]
        for size in SIZES:
            grown = _grown(design, slopes, size * model.head_size**0.5)
            found += zip(grown, tried(model, aim, grown), strict=True)
            best = max(found, key=lambda pair: (pair[1].true, pair[1].probability))
            yield Step(number, best[1], best[0])
            number += 1
            if best[1].true:  # no larger ones are needed
                break
        if best[0] is design:
            break
        design, verdict = best
    if verdict.true:
        design = _shrunk(model, aim, design)
    verdict = aim.verdict(run(model, aim.baseline.aligned, design))
    yield Step(number, verdict, design, "done")


def _slopes(aim: Aim, soft: Soft, design: Design) -> Tensor:
    """What a little more of each cell of A gives, Float[Tensor, "word word"], nats per unit of S."""
    beacon = design.matrix("beacon").requires_grad_()
    (slopes,) = torch.autograd.grad(aim.missing(soft.logits(beacon)), beacon)
    return -slopes


def _grown(design: Design, slopes: Tensor, size: float) -> list[Design]:
    """The design with one more cell, for each of those that pull hardest."""
    taken = design.matrix("beacon") != 0
    pull = slopes.abs().masked_fill(taken, 0).flatten()
    hardest = pull.topk(min(BATCH, len(pull))).indices.tolist()
    places = [divmod(place, len(design.words)) for place in hardest]
    return [
        design.with_cells(beacon=[(*place, round(math.copysign(size, slopes[place]), DIGITS))])
        for place in places
    ]


def _shrunk(model: Model, aim: Aim, design: Design) -> Design:
    """All cells smaller by one factor, for as long as the label stays flipped."""
    low, high = 0.0, 1.0
    for _ in range(2):  # each cuts what is open to a twelfth
        step = (high - low) / BATCH
        factors = [low + step * n for n in range(1, BATCH)]
        verdicts = tried(model, aim, [_scaled(design, factor) for factor in factors])
        true = [n for n, verdict in enumerate(verdicts) if verdict.true]
        high = factors[true[0]] if true else high
        low = high - step
    return _scaled(design, high)


def _scaled(design: Design, factor: float) -> Design:
    """Rounded away from 0."""
    tens = 10**DIGITS
    cells: list[Cell] = [
        (row, column, math.copysign(math.ceil(abs(value) * factor * tens - 1e-6) / tens, value))
        for row, column, value in design.edits[0].beacon
    ]
    return design.with_cells(beacon=cells)
