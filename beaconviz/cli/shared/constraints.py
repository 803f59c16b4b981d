"""Which options of a command can be combined.

`Command` checks its constraints before it starts, so that no option is silently ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from beaconviz.core.errors import BeaconvizError

Values = Mapping[str, Any]  # by option name such as "--set"; defaults included


class Constraint(Protocol):
    def problem(self, named_options: Sequence[str], values: Values) -> str | None:
        """The error and how to fix it; None if there is none.

        named_options: those on the command line. values: of all options.
        """


@dataclass(frozen=True)
class AtMostOne:
    """Options that exclude each other."""

    options: tuple[str, ...]

    def problem(self, named_options: Sequence[str], values: Values) -> str | None:
        conflicting = [option for option in self.options if option in named_options]
        if len(conflicting) < 2:
            return None
        return f"{' and '.join(conflicting)} were given; choose one of them"


@dataclass(frozen=True)
class ExactlyOne:
    """Options of which exactly one is needed; `subject` says what they give."""

    options: tuple[str, ...]
    subject: str

    def problem(self, named_options: Sequence[str], values: Values) -> str | None:
        if any(option in named_options for option in self.options):
            return AtMostOne(self.options).problem(named_options, values)
        return f"{self.subject} is missing; give one of {', '.join(self.options)}"


@dataclass(frozen=True)
class OnlyWith:
    """Options without effect unless a condition holds; `condition` names it as options."""

    options: tuple[str, ...]
    condition: str
    holds: Callable[[Values], bool]

    def problem(self, named_options: Sequence[str], values: Values) -> str | None:
        present = [option for option in self.options if option in named_options]
        if not present or self.holds(values):
            return None
        return f"{present[0]} has no effect without {self.condition}; add it, or leave {present[0]} out"


def needs(option: str, required: str) -> OnlyWith:
    """`option` has no effect unless `required` is given too."""
    return OnlyWith(
        (option,), required, lambda values: values[required] not in (None, False, [], ())
    )


def check(constraints: Sequence[Constraint], named_options: Sequence[str], values: Values) -> None:
    """Checks all constraints; conflicts are reported before missing options.

    Raises:
        BeaconvizError: options that cannot be combined.
    """
    for constraint in sorted(constraints, key=lambda rule: not isinstance(rule, AtMostOne)):
        if (problem := constraint.problem(named_options, values)) is not None:
            raise BeaconvizError(problem)
