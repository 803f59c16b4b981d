"""The map of the rooms in CONTRIBUTING.md is true."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import grimp
import pytest
import regex

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
PACKAGE = ROOT / "beaconviz"


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading, without its head."""
    section = TEXT.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def names(cell: str) -> list[str]:
    return [name.rstrip("/") for name in regex.findall(r"`([\w/.]+)`", cell)]


ROOMS = {names(row[0])[0]: row for row in table("The rooms")}


def imports() -> dict[str, set[str]]:
    """The rooms that each room imports."""
    graph = grimp.build_graph("beaconviz", cache_dir=None)
    found: dict[str, set[str]] = defaultdict(set)
    for module in graph.modules:
        for imported in graph.find_modules_directly_imported_by(module):
            room, other = (name.split(".")[1:2] for name in (module, imported))
            if room and other and room != other:
                found[room[0]].add(other[0])
    return found


def test_every_room_is_on_the_map() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders | {"notebook"} == set(ROOMS)


def test_the_map_says_what_each_room_imports() -> None:
    order = list(ROOMS)
    for room, others in imports().items():
        if room not in ROOMS:
            continue
        said = set(names(ROOMS[room][2]))
        if ROOMS[room][2].startswith("all below"):
            said = set(order[order.index(room) + 1 :]) - said
        assert others - {"samples"} <= said, room


def test_rooms_stand_above_what_they_import() -> None:
    order = list(ROOMS)
    for room, others in imports().items():
        for other in others - {"samples"}:
            assert room not in order or order.index(room) < order.index(other), (room, other)


@pytest.mark.parametrize(
    "path", sorted(set(regex.findall(r"`((?:beaconviz|tests)/[\w/.]+)`", TEXT)))
)
def test_every_path_that_is_named_is_there(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(
    "name",
    sorted({name for row in ROOMS.values() for name in regex.findall(r"`(\w+\.py)`", row[1])}),
)
def test_every_file_of_a_room_is_there(name: str) -> None:
    rooms = [room for room, row in ROOMS.items() if f"`{name}`" in row[1]]
    assert all((PACKAGE / room / name).is_file() for room in rooms)


def test_no_module_is_imported_by_a_string() -> None:
    """import-linter would not see it."""
    for path in PACKAGE.rglob("*.py"):
        called = {
            getattr(node.func, "id", getattr(node.func, "attr", None))
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Call)
        }
        assert not called & {"import_module", "__import__"}, path


def test_imports_stand_at_the_top() -> None:
    """Inside functions only where CONTRIBUTING allows it: in the command line, and of other
    packages that are slow or an extra."""
    for path in PACKAGE.rglob("*.py"):
        if path.is_relative_to(PACKAGE / "cli"):
            continue
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                module = getattr(node, "module", None) if isinstance(node, ast.ImportFrom) else None
                assert not str(module).startswith("beaconviz"), (path, module)
