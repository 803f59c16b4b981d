"""The `beaconviz` command.

Results go to standard output, everything else to standard error; what does not fit is one
line there and exit code 2. Slow imports wait until a command needs them.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version
from typing import Annotated, Any

import typer

from beaconviz.cli.common import errors_in_one_line
from beaconviz.cli.compare import compare
from beaconviz.cli.evaluate import evaluate
from beaconviz.cli.faithful import faithful
from beaconviz.cli.key import key
from beaconviz.cli.profile import profile
from beaconviz.cli.retrieve import retrieve
from beaconviz.cli.studio import open_studio

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


app.command("app")(open_studio)
app.command()(compare)
app.command()(key)
app.command()(faithful)
app.command()(retrieve)
app.command()(evaluate)
app.command()(profile)


# Their options are many and need torch to be listed: each is read when it is asked for.
_LATER: dict[str, Any] = {
    "context_settings": {
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    }
}


@app.command(**_LATER)
def finetune(context: typer.Context) -> None:
    """Fine-tune a named-entity model; --help says how."""
    with errors_in_one_line():
        from beaconviz.cli.finetune import finetune_command

        _run("finetune", finetune_command, context.args)


@app.command(**_LATER)
def elastic(context: typer.Context) -> None:
    """Train beacons that a module makes for every sentence; --help says how."""
    with errors_in_one_line():
        from beaconviz.cli.elastic import elastic_command

        _run("elastic", elastic_command, context.args)


@app.command("train-translator", **_LATER)
def train_translator(context: typer.Context) -> None:
    """Train a translator; --help says how."""
    with errors_in_one_line():
        from beaconviz.cli.translator import translator_command

        _run("train-translator", translator_command, context.args)


def _run(name: str, function: Callable[..., None], arguments: list[str]) -> None:
    command = typer.Typer(add_completion=False, pretty_exceptions_show_locals=False)
    command.command()(function)
    command(args=arguments, prog_name=f"beaconviz {name}")
