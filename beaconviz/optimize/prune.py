"""Fewer cells and rounder numbers, for as long as a wish stays true."""

from __future__ import annotations

from collections.abc import Iterator

from beaconviz.core.design import Design
from beaconviz.core.edit import MATRICES, Cell
from beaconviz.models.model import Model
from beaconviz.optimize.objective import Aim, Verdict, tried

SURE = 0.5  # the wished probability that a result should not lose
BATCH = 12  # designs tried in one call
GRIDS = ((1.0, 0.1), (0.5, 0.05), (0.1, 0.01))  # of A in units of S, and of M


def pruned(model: Model, aim: Aim, design: Design) -> Iterator[tuple[Design, Verdict]]:
    """The design with ever fewer cells, then with rounder numbers; the last one is the result.

    A design that does not grant the wish is only rounded. Each verdict is that of ordinary runs.
    """
    (verdict,) = tried(model, aim, [design])
    least = min(SURE, verdict.probability)
    while verdict.granted:
        found = _best(model, aim, _with_fewer(design, model.head_size), least)
        if found is None:
            break
        design, verdict = found
        yield found
    rounder = [_rounded(design, *grid) for grid in GRIDS]
    verdicts = tried(model, aim, rounder)
    good = [n for n, one in enumerate(verdicts) if _good(one, least)]
    chosen = good[0] if good else -1
    yield rounder[chosen], verdicts[chosen]


def _good(verdict: Verdict, least: float) -> bool:
    return verdict.granted and verdict.probability >= least


def _best(
    model: Model, aim: Aim, designs: list[Design], least: float
) -> tuple[Design, Verdict] | None:
    """The design with fewest cells that grants the wish, the surest of those."""
    verdicts = tried(model, aim, designs) if designs else []
    good = [pair for pair in zip(designs, verdicts, strict=True) if _good(pair[1], least)]
    return min(good, key=lambda pair: (_count(pair[0]), -pair[1].probability), default=None)


def _with_fewer(design: Design, head_size: int) -> list[Design]:
    """Without each of the weakest cells, and without the weaker half, quarter, … of them all."""
    cells = [(name, cell) for name in MATRICES for cell in getattr(design.edits[0], name)]

    def strength(item: tuple[str, Cell]) -> float:
        name, (row, column, value) = item
        away = abs(value - design.neutral_value(name, int(row), int(column)))
        return away * head_size**-0.5 if name == "beacon" else away

    cells.sort(key=strength)
    shares = {len(cells) >> power for power in range(1, 4)} - {0, 1}
    sets = [cells[:share] for share in shares] + [[cell] for cell in cells]
    return [_without(design, some) for some in sets[:BATCH]]


def _without(design: Design, cells: list[tuple[str, Cell]]) -> Design:
    places = {name: [cell[:2] for kind, cell in cells if kind == name] for name in MATRICES}
    return design.without(marker=places["marker"], beacon=places["beacon"])


def _rounded(design: Design, beacon: float, marker: float) -> Design:
    steps = {"beacon": beacon, "marker": marker}
    cells: dict[str, list[Cell]] = {
        name: [
            (row, column, round(round(value / step) * step, 2))
            for row, column, value in getattr(design.edits[0], name)
        ]
        for name, step in steps.items()
    }
    return design.with_cells(marker=cells["marker"], beacon=cells["beacon"])


def _count(design: Design) -> int:
    return len(design.edits[0].marker) + len(design.edits[0].beacon)
