"""The browser's types of the messages are those of Python, and what is sent has these types."""

from __future__ import annotations

import json
import struct
from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

import pytest
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, ValidationError, create_model

from beaconviz.ui.components import workbench as module
from beaconviz.ui.components.message_types import FILE, type_name, typescript
from beaconviz.ui.components.workbench import (
    EditMessage,
    Look,
    Message,
    Press,
    WorkbenchState,
    workbench_state,
)
from tests.ui.components.message_examples import TO_BROWSER, from_browser, to_browser


def schema(dataclass: type) -> type[BaseModel]:
    """A dataclass as a strict schema, without the arrays, which follow the header."""
    hints = get_type_hints(dataclass)
    types: dict[str, Any] = {
        name: (schema(hint) if is_dataclass(hint) and isinstance(hint, type) else hint, ...)
        for name, hint in hints.items()
        if hint is not ArrayLike
    }
    strict = ConfigDict(extra="forbid", strict=True)
    return create_model(dataclass.__name__, __config__=strict, **types)


def header(message: bytes) -> bytes:
    (length,) = struct.unpack("<I", message[:4])
    return message[4 : 4 + length]


def test_the_committed_types_are_those_of_the_dataclasses():
    assert FILE.read_text("utf-8") == typescript(), "run python -m " + (
        "beaconviz.ui.components.message_types"
    )


def test_a_type_that_is_not_known_is_refused():
    with pytest.raises(TypeError, match="no TypeScript type is known for <class 'set'>"):
        type_name(set)


def test_what_python_sends_has_the_types():
    schema(Message).model_validate_json(header(to_browser()))


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("document", {"can_undo": 1}),
        ("document", {"reading": "product "}),
        ("document", {"marker": [[0, "all", 1.0]]}),
        ("document", {"unknown": None}),
        ("maps", {"layers": "2"}),
        ("maps", {"segments": [0.5]}),
    ],
)
def test_another_shape_would_be_noticed(part, change):
    sent = json.loads(header(to_browser()))
    sent[part] |= change
    with pytest.raises(ValidationError):
        schema(Message).model_validate_json(json.dumps(sent))


def test_the_example_that_the_browser_is_tested_with_is_what_python_sends():
    assert TO_BROWSER.read_bytes() == to_browser(), "run python -m " + (
        "tests.ui.components.message_examples"
    )


def test_what_the_browser_sends_is_read(monkeypatch):
    monkeypatch.setattr(module.st, "session_state", {"bench": from_browser()})
    edit = EditMessage(1000, 3, 11, marker=((0, 2, 1.0), ("*", 1, 0.5)), beacon=((1, "*", -2.5),))
    expected = WorkbenchState(edit, Press(1001, "redo"), Look(1002, 1, None))
    assert workbench_state("bench") == expected


@pytest.mark.parametrize(
    ("kind", "message"), [("edit", EditMessage), ("command", Press), ("view", Look)]
)
def test_what_the_browser_sends_has_the_fields_of_the_dataclass(kind, message):
    assert set(from_browser()[kind]) == {field.name for field in fields(message)}
