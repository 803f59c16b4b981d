"""Fewer cells and rounder numbers, for as long as a design still meets an objective."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from beaconviz.core.design import Design
from beaconviz.core.edit import MATRICES, Cell
from beaconviz.models.model import Model
from beaconviz.optimize.objective import Target, Verdict, tried

SURE = 0.5  # the wanted probability that a result should not lose
BATCH = 12  # designs tried in one call
GRIDS = ((1.0, 0.1), (0.5, 0.05), (0.1, 0.01))  # of A in units of S, and of M

Good = Callable[[Verdict], bool]


def pruned(model: Model, target: Target, design: Design) -> Iterator[tuple[Design, Verdict]]:
    """The design with ever fewer cells, then with rounder numbers; the last one is the result.

    A design that does not meet the objective is only rounded. Verdicts are of ordinary runs.
    """
    (verdict,) = tried(model, target, [design])
    least = min(SURE, verdict.probability)

    def good(verdict: Verdict) -> bool:
        return verdict.granted and verdict.probability >= least

    if verdict.granted:
        for smaller in fewer_cells(model, target, design, good):
            design = smaller[0]
            yield smaller
    rounder = [_rounded(design, *grid) for grid in GRIDS]
    verdicts = tried(model, target, rounder)
    chosen = next((n for n, verdict in enumerate(verdicts) if good(verdict)), -1)
    yield rounder[chosen], verdicts[chosen]


def fewer_cells(
    model: Model, target: Target, design: Design, good: Good
) -> Iterator[tuple[Design, Verdict]]:
    """The design with ever fewer cells, each with a good verdict; nothing if it has no cell to
    spare.

    Of the last design (or of the one given) no single cell can be left out: each of them was tried.
    """
    while (smaller := _best(model, target, _with_fewer(design, model.head_size), good)) is not None:
        design = smaller[0]
        yield smaller


def cell_count(design: Design) -> int:
    """The cells of a design's first edit that are not neutral."""
    return len(design.edits[0].marker) + len(design.edits[0].beacon)


def _best(
    model: Model, target: Target, designs: list[Design], good: Good
) -> tuple[Design, Verdict] | None:
    """Of the first batch that has a good design: the one with fewest cells, and then the most
    likely."""
    for start in range(0, len(designs), BATCH):
        some = designs[start : start + BATCH]
        pairs = zip(some, tried(model, target, some), strict=True)
        if kept := [pair for pair in pairs if good(pair[1])]:
            return min(kept, key=lambda pair: (cell_count(pair[0]), -pair[1].probability))
    return None


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
    return [_without(design, some) for some in sets]


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
