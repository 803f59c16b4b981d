"""TypeScript types of the messages that Python and the browser exchange.

They are made from the dataclasses in `workbench.py`. After a change there, write the file again:

    python -m beaconviz.ui.components.message_types
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from numpy.typing import ArrayLike

from beaconviz.ui.components import workbench

FILE = Path(__file__).parent / "frontend" / "messages" / "types.d.ts"

ALIASES = {"Cell": workbench.Cell, "Command": workbench.Command}
INTERFACES = (
    workbench.EditorState,
    workbench.SizedMaps,
    workbench.Address,
    workbench.Message,
    workbench.EditMessage,
    workbench.Press,
    workbench.Look,
    workbench.WorkbenchState,
)
_HEADER = """\
// Made from beaconviz/ui/components/workbench.py by
// python -m beaconviz.ui.components.message_types. Do not edit.
"""
_PRIMITIVES: dict[Any, str] = {
    int: "number",
    float: "number",
    str: "string",
    bool: "boolean",
    NoneType: "null",
    ArrayLike: "Float32Array",
}


def typescript() -> str:
    """The whole declaration file: an alias or an interface for each type of a message."""
    aliases = [f"export type {name} = {type_name(hint)};" for name, hint in ALIASES.items()]
    return "\n".join((_HEADER, *aliases, "", "\n\n".join(map(_interface, INTERFACES)), ""))


def _interface(dataclass: type) -> str:
    """A dataclass as an interface, inherited fields included."""
    hints = get_type_hints(dataclass)
    lines = [f"  {field.name}: {_named(hints[field.name])};" for field in fields(dataclass)]
    return "\n".join((f"export interface {dataclass.__name__} {{", *lines, "}"))


def _named(hint: Any) -> str:
    """The TypeScript name of a type: its alias if it has one."""
    return next((name for name, alias in ALIASES.items() if alias == hint), None) or type_name(hint)


def type_name(hint: Any) -> str:
    """A Python type as TypeScript.

    >>> type_name(Sequence[int | None] | None), type_name(tuple[str, Literal["a", "b"]])
    ('(number | null)[] | null', '[string, "a" | "b"]')

    Raises:
        TypeError: no TypeScript type is known for it.
    """
    if hint in _PRIMITIVES:
        return _PRIMITIVES[hint]
    if is_dataclass(hint) and isinstance(hint, type):
        return hint.__name__
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return " | ".join(dict.fromkeys(map(_named, arguments)))
    if origin is Literal:
        return " | ".join(f'"{value}"' for value in arguments)
    if origin is tuple and Ellipsis not in arguments:
        return f"[{', '.join(map(_named, arguments))}]"
    if origin in (tuple, Sequence):
        item = _named(arguments[0])
        return f"({item})[]" if "|" in item else f"{item}[]"
    raise TypeError(f"no TypeScript type is known for {hint}; add it to _PRIMITIVES")


if __name__ == "__main__":
    FILE.write_text(typescript(), "utf-8")
