"""A design: markers and beacons over the words of a text.

A design is an immutable value: editing gives a new one, so undo is a list of designs. Its JSON form
is read and checked in `core.design_file`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from itertools import accumulate, product
from typing import Any, Literal, cast

import torch
from torch import Tensor

from beaconviz.core.design_file import (
    design_from_dict,
    design_to_dict,
    read_design,
    write_design,
)
from beaconviz.core.edit import (
    MATRICES,
    MAX_STEPS,
    MAX_VALUE,
    UNITS,
    Cell,
    DesignError,
    Edit,
    Heads,
    Index,
    Place,
    Unit,
    check_earlier,
    check_index,
    check_value,
    neutral_value,
    set_cells,
)
from beaconviz.core.interventions import INTERVENTIONS, READINGS, Intervention, Reading


@dataclass(frozen=True)
class Design:
    """A stack of edits over `words` (the tokens themselves when `unit` is "token").

    >>> design = Design.neutral(["was", "Apple"]).with_cells(beacon=[(0, 1, 4.0)])
    >>> design.matrix("beacon").tolist()
    [[0.0, 4.0], [0.0, 0.0]]
    """

    words: tuple[str, ...]
    edits: tuple[Edit, ...] = field(default_factory=lambda: (Edit(),))
    reading: Reading = "product"
    unit: Unit = "word"

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", tuple(self.words))
        object.__setattr__(self, "edits", tuple(self.edits) or (Edit(),))
        if self.reading not in READINGS:
            raise DesignError(f"reading is {self.reading!r}; expected one of {', '.join(READINGS)}")
        if self.unit not in UNITS:
            raise DesignError(f"unit is {self.unit!r}; expected one of {', '.join(UNITS)}")
        for position, edit in enumerate(self.edits):
            for name in MATRICES:
                for place, cell in enumerate(getattr(edit, name)):
                    self._check_cell(f"edits[{position}].{name}[{place}]", edit, name, cell)

    @property
    def kind(self) -> Intervention:
        """What M does to the scores."""
        return INTERVENTIONS[self.reading]

    @classmethod
    def neutral(
        cls, words: Iterable[str], *, reading: Reading = "product", unit: Unit = "word"
    ) -> Design:
        """The design that changes nothing."""
        return cls(tuple(words), (Edit(),), reading, unit)

    @classmethod
    def from_json(cls, text: str) -> Design:
        """Reads a design file (DESIGN §3); raises `DesignError` that names the wrong field."""
        return cls(*read_design(text))

    def to_json(self) -> str:
        """The design file, one line per edit; `from_json` gives the same design back."""
        return write_design(self)

    @classmethod
    def from_dict(cls, data: Any) -> Design:
        """The checked inverse of `to_dict`; also accepts whole matrices as lists of rows."""
        return cls(*design_from_dict(data))

    def to_dict(self) -> dict[str, Any]:
        """The design as plain lists and numbers, cells only."""
        return design_to_dict(self)

    @property
    def is_neutral(self) -> bool:
        """Whether no cell of any edit differs from neutral."""
        neutral = Design(self.words, reading=self.reading)
        return all(
            torch.equal(self.matrix(name, position), neutral.matrix(name))
            if edit.attention == "self"
            else all(self.neutral_value(name, *cell[:2]) == cell[2] for cell in getattr(edit, name))
            for position, edit in enumerate(self.edits)
            for name in MATRICES
        )

    def neutral_value(self, name: str, row: Index, column: Index) -> float:
        """The value of a cell of M or A that changes nothing."""
        return neutral_value(name, self.reading, row, column)

    def value(self, name: str, row: int, column: int, edit: int = 0) -> float:
        """One cell of M or A."""
        cells: tuple[Cell, ...] = getattr(self.edits[edit], name)
        for cell in reversed(cells):
            if _covers(cell, (row, column)):
                return cell[2]
        return self.neutral_value(name, row, column)

    def matrix(self, name: str, edit: int = 0) -> Tensor:
        """M or A of one edit of self-attention, Float[Tensor, "word word"]."""
        size = len(self.words)
        if name == "beacon":
            dense = torch.zeros(size, size)
        else:
            dense = self.kind.neutral_rows(torch.arange(size), size)
        set_cells(dense, getattr(self.edits[edit], name))
        return dense

    def with_cells(
        self, marker: Iterable[Cell] = (), beacon: Iterable[Cell] = (), *, edit: int = 0
    ) -> Design:
        """The design with these cells set; they replace the cells that they cover."""
        changed = self.edits[edit]
        for name, cells in (("marker", marker), ("beacon", beacon)):
            changed = changed.holding(name, _set_cells(getattr(changed, name), cells))
        return self._with_edit(edit, changed)

    def without(
        self, marker: Iterable[Place] = (), beacon: Iterable[Place] = (), *, edit: int = 0
    ) -> Design:
        """The design with these cells set to neutral; "*" clears a row or a column."""
        design = self
        for name, places in (("marker", marker), ("beacon", beacon)):
            for place in places:
                old = design.edits[edit]
                kept = [cell for cell in getattr(old, name) if not _covers((*place, 0.0), cell)]
                # Under a remaining "*" each neutral cell has to be written explicitly.
                neutral = [
                    (row, column, self.neutral_value(name, row, column))
                    for row, column in self._expand(place, name, old)
                    if any(_covers(cell, (row, column)) for cell in kept)
                ]
                cells = tuple(kept) + tuple(neutral)
                design = design._with_edit(edit, old.holding(name, cells))
        return design

    def with_reading(self, reading: Reading) -> Design:
        """The same matrices in another reading.

        Neutral rows of M stay neutral; the others keep their values (for `mask`, values other than
        0 become 1), so the worked example has the same matrix in every reading. Over steps the
        columns of M differ between the product and the other readings: M is dropped there.
        """
        if reading == self.reading:
            return self
        design = replace(
            self, reading=reading, edits=tuple(replace(e, marker=()) for e in self.edits)
        )
        for position, edit in enumerate(self.edits):
            if edit.attention == "self":
                cells = self._converted_rows(design, position)
            elif self.kind.mixes_rows or design.kind.mixes_rows:
                continue
            else:
                cells = [
                    (row, column, float(design.kind.converted(torch.tensor(value))))
                    for row, column, value in edit.marker
                ]
            design = design.with_cells(marker=cells, edit=position)
        return design

    def _converted_rows(self, target: Design, position: int) -> list[Cell]:
        """The rows of M of one edit that are not neutral, as cells of another reading's M."""
        matrix = target.kind.converted(self.matrix("marker", position))
        edited = matrix.ne(Design(self.words, reading=self.reading).matrix("marker")).any(dim=1)
        return [
            (row, column, value)
            for row in edited.nonzero().flatten().tolist()
            for column, value in enumerate(matrix[row].tolist())
            if value != target.neutral_value("marker", row, column)
        ]

    def targeting(
        self, *, layers: Literal["all"] | Sequence[int] = "all", heads: Heads = "all", edit: int = 0
    ) -> Design:
        """The design with one of its edits moved to other layers and heads."""
        layers = layers if layers == "all" else tuple(layers)
        heads = heads if heads == "all" or isinstance(heads, Mapping) else tuple(heads)
        return self._with_edit(edit, replace(self.edits[edit], layers=layers, heads=heads))

    def realigned(self, words: Iterable[str]) -> Design:
        """The design moved to another text: cells follow their words, other cells are dropped. If
        the texts are equal but split differently, cells follow the characters; of two cells that
        come to the same place the later one stays."""
        words = tuple(words)
        moved = _same_words(self.words, words)
        if "".join(self.words) == "".join(words):
            moved = _same_characters(self.words, words)

        def follow(edit: Edit, name: str) -> tuple[Cell, ...]:
            over_steps = [side == MAX_STEPS for side in edit.sides(name, self.reading, 0)]
            placed: dict[Place, float] = {}
            for row, column, value in getattr(edit, name):
                rows, columns = (
                    (index,) if stays or index == "*" else moved.get(index, ())
                    for index, stays in zip((row, column), over_steps, strict=True)
                )
                placed |= dict.fromkeys(product(rows, columns), value)
            return tuple((row, column, value) for (row, column), value in placed.items())

        edits = tuple(
            replace(edit, marker=follow(edit, "marker"), beacon=follow(edit, "beacon"))
            for edit in self.edits
        )
        return replace(self, words=words, edits=edits)

    def stacked(self, edit: Edit) -> Design:
        """The design with one more edit, applied to the scores after the others."""
        return replace(self, edits=(*self.edits, edit))

    def _with_edit(self, position: int, edit: Edit) -> Design:
        edits = list(self.edits)
        edits[position] = edit
        return replace(self, edits=tuple(edits))

    def _expand(self, place: Place, name: str, edit: Edit) -> Iterable[Place]:
        """The cells of a place; a "*" over steps stays a "*", since their number is unknown."""
        sides = edit.sides(name, self.reading, len(self.words))
        rows, columns = (
            range(side) if index == "*" and side != MAX_STEPS else (index,)
            for index, side in zip(place, sides, strict=True)
        )
        return ((row, column) for row in rows for column in columns)

    def _check_cell(self, where: str, edit: Edit, name: str, cell: Cell) -> None:
        sides = edit.sides(name, self.reading, len(self.words))
        if self._is_plain(name, sides, cell):
            return
        if len(cell) != 3:
            raise DesignError(f"{where} is {list(cell)!r}; expected [row, column, value]")
        for axis, index, side in zip(("row", "column"), cell, sides, strict=False):
            noun = "steps" if side == MAX_STEPS else f"{self.unit}s"
            check_index(f"{where} {axis}", index, side, noun, star=True)
        check_value(where, cell[2])
        if name == "beacon":
            return
        if edit.attention != "self" and self.kind.mixes_rows:
            check_earlier(where, cell)
        if self.kind.values is not None and cell[2] not in self.kind.values:
            values = " and ".join(f"{value:g}" for value in self.kind.values)
            raise DesignError(
                f"{where} is {cell[2]!r}; in the {self.reading} reading M holds only {values}"
            )

    def _is_plain(self, name: str, sides: tuple[int, int], cell: Cell) -> bool:
        """A fast check that accepts ordinary cells: a large design has 100,000 of them."""
        if tuple(map(type, cell)) != (int, int, float):
            return False
        row, column, value = cast(tuple[int, int, float], cell)
        if name == "marker" and sides[0] == MAX_STEPS:
            return False
        values = self.kind.values if name == "marker" else None
        inside = 0 <= row < sides[0] and 0 <= column < sides[1] and -MAX_VALUE <= value <= MAX_VALUE
        return inside and (values is None or value in values)


def _same_words(old: Sequence[str], new: Sequence[str]) -> dict[Index, Sequence[Index]]:
    """The position of each old word among the new ones, where the order is kept."""
    blocks = SequenceMatcher(a=old, b=new, autojunk=False).get_matching_blocks()
    return {block.a + k: (block.b + k,) for block in blocks for k in range(block.size)}


def _same_characters(old: Sequence[str], new: Sequence[str]) -> dict[Index, Sequence[Index]]:
    """The new words that share characters with each old word of the same text."""
    word_at = [number for number, word in enumerate(new) for _ in word]
    ends = list(accumulate(map(len, old)))
    return {
        number: sorted(set(word_at[end - len(word) : end]))
        for number, (word, end) in enumerate(zip(old, ends, strict=True))
    }


def _covers(cell: Cell, place: Sequence[object]) -> bool:
    return cell[0] in ("*", place[0]) and cell[1] in ("*", place[1])


def _set_cells(old: tuple[Cell, ...], new: Iterable[Cell]) -> tuple[Cell, ...]:
    cells = {cell[:2]: cell for cell in old}
    for row, column, value in new:
        cell = (row, column, float(value) if isinstance(value, int) else value)
        if "*" in (row, column):
            cells = {place: kept for place, kept in cells.items() if not _covers(cell, place)}
        cells.pop((row, column), None)  # a later cell wins, so it goes to the end
        cells[row, column] = cell
    return tuple(cells.values())
