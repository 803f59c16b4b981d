"""The records of a file that is one JSON value: a list, an object around a list, or columns."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from beaconviz.core.errors import BeaconvizError

_COLUMNS = ("tokens", "words")
_LISTS = ("rows", "data", "annotations")  # of the Hub's viewer, of `field="data"`, of "classes"


class Whole(NamedTuple):
    """The records, and what the file says of its fields (see `numbered`)."""

    entries: list[Any]
    features: Any = None


def whole_of(text: str, name: str) -> Whole | None:
    """The records of a text that is one JSON value; None where it is an object a line.

    Raises:
        BeaconvizError: columns of different lengths, naming `name`.
    """
    if not text.lstrip().startswith(("[", "{")):
        return None
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return None  # an object a line
    if isinstance(whole, dict):
        try:
            return _of_object(whole, several_lines="\n" in text.strip())
        except BeaconvizError as error:
            raise BeaconvizError(f"{name}: {error}") from None
    if _is_pair(whole) or not any(isinstance(entry, (dict, list)) for entry in whole):
        return None
    return Whole(whole)


def _is_pair(entries: list[Any]) -> bool:
    return len(entries) == 2 and isinstance(entries[0], str)


def _of_object(whole: dict[str, Any], *, several_lines: bool) -> Whole | None:
    features = whole.get("features")
    if any(_is_column(whole.get(name)) for name in _COLUMNS):
        return Whole(_of_columns(whole), features)
    for name in _LISTS:
        entries = whole.get(name)
        around = name != "annotations" or "classes" in whole
        if around and isinstance(entries, list):
            return Whole([_of_row(entry) for entry in entries if entry is not None], features)
    return Whole([whole], features) if several_lines else None


def _is_column(values: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(v, list) for v in values)


def _of_columns(whole: dict[str, Any]) -> list[dict[str, Any]]:
    """datasets' to_dict, and slices of a data set: a list for each field."""
    columns = {name: values for name, values in whole.items() if isinstance(values, list)}
    columns.pop("features", None)
    shortest, longest = (pick(columns, key=lambda name: len(columns[name])) for pick in (min, max))
    if len(columns[shortest]) != len(columns[longest]):
        raise BeaconvizError(
            f"the columns {shortest!r} and {longest!r} have {len(columns[shortest]):,} and "
            f"{len(columns[longest]):,} entries; expected as many in each: export the file again"
        )
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _of_row(entry: Any) -> Any:
    """The Hub's viewer puts a record under "row"."""
    inner = entry.get("row") if isinstance(entry, dict) else None
    return inner if isinstance(inner, dict) else entry
