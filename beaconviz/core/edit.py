"""One edit of a design: cells of M and A, the layers and heads that they act on, and its checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field
from torch import Tensor

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.interventions import INTERVENTIONS, Reading
from beaconviz.core.schema import Many, short

Index = int | Literal["*"]
Cell = tuple[Index, Index, float]
Place = tuple[Index, Index]


def _number_of_layer(key: Any) -> Any:
    """A JSON key, which is a string, as a number; pydantic refuses any other key."""
    is_number = isinstance(key, str) and key.isascii() and key.isdecimal()
    return int(key[:20]) if is_number and (key == "0" or key[0] != "0") else key


# Layers and heads; they are checked against the model when it is known.
Number = Annotated[int, Field(ge=0, lt=1_000_000)]
Numbers = Literal["all"] | Many[Number]
Heads = Numbers | Mapping[Annotated[Number, BeforeValidator(_number_of_layer)], Many[Number]]
Unit = Literal["word", "token"]
Attention = Literal["self", "cross", "decoder"]

UNITS = ("word", "token")
ATTENTIONS = ("self", "cross", "decoder")
MATRICES = ("marker", "beacon")
MAX_VALUE = 1e4
MAX_STEPS = 10_000


class DesignError(BeaconvizError):
    """An invalid design; names the field, its value and what was expected."""


@dataclass(frozen=True)
class Edit:
    """Cells of M and A that differ from neutral, and the layers and heads they act on.

    A cell is (row, column, value); "*" as row or column means all of them. Later cells win.
    `heads` is "all", the same heads in every layer, or a map from layer to heads.

    `attention` is the kind of attention: "self" between the words of the input; or, in models that
    read one text and generate another, "cross" from the generated tokens to the input, and
    "decoder" between the generated tokens. Generated tokens are numbered by steps from 0: row i is
    the step that generates token i, and column i of "decoder" is the input of that step.

    Where a decoder reads the same text again and generates nothing (BART and T5 for classes and
    answers), its positions are the steps: the input of position i is token i − 1, that of position
    0 a start token, so a word's rows are the positions after its tokens.
    """

    marker: tuple[Cell, ...] = ()
    beacon: tuple[Cell, ...] = ()
    layers: Literal["all"] | tuple[int, ...] = "all"
    heads: Heads = "all"
    attention: Attention = "self"

    def heads_in(self, layer: int, count: int) -> tuple[int, ...]:
        """The heads of `layer` that this edit acts on, out of `count`."""
        if self.layers != "all" and layer not in self.layers:
            return ()
        if isinstance(self.heads, Mapping):
            return tuple(sorted(self.heads.get(layer, ())))
        return tuple(range(count)) if self.heads == "all" else tuple(sorted(self.heads))

    def sides(self, name: str, reading: Reading, words: int) -> tuple[int, int]:
        """The largest number of rows and columns of M or A over this number of words."""
        rows = words if self.attention == "self" else MAX_STEPS
        if name == "marker" and INTERVENTIONS[reading].mixes_rows:
            return rows, rows
        return rows, MAX_STEPS if self.attention == "decoder" else words

    def holding(self, name: str, cells: tuple[Cell, ...]) -> Edit:
        """The edit with the cells of one of its matrices replaced."""
        return replace(self, marker=cells) if name == "marker" else replace(self, beacon=cells)


def neutral_value(name: str, reading: Reading, row: Index, column: Index) -> float:
    """The value of a cell of M or A that changes nothing."""
    if name == "beacon":
        return 0.0
    return INTERVENTIONS[reading].neutral(row, column)


def set_cells(
    dense: Tensor, cells: Iterable[Cell], row_of: Mapping[int, int] | None = None
) -> None:
    """Writes cells into a matrix, in order: later ones win.

    Args:
        row_of: the position of each row, if the matrix has only some rows.
    """
    values = dense.numpy()  # in numpy, unlike torch, the last of repeated indices wins
    for starred, group in groupby(cells, lambda cell: "*" in cell[:2]):
        rows, columns, numbers = zip(*group, strict=True)
        if row_of is not None:
            rows = tuple("*" if row == "*" else row_of[row] for row in rows)
        if not starred:
            values[list(rows), list(columns)] = numbers
            continue
        for row, column, number in zip(rows, columns, numbers, strict=True):
            values[_slice(row), _slice(column)] = number


def check_index(where: str, index: object, size: int, noun: str, *, star: bool = False) -> None:
    """Raises unless `index` is one of `size` things, counted from 0 (or "*")."""
    if star and isinstance(index, str) and index == "*":
        return
    if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < size:
        alternative = ' or "*"' if star else ""
        raise DesignError(
            f"{where} is {short(index)}; expected a number from 0 to {size - 1}{alternative} ({size} {noun})"
        )


def check_value(where: str, value: object) -> None:
    """Raises unless `value` is a finite number of at most `MAX_VALUE` in size."""
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not (is_number and abs(cast(float, value)) <= MAX_VALUE):  # nan compares false
        raise DesignError(
            f"{where} holds {short(value)}; expected a finite number from -{MAX_VALUE:g} to {MAX_VALUE:g}"
        )


def check_earlier(where: str, cell: Cell) -> None:
    """Raises where a step would use the attention of a later step, which has no query yet."""
    row, column, _ = cell
    if row == "*" or column == "*" or column > row:
        raise DesignError(
            f"{where} is {list(cell)!r}; in the product reading M may not point to later steps, which "
            "have no query yet: name row and column by number, the column not above the row"
        )


def _slice(index: Index) -> int | slice:
    return slice(None) if index == "*" else index
