"""The rule file: YAML to `Rule` and back, with errors that name the step and the field.

    beaconviz-rule: 1
    name: Names look at names nearby
    about: What it is for, in a line
    reading: product            # or gate, or mask
    steps:                      # one or more
      - words: {shape: title}   # the words caught; left out, every word
        rows: {within: 3}       # for which rows; left out, all
        beacon: 6               # or marker: a number, or a mapping that goes by distance
        layers: [3, 4, 5]       # left out, all
        heads: all

All fields of `words`, `rows` and an amount are in the tables below; those that are given have to
hold together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from math import prod
from typing import Any, NamedTuple, Protocol, get_args

import regex

from beaconviz.core.edit import MATRICES
from beaconviz.core.interventions import INTERVENTIONS, READINGS, Reading
from beaconviz.rules.fields import (
    MOST,
    a_choice,
    a_list,
    a_mapping,
    a_number,
    a_text,
    a_truth,
    a_whole,
    short,
    some_heads,
    some_numbers,
)
from beaconviz.rules.plain_yaml import dump_yaml, load_yaml
from beaconviz.rules.steps import EVERY_ROW, Amount, Matrix, Rows, Step
from beaconviz.rules.words import (
    Mention,
    Pattern,
    PositionRange,
    RuleError,
    Shape,
    compiled_pattern,
)

VERSION = 1
MAX_STEPS = 100
MAX_PATTERN = 1_000  # characters of a regular expression
MAX_COPIES = 1_000  # a{500} compiles to 500 a's, and (a{500}){500} to 250,000
_COUNTS = regex.compile(r"\{\s*0*([1-9]\d*)")  # the least number of repeats
_RULE = ("beaconviz-rule", "name", "about", "reading", "steps")
_STEP = ("words", "rows", "beacon", "marker", "layers", "heads")


class RuleFields(NamedTuple):
    """What a rule is made of, in the order that `Rule` takes it."""

    name: str
    steps: tuple[Step, ...]
    about: str
    reading: Reading


class RuleLike(Protocol):
    """A rule, as far as its file is concerned."""

    @property
    def name(self) -> str: ...
    @property
    def steps(self) -> tuple[Step, ...]: ...
    @property
    def about(self) -> str: ...
    @property
    def reading(self) -> Reading: ...


def read_rule(text: str) -> RuleFields:
    """Reads a rule file.

    Raises:
        RuleError: not YAML, not a rule, or a field that does not fit.
    """
    data = a_mapping("the rule", load_yaml(text), _RULE)
    version = data.get("beaconviz-rule")
    if isinstance(version, bool) or version != VERSION:
        raise RuleError(
            f"beaconviz-rule is {short(version)}; expected the version number {VERSION}"
            + (": update beaconviz" if isinstance(version, int) and version > VERSION else "")
        )
    name = a_text("name", data.get("name"))
    about = a_text("about", data["about"]) if "about" in data else ""
    reading = a_choice("reading", data.get("reading", "product"), READINGS)
    steps = a_list("steps", data.get("steps"), "steps")
    if not 0 < len(steps) <= MAX_STEPS:
        raise RuleError(f"steps has {len(steps)} entries; expected 1 to {MAX_STEPS}")
    read = (_step(f"step {number}", step, reading) for number, step in enumerate(steps, start=1))
    return RuleFields(name, tuple(read), about, reading)


def write_rule(rule: RuleLike) -> str:
    """The rule as YAML that a person can read, without what is default."""
    data: dict[str, Any] = {"beaconviz-rule": VERSION, "name": rule.name}
    data |= {"about": rule.about} if rule.about else {}
    data |= {"reading": rule.reading, "steps": [_step_out(step) for step in rule.steps]}
    return dump_yaml(data)


def _step(where: str, data: Any, reading: Reading) -> Step:
    step = a_mapping(where, data, _STEP)
    given = [name for name in MATRICES if step.get(name) is not None]
    if len(given) != 1:
        found = "both a beacon and a marker" if given else "neither beacon nor marker"
        raise RuleError(f"{where} has {found}; expected one: make a step for each")
    matrix: Matrix = "beacon" if given == ["beacon"] else "marker"
    amount = _amount(f"{where}, {matrix}", step[matrix])
    if matrix == "marker":
        _check_values(f"{where}, marker", amount, reading)
    return Step(
        matrix,
        amount,
        _words_of(f"{where}, words", step.get("words", "all")),
        _rows(f"{where}, rows", step.get("rows", "all")),
        some_numbers(f"{where}, layers", step.get("layers", "all")),
        some_heads(f"{where}, heads", step.get("heads", "all")),
    )


def _check_values(where: str, amount: Amount, reading: Reading) -> None:
    values = INTERVENTIONS[reading].values
    if values is None or (amount.is_constant and amount.start in values):
        return
    given = f"{amount.start:g}" if amount.is_constant else "a function of distance"
    known = " or ".join(f"{value:g}" for value in values)
    raise RuleError(f"{where} is {given}; in the {reading} reading a marker is {known}")


def _words_of(where: str, data: Any) -> Pattern:
    return Pattern() if data == "all" else _pattern(where, data)


def _pattern(where: str, data: Any) -> Pattern:
    # A "not" within a "not" would say nothing new.
    known = [key for key in _PATTERN if key != "not" or not where.endswith(".not")]
    given = a_mapping(where, data, tuple(known), empty=False)
    read = {
        _PATTERN[key].name: _PATTERN[key].read(f"{where}.{key}", value)
        for key, value in given.items()
    }
    return Pattern(**read)


def _rows(where: str, data: Any) -> Rows:
    if data == "all":
        return EVERY_ROW
    given = a_mapping(where, data, tuple(_ROWS), empty=False)
    return Rows(**{key: _ROWS[key](f"{where}.{key}", value) for key, value in given.items()})


def _amount(where: str, data: Any) -> Amount:
    if not isinstance(data, Mapping):
        return Amount(start=a_number(where, data))
    given = a_mapping(where, data, tuple(_AMOUNT))
    if not {"per_word", "log"} & given.keys():
        raise RuleError(f"{where} has neither per_word nor log; give one, or a plain number")
    read: dict[str, Any] = {
        name: (a_whole if key == "from" else a_number)(f"{where}.{key}", given[key])
        for key, name in _AMOUNT.items()
        if key in given
    }
    amount = Amount(**read)
    if amount.least > amount.most:
        raise RuleError(f"{where}.least is {amount.least:g}, which is above most, {amount.most:g}")
    if amount.is_constant:
        return Amount(start=max(amount.least, min(amount.start, amount.most)))
    return amount


def _span(where: str, data: Any) -> PositionRange:
    if data in ("first", "last"):
        data = 0 if data == "first" else -1
    if not isinstance(data, Mapping):
        place = a_whole(where, data, -MOST, 'first, last, a number, or {"from", "to", "every"}')
        return PositionRange(place, place)
    given = a_mapping(where, data, ("from", "to", "every"), empty=False)
    return PositionRange(
        a_whole(f"{where}.from", given.get("from", 0), -MOST),
        a_whole(f"{where}.to", given.get("to", -1), -MOST),
        a_whole(f"{where}.every", given.get("every", 1), 1),
    )


def _length(where: str, data: Any) -> tuple[int | None, int | None]:
    given = a_mapping(where, data, ("min", "max"), empty=False)
    low, high = (
        a_whole(f"{where}.{key}", given[key]) if key in given else None for key in ("min", "max")
    )
    if low is not None and high is not None and low > high:
        raise RuleError(f"{where}.min is {low}, which is above max, {high}")
    return low, high


def _regular_expression(where: str, data: Any) -> str:
    pattern = a_text(where, data)
    if len(pattern) > MAX_PATTERN:
        raise RuleError(f"{where} has {len(pattern):,} characters; at most {MAX_PATTERN:,} fit")
    if prod(int(count[:9]) for count in _COUNTS.findall(pattern)) > MAX_COPIES:
        raise RuleError(
            f"{where} is {short(pattern)}, whose counts come to more than {MAX_COPIES:,} copies: "
            "use smaller ones, or + and *"
        )
    try:
        compiled_pattern(pattern)
    except (regex.error, ValueError, KeyError, OverflowError, RecursionError, MemoryError) as error:
        raise RuleError(
            f"{where} is {short(pattern)}, which is no regular expression: {error}"
        ) from None
    return pattern


def _words(where: str, data: Any) -> tuple[str, ...]:
    words = a_list(where, data, "words")
    for place, word in enumerate(words):
        if not isinstance(word, str) or not word:
            raise RuleError(f"{where}[{place}] is {short(word)}; expected a word: put it in quotes")
    return tuple(words)


def _shapes(where: str, data: Any) -> tuple[Shape, ...]:
    shapes = data if isinstance(data, list) and data else [data]
    return tuple(a_choice(where, shape, get_args(Shape)) for shape in shapes)


@dataclass(frozen=True)
class _Field:
    """A field of `words`: what `Pattern` calls it, how it is read and written."""

    name: str
    read: Callable[[str, Any], Any]
    write: Callable[[Any], Any] = lambda value: value


_PATTERN: dict[str, _Field] = {
    "match": _Field("match", _regular_expression),
    "shape": _Field("shape", _shapes, list),
    "in": _Field("among", _words, list),
    "punctuation": _Field("punctuation", a_truth),
    "position": _Field(
        "position", _span, lambda span: {"from": span.start, "to": span.end, "every": span.every}
    ),
    "length": _Field(
        "length",
        _length,
        lambda ends: {k: n for k, n in zip(("min", "max"), ends, strict=True) if n is not None},
    ),
    "mention": _Field("mention", lambda where, data: a_choice(where, data, get_args(Mention))),
    "not": _Field(
        "opposite",
        _pattern,
        lambda pattern: _pattern_out(pattern),
    ),
}
_ROWS: dict[str, Callable[[str, Any], Any]] = {
    "within": a_whole,
    "beyond": a_whole,
    "clause": lambda where, data: a_choice(where, data, ("same", "other")),
    "mention": lambda where, data: a_choice(where, data, ("same",)),
    "words": _pattern,
}
_AMOUNT = {
    "start": "start",
    "per_word": "per_word",
    "log": "log",
    "from": "beyond",
    "least": "least",
    "most": "most",
}


def _step_out(step: Step) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if step.words != Pattern():
        data["words"] = _pattern_out(step.words)
    if step.rows != EVERY_ROW:
        rows = {field.name: getattr(step.rows, field.name) for field in fields(Rows)}
        rows["words"] = step.rows.words and _pattern_out(step.rows.words)
        data["rows"] = {key: value for key, value in rows.items() if value is not None}
    data[step.matrix] = _amount_out(step.amount)
    if step.layers != "all":
        data["layers"] = list(step.layers)
    if isinstance(step.heads, Mapping):
        data["heads"] = {layer: list(heads) for layer, heads in step.heads.items()}
    elif step.heads != "all":
        data["heads"] = list(step.heads)
    return data


def _pattern_out(pattern: Pattern) -> dict[str, Any]:
    given = {key: getattr(pattern, field.name) for key, field in _PATTERN.items()}
    return {key: _PATTERN[key].write(value) for key, value in given.items() if value is not None}


def _amount_out(amount: Amount) -> Any:
    if amount.is_constant:
        return _plain(amount.start)
    neutral = Amount()
    given = {key: getattr(amount, name) for key, name in _AMOUNT.items()}
    return {
        key: _plain(value)
        for key, value in given.items()
        if value != getattr(neutral, _AMOUNT[key])
    }


def _plain(value: float) -> float:
    return int(value) if float(value).is_integer() else value
