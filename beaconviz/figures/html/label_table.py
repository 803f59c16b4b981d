"""Label probabilities of every word, before and after, as an HTML table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markupsafe import Markup

from beaconviz.core.labels import split_label
from beaconviz.figures.markup import macros
from beaconviz.figures.theme import label_colour
from beaconviz.models.tasks.values import LabelTable

# Repeated elements have no `opacity` and no clipping: each would need a browser layer of its own,
# and 500 layers made every frame of the page 8 ms slower.
_HTML = macros(__file__)
STYLE: Markup = _HTML.style()

_MOVED = 0.05  # a change of a probability that is set in bold


class _Cell(NamedTuple):
    """The probability of a type, before and after: as bars, in per cent, and in words."""

    moved: bool
    colour: str
    before: str
    after: str
    numbers: str


@dataclass(frozen=True)
class _Row:
    """A word, its tag before and after, and a cell for each type."""

    word: str
    old: str
    new: str
    cells: list[_Cell]

    @property
    def moved(self) -> bool:
        return self.old != self.new

    @property
    def tag(self) -> str:
        return f"{self.old} → {self.new}" if self.moved else self.old


def labels_html(table: LabelTable) -> Markup:
    """A row per word: its tag, and for every type the probability before and after.

    B- and I- probabilities of a type are added. The upper, paler bar is the baseline. Text is
    escaped.
    """
    kinds = _kinds(table.labels)
    colours = list(map(label_colour, kinds))
    before, after = (_shares(table, kinds, when) for when in ("baseline", "edited"))
    frame = table.frame
    tags = frame["tag_baseline"], frame["tag_edited"]
    rows = zip(frame["word"], *tags, before, after, strict=True)
    return _HTML.labels(kinds, [_row(colours, *row) for row in rows])


def _kinds(labels: Sequence[str]) -> dict[str, list[int]]:
    """The entity types, with the numbers of their labels."""
    kinds: dict[str, list[int]] = {}
    for number, label in enumerate(labels):
        kinds.setdefault(split_label(label)[1] or "none", []).append(number)
    return kinds


def _shares(table: LabelTable, kinds: dict[str, list[int]], when: str) -> list[list[float]]:
    """For every word, the probability of every type."""
    probabilities = table.frame[[f"{label}_{when}" for label in table.labels]].to_numpy().tolist()
    return [
        [sum(row[number] for number in numbers) for numbers in kinds.values()]
        for row in probabilities
    ]


def _row(
    colours: Iterable[str], word: str, old: str, new: str, before: list[float], after: list[float]
) -> _Row:
    return _Row(word, old, new, list(map(_cell, before, after, colours)))


def _cell(before: float, after: float, colour: str) -> _Cell:
    return _Cell(
        abs(after - before) >= _MOVED,
        colour,
        f"{100 * before:.1f}",
        f"{100 * after:.1f}",
        f"{before:.2f} → {after:.2f}",
    )
