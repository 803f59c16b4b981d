"""The design file: JSON to the fields of a `Design` and back, with errors that name the field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple, Protocol

from pydantic import FailFast, Field, Strict

from beaconviz.core.edit import (
    Attention,
    Cell,
    DesignError,
    Edit,
    Heads,
    Numbers,
    Unit,
    check_value,
    neutral_value,
)
from beaconviz.core.interventions import Reading
from beaconviz.core.schema import Schema, check_version, parse_json, read_as

VERSION = 1
MAX_BYTES = 5_000_000
MAX_WORDS = 8_192
MAX_EDITS = 10_000  # learned beacons need one per layer and head

# `Design` checks indices and values, since it knows the words.
Cells = Annotated[list[Annotated[Cell, Strict(False)]], Field(fail_fast=True)]
Row = Annotated[list[int | float], Field(fail_fast=True)]
Matrix = Annotated[list[Row], Field(fail_fast=True)]
CellsOrMatrix = Annotated[Cells | Matrix, Field(union_mode="left_to_right")]


class EditFile(Schema):
    """An edit of a design file. The number of words tells cells from whole matrices."""

    layers: Numbers = Field("all", description="the layers it acts on")
    heads: Heads = Field("all", description="its heads, the same in all layers or by layer")
    marker: CellsOrMatrix = Field([], description="cells of M, or all its rows")
    beacon: CellsOrMatrix = Field([], description="cells of A, or all its rows")
    attention: Attention = Field("self", description="the attention that it acts on")


class DesignFile(Schema):
    """A design file (DESIGN §3)."""

    beaconviz: int = Field(description="the version of the format")
    unit: Unit = Field("word", description="what its rows and columns are")
    reading: Reading = Field("product", description="what M does to the scores")
    words: list[Annotated[str, Field(min_length=1)]] = Field(
        min_length=1, max_length=MAX_WORDS, description="a list of the text's words"
    )
    edits: Annotated[list[EditFile], FailFast()] = Field(
        [], max_length=MAX_EDITS, description="a list of edits, applied in this order"
    )


class DesignFields(NamedTuple):
    """The fields of a design, in the order of `Design`'s arguments."""

    words: tuple[str, ...]
    edits: tuple[Edit, ...]
    reading: Reading
    unit: Unit


class DesignLike(Protocol):
    """The part of a design that its file needs."""

    @property
    def words(self) -> tuple[str, ...]: ...
    @property
    def edits(self) -> tuple[Edit, ...]: ...
    @property
    def reading(self) -> Reading: ...
    @property
    def unit(self) -> Unit: ...


def read_design(text: str) -> DesignFields:
    """Reads a design file.

    Raises:
        DesignError: not JSON, not a design, or a field that does not fit.
    """
    if len(text) > MAX_BYTES:
        raise DesignError(
            f"the design file has {len(text) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are "
            "read: list only the cells that differ from neutral"
        )
    return design_from_dict(parse_json(text, "the design file", DesignError))


def write_design(design: DesignLike) -> str:
    """The design as readable JSON: one line per edit."""
    data = design_to_dict(design)
    edits = ",\n  ".join(json.dumps(edit, ensure_ascii=False) for edit in data.pop("edits"))
    head = json.dumps(data, ensure_ascii=False)[:-1]
    return f'{head},\n "edits": [\n  {edits}\n]}}\n'


def design_to_dict(design: DesignLike) -> dict[str, Any]:
    """The design as plain lists and numbers, cells only."""
    return {
        "beaconviz": VERSION,
        "unit": design.unit,
        "reading": design.reading,
        "words": list(design.words),
        "edits": [
            {
                "layers": edit.layers if edit.layers == "all" else list(edit.layers),
                "heads": {str(k): list(v) for k, v in edit.heads.items()}
                if isinstance(edit.heads, Mapping)
                else (edit.heads if edit.heads == "all" else list(edit.heads)),
                "marker": [list(cell) for cell in edit.marker],
                "beacon": [list(cell) for cell in edit.beacon],
                **({} if edit.attention == "self" else {"attention": edit.attention}),
            }
            for edit in design.edits
        ],
    }


def design_from_dict(data: Any) -> DesignFields:
    """The checked inverse of `design_to_dict`; also accepts whole matrices as lists of rows."""
    check_version(data, "beaconviz", VERSION, "the design", DesignError)
    file = read_as(DesignFile, data, "the design", DesignError)
    empty = DesignFields(tuple(file.words), (), file.reading, file.unit)
    edits = (_edit(f"edits[{place}]", edit, empty) for place, edit in enumerate(file.edits))
    return empty._replace(edits=tuple(edits))


def _edit(where: str, edit: EditFile, design: DesignFields) -> Edit:
    return Edit(
        _cells(f"{where}.marker", edit.marker, "marker", design),
        _cells(f"{where}.beacon", edit.beacon, "beacon", design),
        edit.layers,
        edit.heads,
        edit.attention,
    )


def _cells(where: str, rows: list[Any], name: str, design: DesignFields) -> tuple[Cell, ...]:
    size = len(design.words)
    if _is_matrix(rows, size):
        return _cells_of_matrix(where, rows, name, design)
    for position, row in enumerate(rows):
        if len(row) != 3:
            raise DesignError(
                f"{where}[{position}] has {len(row)} numbers; expected a cell [row, column, value], "
                f"or in all {size} rows of {size} numbers ({size} {design.unit}s)"
            )
    return tuple((row, column, value) for row, column, value in rows)


def _is_matrix(rows: list[Any], size: int) -> bool:
    """Whether the rows are a whole matrix. Three rows of three are ambiguous: they are cells when
    each begins with two valid indices and all places differ."""
    if len(rows) != size or any(len(row) != size for row in rows):
        return False
    if size != 3:
        return True
    places = {tuple(row[:2]) for row in rows}
    like_cells = all(
        index == "*" or (isinstance(index, int) and 0 <= index < 3)
        for place in places
        for index in place
    )
    return not (like_cells and len(places) == 3)


def _cells_of_matrix(
    where: str, rows: list[list[Any]], name: str, design: DesignFields
) -> tuple[Cell, ...]:
    cells = []
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            check_value(f"{where}[{row}][{column}]", value)
            if value != neutral_value(name, design.reading, row, column):
                cells.append((row, column, float(value)))
    return tuple(cells)
