"""Which options of a command go together: a table for each command, checked at one place.

`Command` checks the table before the command starts, so that no option is ever ignored in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from beaconviz.core.errors import BeaconvizError

Values = Mapping[str, Any]  # by option as it is typed, "--set"; defaults included


class Constraint(Protocol):
    def problem(self, given: Sequence[str], values: Values) -> str | None:
        """What is wrong and how to mend it; None where nothing is.

        given: the options that were typed; values: of all options.
        """


@dataclass(frozen=True)
class AtMostOne:
    """Options that exclude each other."""

    options: tuple[str, ...]

    def problem(self, given: Sequence[str], values: Values) -> str | None:
        named = [option for option in self.options if option in given]
        if len(named) < 2:
            return None
        return f"{' and '.join(named)} were given; choose one of them"


@dataclass(frozen=True)
class ExactlyOne:
    """Options of which one is needed, and that exclude each other; `what` they stand for."""

    options: tuple[str, ...]
    what: str

    def problem(self, given: Sequence[str], values: Values) -> str | None:
        if any(option in given for option in self.options):
            return AtMostOne(self.options).problem(given, values)
        return f"{self.what} is missing; give one of {', '.join(self.options)}"


@dataclass(frozen=True)
class OnlyWith:
    """Options without effect unless a condition holds; `what` names the condition, as typed."""

    options: tuple[str, ...]
    what: str
    holds: Callable[[Values], bool]

    def problem(self, given: Sequence[str], values: Values) -> str | None:
        named = [option for option in self.options if option in given]
        if not named or self.holds(values):
            return None
        return f"{named[0]} has no effect without {self.what}; add it, or leave {named[0]} out"


def needs(option: str, other: str) -> OnlyWith:
    """`option` has no effect unless `other` is given too."""
    return OnlyWith((option,), other, lambda values: values[other] not in (None, False, [], ()))


def check(constraints: Sequence[Constraint], given: Sequence[str], values: Values) -> None:
    """Options that exclude each other are named before what is missing.

    Raises:
        BeaconvizError: options that do not go together.
    """
    for constraint in sorted(constraints, key=lambda each: not isinstance(each, AtMostOne)):
        if (problem := constraint.problem(given, values)) is not None:
            raise BeaconvizError(problem)
