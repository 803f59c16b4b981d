"""What commands share: errors in one line, loading a model, the designs that options name."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from beaconviz.core.design import Design
    from beaconviz.models.model import Model

    DesignMaker = Callable[[Model, Sequence[str]], Design]  # for the words of a text


@contextmanager
def errors_in_one_line() -> Iterator[None]:
    from beaconviz.core.errors import BeaconvizError

    try:
        yield
    except BeaconvizError as error:
        typer.echo(f"beaconviz: {' '.join(str(error).split())}", err=True)
        raise typer.Exit(2) from None


def load_quietly(name: str, task: str | None = None) -> Model:
    """The model, without the progress bars and warnings of the libraries that load it."""
    from huggingface_hub.utils import logging as hub
    from transformers.utils import logging

    from beaconviz.models.loading import load

    hub.set_verbosity_error()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    return load(name, task=task)


def design_maker(
    file: Path | None, preset: str | None, settings: list[str], learned: Path | None = None
) -> DesignMaker:
    """What makes the design when model and text are known; what can be refused now, is."""
    from beaconviz.core.design import Design
    from beaconviz.core.errors import BeaconvizError

    given = {"--design": file, "--preset": preset, "--learned": learned}
    named = [name for name, value in given.items() if value is not None]
    if len(named) > 1:
        raise BeaconvizError(f"{' and '.join(named)} were given; choose one of them")
    if settings and preset is None:
        raise BeaconvizError(f"--set {settings[0]} was given without --preset; name the preset")
    if preset is not None:
        return preset_maker(preset, settings)
    if learned is not None:
        from beaconviz.runs.learned_beacons import as_design, load_learned

        return lambda model, words: as_design(model, load_learned(learned, model), words)
    design = None if file is None else read_design(file)
    return lambda model, words: design or Design.neutral(words)


def preset_maker(name: str, given: list[str]) -> DesignMaker:
    from beaconviz.core.errors import BeaconvizError
    from beaconviz.core.presets import PRESETS

    if name not in PRESETS:
        raise BeaconvizError(f"preset is {name!r}; expected one of {', '.join(PRESETS)}")
    preset = PRESETS[name]
    settings = {**preset.settings, **dict(_setting(text, preset.settings) for text in given)}

    def make(model: Model, words: Sequence[str]) -> Design:
        if "head_size" in signature(preset.make).parameters:
            settings["head_size"] = model.head_size
        return preset.make(words, **settings)

    return make


def _setting(text: str, known: dict[str, Any]) -> tuple[str, Any]:
    """The name and value of NAME=VALUE; a value is a number, or several with commas between."""
    from beaconviz.core.errors import BeaconvizError

    name, _, value = text.partition("=")
    if name not in known:
        names = ", ".join(known) or "none: this preset has no settings"
        raise BeaconvizError(f"--set {text} names the setting {name!r}; known are {names}")
    try:
        return name, json.loads(f"[{value}]" if isinstance(known[name], tuple) else value)
    except ValueError:
        raise BeaconvizError(f"--set {text}: {value!r} is no number; try {name}=1") from None


def read_design(file: Path) -> Design:
    """The design in a file."""
    from beaconviz.core.design import Design

    return Design.from_json(read_text(file, "a design file"))


def read_text(file: Path, expected: str) -> str:
    """The text of a file; `expected` says what it should hold."""
    from beaconviz.data import textfile

    return textfile.read_text(file, expected)


def given_text(text: str) -> str:
    """The text of an argument, where "-" stands for standard input."""
    from beaconviz.data.textfile import decode

    return decode(sys.stdin.buffer.read(), "standard input") if text == "-" else text


def check_folder(file: Path) -> None:
    """Says now, and not after minutes of work, that there is no place for a file."""
    from beaconviz.core.errors import BeaconvizError

    if not file.parent.is_dir():
        raise BeaconvizError(
            f"cannot write {file}: there is no folder {file.parent}; make it first"
        )


def write_text(file: Path, text: str) -> None:
    """Writes a page that was asked for, and says where it is."""
    from beaconviz.core.errors import BeaconvizError

    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise BeaconvizError(f"cannot write {file}: {error.strerror}; name another file") from None
    typer.echo(f"report: {file}", err=True)


def table(names: list[str], rows: Iterable[Iterable[Any]]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for name in names:
        table.add_column(name)
    for row in rows:
        table.add_row(*(Text(f"{x:.3f}" if isinstance(x, float) else str(x)) for x in row))
    return table
