"""Field types of rules; see `core.schema` for their error messages."""

from __future__ import annotations

from math import prod
from typing import Annotated, Any, TypeVar

import regex
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from beaconviz.core.edit import MAX_VALUE
from beaconviz.core.schema import short

T = TypeVar("T")

MOST = 1_000_000
MAX_PATTERN = 1_000  # characters of a regular expression
MAX_COPIES = 1_000  # a{500} compiles to 500 a's, and (a{500}){500} to 250,000
_COUNTS = regex.compile(r"\{\s*0*([1-9]\d*)")  # the least number of repeats


def _not_none(data: Any) -> Any:
    if data is None:
        raise ValueError("is empty; expected a value: give one, or leave the field out")
    return data


def _not_empty(data: Any) -> Any:
    if data == {}:
        raise ValueError("is {}; expected a field or more")
    return data


def _word(data: Any) -> Any:
    if not isinstance(data, str) or not data:
        raise ValueError(f"is {short(data)}; expected a word: put it in quotes")
    return data


def _value(data: Any) -> Any:
    if type(data) not in (int, float) or not abs(data) <= MAX_VALUE:  # nan compares false
        expected = f"a number from -{MAX_VALUE:g} to {MAX_VALUE:g}"
        raise ValueError(f"is {short(data)}; expected {expected}")
    return data


def _says_something(text: str) -> str:
    if not text.strip():
        raise ValueError(f"is {short(text)}; expected a text that is not empty")
    return text


def _regular_expression(pattern: str) -> str:
    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"has {len(pattern):,} characters; at most {MAX_PATTERN:,} fit")
    if prod(int(count[:9]) for count in _COUNTS.findall(pattern)) > MAX_COPIES:
        raise ValueError(
            f"is {short(pattern)}, whose counts come to more than {MAX_COPIES:,} copies: "
            "use smaller ones, or + and *"
        )
    try:
        regex.compile(pattern)
    except (regex.error, ValueError, KeyError, OverflowError, RecursionError, MemoryError) as error:
        raise ValueError(f"is {short(pattern)}, which is no regular expression: {error}") from None
    return pattern


# An optional field, which is not empty if it is present.
Given = Annotated[T | None, BeforeValidator(_not_none)]
# An object with at least one field.
NotEmpty = Annotated[T, BeforeValidator(_not_empty)]
Text = Annotated[str, AfterValidator(_says_something)]
RegularExpression = Annotated[Text, AfterValidator(_regular_expression)]
Word = Annotated[str, BeforeValidator(_word)]
Whole = Annotated[int, Field(ge=0, le=MOST)]
# A place in a sentence; -1 is the last.
Position = Annotated[int, Field(ge=-MOST, le=MOST)]
# The value of a cell of M or A.
Value = Annotated[
    float,
    BeforeValidator(_value),
    PlainSerializer(lambda value: int(value) if value.is_integer() else value),
]
