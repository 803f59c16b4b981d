"""The design file: JSON to the fields of a `Design` and back, with errors that name the field."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from beaconviz.core.edit import (
    ATTENTIONS,
    UNITS,
    Cell,
    DesignError,
    Edit,
    Unit,
    check_index,
    check_value,
    neutral_value,
)
from beaconviz.core.interventions import READINGS, Reading

VERSION = 1
MAX_BYTES = 5_000_000
MAX_WORDS = 8_192
_DESIGN_KEYS = ("beaconviz", "unit", "reading", "words", "edits")
_EDIT_KEYS = ("layers", "heads", "marker", "beacon", "attention")
_MANY = 1_000_000  # layers and heads are checked against the model when it is known


class DesignFields(NamedTuple):
    """What a design is made of, in the order that `Design` takes it."""

    words: tuple[str, ...]
    edits: tuple[Edit, ...]
    reading: Reading
    unit: Unit


class DesignLike(Protocol):
    """A design, as far as its file is concerned."""

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
    try:
        data = json.loads(text)
    except RecursionError:
        raise DesignError("the design file is nested too deeply to be a design") from None
    except ValueError as error:
        raise DesignError(
            f"the design file is not valid JSON ({where(error)}): export it again, or fix it there"
        ) from None
    return design_from_dict(data)


def where(error: ValueError) -> str:
    """The place and the reason of an error in JSON."""
    if not isinstance(error, json.JSONDecodeError):
        return str(error)
    return f"line {error.lineno}, column {error.colno}: {error.msg}"


def write_design(design: DesignLike) -> str:
    """The design as JSON that a person can read: one line an edit."""
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
    """The checked inverse of `design_to_dict`; also takes whole matrices as lists of rows."""
    if not isinstance(data, dict):
        raise DesignError(
            f"the design is a JSON {_kind(data)}; expected an object with words and edits"
        )
    version = data.get("beaconviz")
    if isinstance(version, int) and version > VERSION:
        raise DesignError(
            f"the design is of version {version}; this beaconviz reads {VERSION}: update beaconviz"
        )
    if isinstance(version, bool) or version != VERSION:
        raise DesignError(
            f'"beaconviz" is {_short(version)}; expected the version number {VERSION}'
        )
    _check_keys("the design", data, _DESIGN_KEYS)
    unit = _choice("unit", data.get("unit", "word"), UNITS)
    reading = _choice("reading", data.get("reading", "product"), READINGS)
    words = _list("words", data.get("words"))
    if not 0 < len(words) <= MAX_WORDS:
        raise DesignError(f"words has {len(words):,} entries; expected 1 to {MAX_WORDS:,}")
    for position, word in enumerate(words):
        if not isinstance(word, str) or not word:
            raise DesignError(f"words[{position}] is {_short(word)}; expected a word")
    empty = DesignFields(tuple(words), (), reading, unit)
    edits = [
        _edit(f"edits[{position}]", edit, empty)
        for position, edit in enumerate(_list("edits", data.get("edits", [])))
    ]
    return DesignFields(tuple(words), tuple(edits), reading, unit)


def _edit(where: str, data: Any, design: DesignFields) -> Edit:
    if not isinstance(data, dict):
        raise DesignError(f"{where} is {_short(data)}; expected an object with marker and beacon")
    _check_keys(where, data, _EDIT_KEYS)
    return Edit(
        marker=_cells(f"{where}.marker", data.get("marker", []), "marker", design),
        beacon=_cells(f"{where}.beacon", data.get("beacon", []), "beacon", design),
        layers=_numbers(f"{where}.layers", data.get("layers", "all"), "layers"),
        heads=_heads(f"{where}.heads", data.get("heads", "all")),
        attention=_choice(f"{where}.attention", data.get("attention", "self"), ATTENTIONS),
    )


def _cells(where: str, data: Any, name: str, design: DesignFields) -> tuple[Cell, ...]:
    rows = _list(where, data)
    for position, row in enumerate(rows):
        _list(f"{where}[{position}]", row)
    if _is_matrix(rows, len(design.words)):
        return _cells_of_matrix(where, rows, name, design)
    for position, row in enumerate(rows):
        if len(row) != 3:
            size = len(design.words)
            raise DesignError(
                f"{where}[{position}] has {len(row)} numbers; expected a cell [row, column, value], "
                f"or in all {size} rows of {size} numbers ({size} {design.unit}s)"
            )
        check_value(f"{where}[{position}]", row[2])
    return tuple((row, column, float(value)) for row, column, value in rows)


def _is_matrix(rows: list[list[Any]], size: int) -> bool:
    """Whether the rows are a whole matrix. Three rows of three could be either: they are cells
    when each begins with two whole numbers and names a place of its own."""
    if len(rows) != size or any(len(row) != size for row in rows):
        return False
    if size != 3:
        return True
    places = [tuple(map(str, row[:2])) for row in rows]
    like_cells = all(
        (isinstance(index, int) and 0 <= index < 3) or index == "*"
        for row in rows
        for index in row[:2]
    )
    return not (like_cells and len(set(places)) == 3)


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


def _heads(where: str, data: Any) -> Any:
    if not isinstance(data, dict):
        return _numbers(where, data, "heads")
    heads = {}
    for layer, numbers in data.items():
        if not layer.isdecimal():
            raise DesignError(f"{where} has the key {layer!r}; expected the number of a layer")
        heads[int(layer)] = _numbers(f"{where}[{layer}]", numbers, "heads")
        if heads[int(layer)] == "all":
            raise DesignError(f'{where}[{layer}] is "all"; expected a list of head numbers')
    return heads


def _numbers(where: str, data: Any, what: str) -> Any:
    if data == "all":
        return "all"
    for position, number in enumerate(_list(where, data, 'a list of numbers or "all"')):
        check_index(f"{where}[{position}]", number, _MANY, what)
    return tuple(data)


def _choice(where: str, data: Any, choices: tuple[str, ...]) -> Any:
    if data not in choices:
        raise DesignError(f"{where} is {_short(data)}; expected one of {', '.join(choices)}")
    return data


def _list(where: str, data: Any, expected: str = "a list") -> list[Any]:
    if not isinstance(data, list):
        raise DesignError(f"{where} is {_short(data)}; expected {expected}")
    return data


def _check_keys(where: str, data: dict[str, Any], known: tuple[str, ...]) -> None:
    for key in data:
        if key not in known:
            raise DesignError(
                f"{where} has the unknown key {_short(key)}; known are {', '.join(known)}"
            )


def _kind(data: Any) -> str:
    kinds = {list: "list", str: "text", int: "number", float: "number", bool: "truth value"}
    return kinds.get(type(data), "null")


def _short(value: Any) -> str:
    shown = "missing" if value is None else repr(value)
    return shown if len(shown) <= 60 else shown[:57] + "…"
