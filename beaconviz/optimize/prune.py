"""Fewer cells and rounder numbers, for as long as a design still meets an objective."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from beaconviz.core.design import Design
from beaconviz.core.edit import MATRICES, Cell
from beaconviz.models.model import Model
from beaconviz.optimize.objective import Target, Verdict, verdicts_of

SURE = 0.5  # pruning may lower the probability of the target labels to this
BATCH = 12  # designs tried in one call
GRIDS = ((1.0, 0.1), (0.5, 0.05), (0.1, 0.01))  # of A in units of S, and of M

Acceptable = Callable[[Verdict], bool]


def pruned(model: Model, target: Target, design: Design) -> Iterator[tuple[Design, Verdict]]:
    """The design with ever fewer cells, then with rounder numbers; the last one is the result.

    A design that does not meet the objective is only rounded. Verdicts are of ordinary runs.
    """
    (verdict,) = verdicts_of(model, target, [design])
    lowest = min(SURE, verdict.probability)

    def acceptable(verdict: Verdict) -> bool:
        return verdict.met and verdict.probability >= lowest

    if verdict.met:
        for smaller in fewer_cells(model, target, design, acceptable):
            design = smaller[0]
            yield smaller
    rounded = [_rounded(design, *grid) for grid in GRIDS]
    verdicts = verdicts_of(model, target, rounded)
    chosen = next((n for n, verdict in enumerate(verdicts) if acceptable(verdict)), -1)
    yield rounded[chosen], verdicts[chosen]


def fewer_cells(
    model: Model, target: Target, design: Design, acceptable: Acceptable
) -> Iterator[tuple[Design, Verdict]]:
    """Designs with ever fewer cells and acceptable verdicts; none if every cell is needed.

    No single cell of the last design (or of `design`) can be left out: each was tried.
    """
    while (
        smaller := _best(model, target, _with_fewer(design, model.head_size), acceptable)
    ) is not None:
        design = smaller[0]
        yield smaller


def cell_count(design: Design) -> int:
    """The cells of a design's first edit that are not neutral."""
    return len(design.edits[0].marker) + len(design.edits[0].beacon)


def _best(
    model: Model, target: Target, designs: list[Design], acceptable: Acceptable
) -> tuple[Design, Verdict] | None:
    """The best of the first batch that has an acceptable design: fewest cells, then the highest
    probability."""
    for start in range(0, len(designs), BATCH):
        batch = designs[start : start + BATCH]
        pairs = zip(batch, verdicts_of(model, target, batch), strict=True)
        if acceptable_pairs := [pair for pair in pairs if acceptable(pair[1])]:
            return min(
                acceptable_pairs, key=lambda pair: (cell_count(pair[0]), -pair[1].probability)
            )
    return None


def _with_fewer(design: Design, head_size: int) -> list[Design]:
    """The design without the weaker half, quarter and eighth of its cells, and without each single
    cell, the weakest first."""
    cells = [(name, cell) for name in MATRICES for cell in getattr(design.edits[0], name)]

    def strength(item: tuple[str, Cell]) -> float:
        name, (row, column, value) = item
        away = abs(value - design.neutral_value(name, int(row), int(column)))
        return away * head_size**-0.5 if name == "beacon" else away

    cells.sort(key=strength)
    shares = {len(cells) >> power for power in range(1, 4)} - {0, 1}
    sets = [cells[:share] for share in shares] + [[cell] for cell in cells]
    return [_without(design, cells_left_out) for cells_left_out in sets]


def _without(design: Design, cells: list[tuple[str, Cell]]) -> Design:
    positions = {name: [cell[:2] for kind, cell in cells if kind == name] for name in MATRICES}
    return design.without(marker=positions["marker"], beacon=positions["beacon"])


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
