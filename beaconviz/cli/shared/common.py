"""Shared by commands: loading a model, designs from options, reading and writing files."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterable, Sequence
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beaconviz.cli.shared.command import remark
from beaconviz.core.errors import BeaconvizError

if TYPE_CHECKING:
    from rich.table import Table

    from beaconviz.core.design import Design
    from beaconviz.models.model import Model

    DesignMaker = Callable[[Model, Sequence[str]], Design]  # for the words of a text

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def load_quietly(name: str, task: str | None = None) -> Model:
    """Loads a model without the progress bars and warnings of libraries; its remarks are printed at
    the end."""
    from huggingface_hub.utils import logging as hub
    from transformers.utils import logging

    from beaconviz.models.loading import load

    hub.set_verbosity_error()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    model = load(name, task=task)
    for text in model.remarks:
        remark(text)
    return model


def design_maker(
    file: Path | None, preset: str | None, settings: list[str], learned: Path | None = None
) -> DesignMaker:
    """A function that makes the design for a model and text; a bad file or preset is refused
    now."""
    from beaconviz.core.design import Design

    if preset is not None:
        return preset_maker(preset, settings)
    if learned is not None:
        from beaconviz.runs.learned_beacons import as_design, load_learned

        return lambda model, words: as_design(model, load_learned(learned, model), words)
    design = None if file is None else read_design(file)
    return lambda model, words: design or Design.neutral(words)


def preset_maker(name: str, assignments: list[str]) -> DesignMaker:
    from beaconviz.core.presets import PRESETS

    if name not in PRESETS:
        raise BeaconvizError(f"preset is {name!r}; expected one of {', '.join(PRESETS)}")
    preset = PRESETS[name]
    settings = {**preset.settings, **dict(_setting(text, preset.settings) for text in assignments)}

    def make(model: Model, words: Sequence[str]) -> Design:
        if "head_size" in signature(preset.make).parameters:
            settings["head_size"] = model.head_size
        design: Design = preset.make(words, **settings)
        return design

    return make


def _setting(text: str, defaults: dict[str, Any]) -> tuple[str, Any]:
    """The name and value of NAME=VALUE; a value is a number, or several separated by commas.

    >>> _setting("highlighted=0,3", {"highlighted": (0,)})
    ('highlighted', [0, 3])
    """
    name, _, value = text.partition("=")
    if name not in defaults:
        names = ", ".join(defaults) or "none: this preset has no settings"
        raise BeaconvizError(f"--set {text} names the setting {name!r}; known are {names}")
    several = isinstance(defaults[name], tuple)
    numbers = _numbers(value)
    if numbers is None or not numbers or (len(numbers) > 1 and not several):
        expected = f"numbers separated by commas, {name}=0,1" if several else f"a number, {name}=1"
        raise BeaconvizError(f"--set {text}: {value!r} is not a number; expected {expected}")
    return name, numbers if several else numbers[0]


def _numbers(text: str) -> list[int | float] | None:
    """Finite numbers separated by commas; None for anything else."""
    try:
        values = json.loads(f"[{text}]")
    except (ValueError, RecursionError):
        return None
    return values if all(map(_is_number, values)) else None


def _is_number(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(value) < 1e300 and math.isfinite(value)


def read_design(file: Path) -> Design:
    """The design in a file."""
    from beaconviz.core.design import Design

    return Design.from_json(read_text(file, "a design file"))


def read_text(file: Path, expected: str) -> str:
    """The text of a file; `expected` says what it should hold."""
    from beaconviz.data import textfile

    return textfile.read_text(file, expected)


def argument_text(text: str) -> str:
    """The text of an argument, where "-" stands for standard input."""
    from beaconviz.data.textfile import decode

    if text != "-":
        return text
    if sys.stdin is None:
        raise BeaconvizError(
            "the text is -, and standard input is closed: type the text, or pipe it"
        )
    return decode(sys.stdin.buffer.read(), "standard input")


def check_folder(file: Path) -> None:
    """Refuses a file that cannot be written, before minutes of work."""
    if file.is_dir():
        raise BeaconvizError(f"cannot write {file}: it is a folder; name a file in it")
    if not file.parent.is_dir():
        raise BeaconvizError(
            f"cannot write {file}: there is no folder {file.parent}; make it first"
        )


def write_text(file: Path, text: str) -> None:
    """Writes a page to a file and reports its path."""
    try:
        file.write_text(text, "utf-8", errors="backslashreplace")
    except OSError as error:
        raise BeaconvizError(f"cannot write {file}: {error.strerror}; name another file") from None
    remark(f"report: {file}")


def print_json(data: Any) -> None:
    """Prints data as JSON, with escapes where the output is not UTF-8."""
    encoding = (getattr(sys.stdout, "encoding", None) or "utf-8").lower().replace("-", "")
    typer.echo(json.dumps(data, ensure_ascii=encoding != "utf8", indent=2, allow_nan=False))


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
