"""Show the progress of a long command on standard error."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, TypeVar

import typer

ShowProgress = Annotated[
    bool | None,
    typer.Option(
        "--progress/--no-progress",
        help="Show progress on standard error; by default where that is a terminal.",
    ),
]
Report = Callable[[int, int], None]  # called with the parts done and the total
Item = TypeVar("Item")

BETWEEN_LINES = 2.0  # seconds


@contextmanager
def progress(noun: str, shown: bool | None) -> Iterator[Report]:
    """A function to report the parts done: shown as a bar on a terminal, as lines elsewhere.

    Args:
        noun: the counted parts.
        shown: None shows the bar on a terminal, and nothing elsewhere.
    """
    if not (sys.stderr.isatty() if shown is None else shown):
        yield lambda done, count: None
    elif sys.stderr.isatty():
        with _bar(noun) as report:
            yield report
    else:
        yield _lines(noun)


def tracked(items: Iterable[Item], count: int, noun: str, shown: bool | None) -> Iterator[Item]:
    """The items, with progress."""
    with progress(noun, shown) as report:
        report(0, count)
        for done, item in enumerate(items, 1):
            report(done, count)
            yield item


@contextmanager
def _bar(noun: str) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn(noun), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)
        yield lambda done, count: bar.update(task, completed=done, total=count)


def _lines(noun: str) -> Report:
    """A line at the start, at the end, and every few seconds between."""
    last = -BETWEEN_LINES

    def report(done: int, count: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= BETWEEN_LINES or done == count:
            last = now
            typer.echo(f"{noun}: {done} of {count}", err=True)

    return report
