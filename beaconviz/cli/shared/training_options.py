"""The options of the training commands, each declared once, by the name of its setting.

Type and default come from the settings class; the help text is here, or with the one command that
has the option.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import wraps
from inspect import Parameter, Signature
from typing import Annotated, Any, TypeVar, get_type_hints

import transformers
import typer

from beaconviz.cli.shared.constraints import OnlyWith
from beaconviz.training.settings import RunSettings

Given = TypeVar("Given", bound=RunSettings)

OPTIONS: Mapping[str, Any] = {
    "train": typer.Argument(help="CoNLL file to learn from: token<TAB>tag lines."),
    "dev": typer.Option(help="CoNLL file to choose on."),
    "test": typer.Option(help="CoNLL file to report on, once, at the end."),
    "case": typer.Option(
        "--case/--no-case", help="Capital letters in an uncased vocabulary; on for minilm."
    ),
    "epochs": typer.Option(help="Times through the data."),
    "lr": typer.Option(help="Peak learning rate."),
    "schedule": typer.Option(
        help="decay, or plateau: no warm-up, and half the rate when dev F1 stops rising."
    ),
    "batch_size": typer.Option(help="Sentences in a step."),
    "rank": typer.Option(help="Rank of the LoRA adapter."),
    "targets": typer.Option(
        help="Layers that LoRA sits on: all-linear, or such as query,key,value."
    ),
    "dropout": typer.Option(help="Dropout in the network."),
    "weight_decay": typer.Option(help="AdamW's weight decay."),
    "warmup": typer.Option(help="Share of the steps to warm up."),
    "lower_noise": typer.Option(help="Share of sentences read in lower case."),
    "upper_noise": typer.Option(help="Share of sentences read in upper case."),
    "patience": typer.Option(help="Epochs without a better dev F1 before stopping."),
    "seed": typer.Option(min=0, max=2**32 - 1, help="Seed of all random draws."),
    "bf16": typer.Option("--bf16", help="Mixed precision."),
}
_RESUME = Parameter(
    "resume",
    Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint in the folder.")
    ],
)

LORA_ONLY = OnlyWith(
    ("--rank", "--targets"), "--method lora", lambda values: values["--method"] == "lora"
)
WARMUP_ONLY = OnlyWith(
    ("--warmup",), "--schedule decay", lambda values: values["--schedule"] == "decay"
)


def with_options(
    settings: type[Given], names: str, **own: Any
) -> Callable[[Callable[[Given, bool], None]], Callable[..., None]]:
    """Makes a command from a function of settings and a flag to resume.

    Args:
        names: the settings with an option, in the order of the help; the others keep their
            defaults.
        own: options of this command only, or with another help text.
    """
    parameters = [_parameter(settings, name, {**OPTIONS, **own}) for name in names.split()]

    def command_of(train: Callable[[Given, bool], None]) -> Callable[..., None]:
        @wraps(train)
        def command(*, resume: bool, **values: Any) -> None:
            transformers.logging.set_verbosity_error()
            train(settings(**values), resume)

        listed = [*parameters, _RESUME]
        # Typer reads both attributes.
        vars(command)["__signature__"] = Signature(listed)
        command.__annotations__ = {parameter.name: parameter.annotation for parameter in listed}
        return command

    return command_of


def _parameter(settings: type[RunSettings], name: str, options: Mapping[str, Any]) -> Parameter:
    """A setting as a parameter of a command."""
    default = {field.name: field.default for field in fields(settings)}[name]
    return Parameter(
        name,
        Parameter.KEYWORD_ONLY,
        default=Parameter.empty if default is MISSING else default,
        annotation=Annotated[get_type_hints(settings)[name], options[name]],
    )
