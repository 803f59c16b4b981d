"""Read files into pydantic models; a validation error becomes one line.

>>> class Reply(Schema):
...     text: str = Field(description="the answer")
...     count: int = 1
>>> def show(data):
...     try:
...         read_as(Reply, data, "the reply")
...     except BeaconvizError as error:
...         print(error)
>>> show({"text": "yes", "count": "2"})
count is '2'; expected a whole number
>>> show({"tekst": "yes"})
the reply has the unknown field 'tekst' (did you mean text?); known are text, count
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, TypeVar

import regex
from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from beaconviz.core.errors import BeaconvizError

T = TypeVar("T")
Model = TypeVar("Model", bound=BaseModel)

# A list in a file, kept as a tuple; its first error is enough.
Many = Annotated[tuple[T, ...], Strict(False), Field(fail_fast=True)]


class Schema(BaseModel):
    """The base of models of files: values of exactly these types, and no other fields.

    A validator may raise a ValueError whose text continues the field's name: "has no words".
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _check_fields(cls, data: Any) -> Any:
        """Checks field names before pydantic checks values, so that a misspelt field is
        reported."""
        if not isinstance(data, dict):
            raise ValueError(
                f"is {short(data)}; expected an object with {', '.join(_fields(cls)[0])}"
            )
        allowed, required = _fields(cls)
        for name in data:
            if name not in allowed:
                raise ValueError(
                    f"has the unknown field {short(name)}{meant(name, allowed)}; "
                    f"known are {', '.join(allowed)}"
                )
        for name in required:
            if name not in data:
                raise ValueError(f"has no {name}; expected {allowed[name]}")
        return data


@cache
def _fields(model: type[BaseModel]) -> tuple[dict[str, str | None], tuple[str, ...]]:
    """The field names in a file with their descriptions; and the required names."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    required = tuple(name for name, field in fields.items() if field.is_required())
    return {name: field.description for name, field in fields.items()}, required


def parse_json(text: str, what: str, error: type[BeaconvizError] = BeaconvizError) -> Any:
    """The values of a JSON text. Raises `error` where it is not JSON, or has a field twice."""
    try:
        return json.loads(text, object_pairs_hook=_once)
    except RecursionError:
        raise error(f"{what} is nested too deeply to be one") from None
    except ValueError as problem:
        raise error(
            f"{what} is not valid JSON ({json_problem(problem)}): export it again, or fix it there"
        ) from None


def json_problem(error: ValueError) -> str:
    """The place and reason of a JSON error."""
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno}: {error.msg}"
    return str(error).split(";")[0]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"{short(twice)} is given twice in an object")
    return fields


def check_version(
    data: Any, field: str, newest: int, what: str, error: type[BeaconvizError] = BeaconvizError
) -> None:
    """Raises `error` unless a file has a supported version. This check comes first, since a newer
    version may have other fields."""
    version = data.get(field) if isinstance(data, dict) else newest
    if isinstance(version, int) and version > newest:
        raise error(
            f"{what} is of version {short(version)}; this beaconviz reads {newest}: "
            "update beaconviz"
        )
    if type(version) is not int or version != newest:
        raise error(f'"{field}" is {short(version)}; expected the version number {newest}')


def read_as(
    model: type[Model], data: Any, what: str, error: type[BeaconvizError] = BeaconvizError
) -> Model:
    """The data as a model. Raises `error` with the first validation error, in one line."""
    try:
        return model.model_validate(data)
    except ValidationError as problems:
        raise error(one_line(problems, data, what)) from None


def read_json_as(
    model: type[Model], text: str, what: str, error: type[BeaconvizError] = BeaconvizError
) -> Model:
    """A JSON text as a model, whose dataclasses are objects in JSON."""
    data = parse_json(text, what, error)
    try:
        return model.model_validate_json(text)
    except ValidationError as problems:
        raise error(one_line(problems, data, what)) from None


def one_line(error: ValidationError, data: Any, what: str) -> str:
    """The first error of pydantic: which field, what was given, what was expected.

    Args:
        data: the data that was read. what: the name of the whole in the message.
    """
    problems = error.errors(include_url=False)
    places = [_place(problem["loc"], data) for problem in problems]
    # For a union pydantic reports the errors of each choice: the best fitting one fails deepest.
    of_first = [place for place in places if place[: len(places[0])] == places[0]]
    deepest = max(of_first, key=len)
    deepest_problems = [
        problem for problem, place in zip(problems, places, strict=True) if place == deepest
    ]
    return _problem_text(deepest_problems, deepest, what)


def _problem_text(problems: Sequence[ErrorDetails], place: tuple[str | int, ...], what: str) -> str:
    first = problems[0]
    if first["type"] == "value_error":
        return f"{where(place) or what} {first['ctx']['error']}"
    if first["type"] in _FIELDS:
        *parent, field = place if first["type"] != "missing" else (*place, first["loc"][-1])
        return f"{where(parent) or what} has {_FIELDS[first['type']]} {short(field)}"
    expected = list(dict.fromkeys(map(_expected, problems)))
    choices = ", ".join(expected[:-1]) + " or " + expected[-1] if expected[1:] else expected[0]
    names = [name for text in expected for name in regex.findall(r"'([^']*)'", text)]
    complaint = f"is {short(first['input'])}"
    if first["loc"][-1:] == ("[key]",):
        place, complaint = place[:-1], f"has the key {short(place[-1])}"
    elif first["type"] in ("too_short", "too_long"):
        complaint = f"has {len(first['input']):,} entries"
    return f"{where(place) or what} {complaint}; expected {choices}{meant(first['input'], names)}"


def _expected(problem: ErrorDetails) -> str:
    template = _EXPECTED.get(problem["type"])
    if template is not None:
        return template.format(**problem.get("ctx", {}))
    return problem["msg"].removeprefix("Input should be ")


# Field errors of dataclasses; `Schema` checks its own fields.
_FIELDS = {"missing": "no", "unexpected_keyword_argument": "the unknown field"}
# Pydantic's messages in plain words, by the type of its error.
_EXPECTED = {
    "bool_type": "true or false",
    "dataclass_type": "an object",
    "dict_type": "an object",
    "float_type": "a finite number",
    "greater_than_equal": "{ge:,.10g} or more",
    "int_type": "a whole number",
    "less_than": "less than {lt:,.10g}",
    "less_than_equal": "{le:,.10g} or less",
    "list_type": "a list",
    "mapping_type": "an object",
    "model_type": "an object",
    "string_too_short": "a text that is not empty",
    "string_type": "a text",
    "too_long": "at most {max_length:,.10g}",
    "too_short": "at least {min_length:,.10g}",
    "tuple_type": "a list",
}


def _place(loc: Sequence[str | int], data: Any) -> tuple[str | int, ...]:
    """The path of an error in the data: pydantic's path without the names of union choices."""
    place = []
    for part in loc:
        if isinstance(data, dict):
            is_there = part in data
        else:
            is_there = isinstance(data, (list, tuple)) and isinstance(part, int)
        if is_there:
            data = data[part]
            place.append(part)
    return tuple(place)


def where(place: Sequence[str | int]) -> str:
    """A path in a file, written as code.

    >>> where(("edits", 0, "layers", 1))
    'edits[0].layers[1]'
    """
    parts = (f".{part}" if str(part).isidentifier() else f"[{part}]" for part in place)
    return "".join(parts).removeprefix(".")


def meant(name: Any, candidates: Collection[str]) -> str:
    """A hint with the closest known name; empty if none is close."""
    close = get_close_matches(name[:100], candidates, n=1) if isinstance(name, str) else []
    return f" (did you mean {close[0]}?)" if close else ""


def short(value: Any) -> str:
    """A value for an error message, in at most 60 characters."""
    try:
        shown = "missing" if value is None else repr(value)
    except ValueError:  # Python refuses to print a number of more than 4,300 digits
        shown = "a number of thousands of digits"
    return shown if len(shown) <= 60 else shown[:57] + "…"
