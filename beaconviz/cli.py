"""The `beaconviz` command.

Results go to standard output, everything else to standard error; what does not fit is one
line there and exit code 2. Slow imports wait until a command needs them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from beaconviz.analysis.comparison import Comparison
    from beaconviz.core.design import Design
    from beaconviz.core.words import Tokens
    from beaconviz.models.loading import Model
    from beaconviz.models.running import Run

    DesignMaker = Callable[[Model, Tokens], Design]

TOP_HEADS = 8

app = typer.Typer(
    name="beaconviz",
    help="Edit attention inside a live transformer, and see both answers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"beaconviz {version('beaconviz')}")
        raise typer.Exit


@app.callback()
def main(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Edit attention inside a live transformer, and see both answers."""


@app.command("app")
def open_studio(
    port: Annotated[
        int | None, typer.Option(help="Where to listen; 8501 or the next free.")
    ] = None,
    address: Annotated[
        str, typer.Option(help="0.0.0.0 lets other machines in; there is no password.")
    ] = "localhost",
    browser: Annotated[bool, typer.Option(help="Open a browser window.")] = True,
) -> None:
    """Open the Studio in a browser."""
    from beaconviz.samples import shipped

    # -P: modules that happen to lie where the command was started are none of ours.
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(shipped("app.py"))]
    command += ["--server.address", address]
    command += ["--server.port", str(port)] if port else []
    command += [] if browser else ["--server.headless", "true"]
    # Streamlit reads the .streamlit/config.toml that lies beside app.py.
    os.execv(command[0], command)


@app.command()
def compare(
    text: Annotated[str, typer.Argument(help='The text; "-" reads standard input.')],
    design: Annotated[Path | None, typer.Option(help="A design file.")] = None,
    preset: Annotated[str | None, typer.Option(help="The name of a preset.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the preset: word=6.")
    ] = None,
    model: Annotated[str, typer.Option(help="ner-mini, a Hub id or a folder.")] = "ner-mini",
    layer: Annotated[int | None, typer.Option(help="Only this layer's numbers.")] = None,
    head: Annotated[int | None, typer.Option(help="Only this head's numbers.")] = None,
    realign: Annotated[
        bool, typer.Option("--realign", help="Move the design to the words of this text.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a report page here.")] = None,
) -> None:
    """Run a text with and without a design, and show what changed."""
    with _errors_in_one_line():
        from beaconviz.analysis.comparison import compare as compare_runs

        make_design = _design_maker(design, preset, settings or [])
        text = sys.stdin.read() if text == "-" else text
        loaded = _load_quietly(model)
        tokens = loaded.tokenize(text)
        chosen = _fitted(make_design(loaded, tokens), tokens, realign)
        comparison = compare_runs(loaded, tokens, chosen)
        comparison.baseline.attention(layer, head)  # raises for what is not there
        if html is not None:
            _write_report(comparison, html, layer, head)
    if as_json:
        typer.echo(json.dumps(comparison.to_dict(layer, head), ensure_ascii=False, indent=2))
    else:
        _print_comparison(comparison, layer, head)


@app.command(
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    }
)
def finetune(context: typer.Context) -> None:
    """Fine-tune a named-entity model; --help says how."""
    with _errors_in_one_line():
        from beaconviz.learning.finetune import finetune_command

        command = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
        command.command()(finetune_command)
        command(args=context.args, prog_name="beaconviz finetune")


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    from beaconviz.core.errors import BeaconvizError

    try:
        yield
    except BeaconvizError as error:
        typer.echo(f"beaconviz: {' '.join(str(error).split())}", err=True)
        raise typer.Exit(2) from None


def _load_quietly(name: str) -> Model:
    """The model, without the progress bars and warnings of the libraries that load it."""
    from huggingface_hub.utils import logging as hub
    from transformers.utils import logging

    from beaconviz.models.loading import load

    hub.set_verbosity_error()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    return load(name)


def _design_maker(file: Path | None, preset: str | None, settings: list[str]) -> DesignMaker:
    """What makes the design when model and text are known; what can be refused now, is."""
    from beaconviz.core.design import Design
    from beaconviz.core.errors import BeaconvizError

    if file is not None and preset is not None:
        raise BeaconvizError("--design and --preset were both given; choose one of them")
    if settings and preset is None:
        raise BeaconvizError(f"--set {settings[0]} was given without --preset; name the preset")
    if preset is not None:
        return _preset_maker(preset, settings)
    design = None if file is None else _read_design(file)
    return lambda model, tokens: design or Design.neutral(tokens.names("word"))


def _preset_maker(name: str, given: list[str]) -> DesignMaker:
    from beaconviz.core.errors import BeaconvizError
    from beaconviz.core.presets import PRESETS

    if name not in PRESETS:
        raise BeaconvizError(f"preset is {name!r}; expected one of {', '.join(PRESETS)}")
    preset = PRESETS[name]
    settings = {**preset.settings, **dict(_setting(text, preset.settings) for text in given)}

    def make(model: Model, tokens: Tokens) -> Design:
        if "head_size" in signature(preset.make).parameters:
            settings["head_size"] = model.head_size
        return preset.make(tokens.names("word"), **settings)

    return make


def _fitted(design: Design, tokens: Tokens, realign: bool) -> Design:
    """The design on the names of this text; raises when they differ and nobody said realign."""
    from beaconviz.core.errors import BeaconvizError

    names = tokens.names(design.unit)
    if design.words == names:
        return design
    if realign:
        return design.realigned(names)
    raise BeaconvizError(
        f"the design is for other {design.unit}s than the text has ({len(design.words)}, "
        f"the text {len(names)}); --realign moves it to those that both have"
    )


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


def _read_design(file: Path) -> Design:
    from beaconviz.core.design import Design
    from beaconviz.core.errors import BeaconvizError

    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise BeaconvizError(f"cannot read {file}: {reason}; expected a design file") from None
    return Design.from_json(text)


def _write_report(comparison: Comparison, file: Path, layer: int | None, head: int | None) -> None:
    from beaconviz.core.errors import BeaconvizError
    from beaconviz.figures.report import report_html

    page = report_html(comparison, layer=layer, head=head)
    try:
        file.write_text(page, "utf-8")
    except OSError as error:
        raise BeaconvizError(f"cannot write {file}: {error.strerror}; name another file") from None
    typer.echo(f"report: {file}", err=True)


def _print_comparison(comparison: Comparison, layer: int | None, head: int | None) -> None:
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    where = f"{comparison.model_name} on {comparison.device}"
    console.print(f"{where}, M read as {comparison.design.reading}", style="dim", markup=False)
    console.print(_entity_line("baseline", comparison.baseline))
    console.print(_entity_line("edited", comparison.edited))
    for change in comparison.changes:
        console.print(f"  {change}", style="bold", markup=False)
    if comparison.baseline.labels and not comparison.changes:
        console.print("  no entity changed", style="dim")
    console.print(_word_table(comparison, layer, head))
    console.print(_head_table(comparison, layer, head))


def _entity_line(who: str, run: Run) -> Text:
    from rich.text import Text

    line, position = Text(f"{who:<9} ", style="dim"), 0
    for entity in run.entities:
        line.append(run.text[position : entity.start], style="not dim")
        line.append(f"[{run.text[entity.start : entity.end]} ", style="not dim bold")
        line.append(f"{entity.label} {entity.score:.2f}]", style="not dim bold cyan")
        position = entity.end
    return line.append(run.text[position:], style="not dim")


def _word_table(comparison: Comparison, layer: int | None, head: int | None) -> Table:
    words = comparison.words(layer, head)
    tags = [run.tags or [""] * len(words) for run in (comparison.baseline, comparison.edited)]
    numbers = ["received_baseline", "received_edited", "entropy_baseline", "entropy_edited"]
    return _table(
        ["word", "tag", "edited", "received", "edited", "entropy", "edited"],
        zip(words["word"], *tags, *(words[name] for name in numbers), strict=True),
    )


def _head_table(comparison: Comparison, layer: int | None, head: int | None) -> Table:
    metrics = comparison.metrics()
    for name, number in (("layer", layer), ("head", head)):
        metrics = metrics if number is None else metrics[metrics[name] == number]
    numbers = ["layer", "head", "divergence", "entropy_change", "distance_change"]
    most = metrics.nlargest(TOP_HEADS, "divergence")[numbers]
    rows = ((int(row[0]), int(row[1]), *row[2:]) for row in most.itertuples(index=False))
    return _table(["layer", "head", "divergence", "entropy change", "distance change"], rows)


def _table(names: list[str], rows: Iterable[Iterable[Any]]) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for name in names:
        table.add_column(name)
    for row in rows:
        table.add_row(*(Text(f"{x:.3f}" if isinstance(x, float) else str(x)) for x in row))
    return table
