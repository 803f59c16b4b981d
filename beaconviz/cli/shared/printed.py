"""Print what the model says in the terminal: a function for each kind of printed value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pandas import DataFrame
from rich.console import Console
from rich.text import Text

from beaconviz.analysis.comparison import Comparison
from beaconviz.cli.shared.common import table
from beaconviz.figures.html.numbers import probability
from beaconviz.models.tasks.entities import Entity
from beaconviz.models.tasks.values import GeneratedTexts, MarkedText, Note, Printed, Table


def print_output(console: Console, comparison: Comparison, count: int) -> None:
    """Both answers, `count` rows of a table at most, and what changed."""
    for value in comparison.printed(count):
        _PRINTERS[type(value)](console, value)
    noun = comparison.edited.output.noun
    if noun is None:
        return
    for change in comparison.changes:
        console.print(f"  {change}", style="bold", markup=False)
    if not comparison.changes:
        console.print(f"  no {noun} changed", style="dim")


def _print_table(console: Console, value: Table) -> None:
    console.print(table(list(value.headings), _in_digits(value).itertuples(index=False)))


def _in_digits(value: Table) -> DataFrame:
    """The rows of a table, with probabilities in significant digits."""
    if not value.probabilities:
        return value.frame
    columns = {name: value.frame[name].map(probability) for name in ("baseline", "edited")}
    return value.frame.assign(**columns)


def _print_marked(console: Console, value: MarkedText) -> None:
    console.print(_entity_line("baseline", value.text, value.before))
    console.print(_entity_line("edited", value.text, value.after))


def _entity_line(who: str, text: str, entities: Sequence[Entity]) -> Text:
    line, position = Text(f"{who:<9} ", style="dim"), 0
    for entity in entities:
        line.append(text[position : entity.start], style="not dim")
        line.append(f"[{text[entity.start : entity.end]} ", style="not dim bold")
        line.append(f"{entity.label} {entity.score:.2f}]", style="not dim bold cyan")
        position = entity.end
    return line.append(text[position:], style="not dim")


def _print_texts(console: Console, value: GeneratedTexts) -> None:
    console.print(f"baseline  {value.before.text}", markup=False)
    console.print(f"edited    {value.after.text}", markup=False)


def _print_note(console: Console, value: Note) -> None:
    console.print(value.text, style="bold", markup=False)


_PRINTERS: dict[type[Printed], Callable[[Console, Any], None]] = {
    Table: _print_table,
    MarkedText: _print_marked,
    GeneratedTexts: _print_texts,
    Note: _print_note,
}
