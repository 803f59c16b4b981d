"""Checks of single fields; an error says where, what was found and what was expected."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import Any, Literal, TypeVar

from beaconviz.core.edit import MAX_VALUE, Heads
from beaconviz.rules.words import RuleError

T = TypeVar("T")

MOST = 1_000_000  # what a whole number may be; layers and heads are checked against the model


def a_whole(where: str, data: Any, least: int = 0, expected: str = "") -> int:
    """A whole number of `least` or more."""
    if isinstance(data, bool) or not isinstance(data, int) or not least <= data <= MOST:
        expected = expected or f"a whole number{f' of {least} or more' if least >= 0 else ''}"
        raise RuleError(f"{where} is {short(data)}; expected {expected}")
    return data


def a_number(where: str, data: Any) -> float:
    """A finite number that a cell can hold."""
    is_number = isinstance(data, (int, float)) and not isinstance(data, bool)
    if not (is_number and abs(data) <= MAX_VALUE):  # nan compares false
        raise RuleError(
            f"{where} is {short(data)}; expected a number from -{MAX_VALUE:g} to {MAX_VALUE:g}"
        )
    return float(data)


def a_truth(where: str, data: Any) -> bool:
    """True or false."""
    return bool(a_choice(where, data, (True, False)))


def a_text(where: str, data: Any) -> str:
    """A text that says something."""
    if not isinstance(data, str) or not data.strip():
        raise RuleError(f"{where} is {short(data)}; expected a text")
    return data


def a_choice(where: str, data: Any, choices: Collection[T]) -> T:
    """One of the choices."""
    for choice in choices:
        if type(data) is type(choice) and data == choice:
            return choice
    names = [str(choice).lower() if isinstance(choice, bool) else choice for choice in choices]
    expected = ", ".join(map(str, names[:-1])) + f" or {names[-1]}" if names[1:] else str(names[0])
    raise RuleError(f"{where} is {short(data)}; expected {expected}{meant(data, names)}")


def a_list(where: str, data: Any, of: str) -> list[Any]:
    """A list of whatever; `of` says of what it should be."""
    if not isinstance(data, list):
        raise RuleError(f"{where} is {short(data)}; expected a list of {of}")
    return data


def a_mapping(
    where: str, data: Any, known: tuple[str, ...], *, empty: bool = True
) -> dict[str, Any]:
    """A mapping of known fields."""
    if not isinstance(data, dict) or not (data or empty):
        raise RuleError(f"{where} is {short(data)}; expected a mapping of {', '.join(known)}")
    for key in data:
        if key not in known:
            raise RuleError(
                f"{where} has the unknown field {short(key)}{meant(key, known)}; "
                f"known are {', '.join(known)}"
            )
    return data


def some_heads(where: str, data: Any) -> Heads:
    """All heads, a list, or a list for each layer, as in the design file."""
    if not isinstance(data, Mapping):
        return some_numbers(where, data)
    heads = {}
    for layer, numbers in data.items():
        a_whole(f"{where}, layer", layer)
        heads[layer] = tuple(a_list(f"{where}[{layer}]", numbers, "numbers"))
        some_numbers(f"{where}[{layer}]", numbers)
    return heads


def some_numbers(where: str, data: Any) -> Literal["all"] | tuple[int, ...]:
    """All of them, or a list."""
    if data == "all":
        return "all"
    numbers = a_list(where, data, 'numbers, or "all"')
    return tuple(a_whole(f"{where}[{place}]", number) for place, number in enumerate(numbers))


def meant(found: Any, known: Collection[Any]) -> str:
    """The name that was probably meant, as an aside."""
    close = get_close_matches(str(found), [str(name) for name in known], n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def short(value: Any) -> str:
    """A value as an error shows it."""
    try:
        shown = "missing" if value is None else repr(value)
    except ValueError:  # Python writes out no number of more than 4,300 digits
        shown = "a number of thousands of digits"
    return shown if len(shown) <= 60 else shown[:57] + "…"
