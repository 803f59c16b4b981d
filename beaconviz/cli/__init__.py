"""The `beaconviz` command.

Results go to standard output, everything else to standard error. Invalid input is one line there
and exit code 2 (`command.py`). Slow imports are inside the commands that need them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Annotated, Any

import typer

from beaconviz.cli import compare, evaluate, faithful, key, profile, retrieve, studio
from beaconviz.cli.shared.command import Command, Commands, constrained
from beaconviz.cli.shared.constraints import Constraint

app = typer.Typer(
    name="beaconviz",
    cls=Commands,
    help="Edit attention inside a live transformer, and see both answers.",
    add_completion=False,
    pretty_exceptions_show_locals=False,
)


def _show_version(show: bool) -> None:
    if show:
        typer.echo(f"beaconviz {version('beaconviz')}")
        raise typer.Exit


@app.callback()
def main(
    show_version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Edit attention inside a live transformer, and see both answers."""


app.command("app", cls=Command)(studio.open_studio)
app.command(cls=constrained(*compare.CONSTRAINTS))(compare.compare)
app.command(cls=constrained(*key.CONSTRAINTS))(key.key)
app.command(cls=constrained(*faithful.CONSTRAINTS))(faithful.faithful)
app.command(cls=constrained(*retrieve.CONSTRAINTS))(retrieve.retrieve)
app.command(cls=constrained(*evaluate.CONSTRAINTS))(evaluate.evaluate)
app.command(cls=constrained(*profile.CONSTRAINTS))(profile.profile)


# Training commands: listing their options needs torch, so each is imported only when it is called.
_LATER: dict[str, Any] = {
    "context_settings": {
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        "help_option_names": [],
    }
}


@app.command(**_LATER)
def finetune(context: typer.Context) -> None:
    """Fine-tune a named-entity model; --help lists its options."""
    from beaconviz.cli.finetune import CONSTRAINTS, finetune_command

    _run("finetune", finetune_command, CONSTRAINTS, context.args)


@app.command(**_LATER)
def elastic(context: typer.Context) -> None:
    """Train beacons that a module makes for every sentence; --help lists its options."""
    from beaconviz.cli.elastic import CONSTRAINTS, elastic_command

    _run("elastic", elastic_command, CONSTRAINTS, context.args)


@app.command("train-translator", **_LATER)
def train_translator(context: typer.Context) -> None:
    """Train a translator; --help lists its options."""
    from beaconviz.cli.translator import CONSTRAINTS, translator_command

    _run("train-translator", translator_command, CONSTRAINTS, context.args)


def _run(
    name: str,
    function: Callable[..., None],
    constraints: Sequence[Constraint],
    arguments: list[str],
) -> None:
    command = typer.Typer(add_completion=False)
    command.command(cls=constrained(*constraints))(function)
    typer.main.get_command(command).main(
        arguments, prog_name=f"beaconviz {name}", standalone_mode=False
    )
