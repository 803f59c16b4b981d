"""Options of the training commands are made from the settings that they set."""

from __future__ import annotations

from dataclasses import fields
from inspect import signature
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from beaconviz.cli.elastic import elastic_command
from beaconviz.cli.finetune import finetune_command
from beaconviz.cli.shared.training_options import with_options
from beaconviz.cli.translator import translator_command
from beaconviz.training.elastic import ElasticSettings
from beaconviz.training.settings import Settings
from beaconviz.training.translator_settings import TranslatorSettings

COMMANDS = [
    (elastic_command, ElasticSettings, {"freeze", "hidden_noise"}),
    (finetune_command, Settings, set()),
    (translator_command, TranslatorSettings, set()),
]


@pytest.mark.parametrize(("command", "settings", "without"), COMMANDS)
def test_a_command_has_an_option_for_each_setting_with_its_default(command, settings, without):
    options = signature(command).parameters
    names = {field.name for field in fields(settings)}
    assert set(options) == names - without | {"resume"}
    example = settings(Path("a"), Path("b"), Path("c"))
    for name in names - without - {"train", "dev", "out"}:
        assert options[name].default == getattr(example, name)


def made(arguments: list[str]) -> tuple[Settings, bool]:
    """What a command's function is called with."""
    calls = []
    names = "train dev out case lr batch_size schedule bf16"

    @with_options(Settings, names, out=typer.Option(help="A folder of its own."))
    def command(settings: Settings, resume: bool) -> None:
        """Train."""
        calls.append((settings, resume))

    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, arguments)
    return calls[0] if calls else (result.output, False)


def test_options_become_settings():
    files = ["x.conll", "--dev", "d.conll", "--out", "folder"]
    assert made(files) == (Settings(Path("x.conll"), Path("d.conll"), Path("folder")), False)
    options = ["--no-case", "--lr", "0.01", "--batch-size", "4", "--bf16", "--resume"]
    settings, resume = made([*files, *options])
    assert (settings.case, settings.lr, settings.batch_size) == (False, 0.01, 4)
    assert settings.bf16
    assert resume


def test_own_words_are_in_the_help():
    shown, _ = made(["--help"])
    assert "A folder of its own." in shown
    assert "Peak learning rate." in shown


def test_a_setting_without_an_option_is_an_error():
    with pytest.raises(KeyError, match="backbone"):
        with_options(Settings, "train dev out backbone", out=typer.Option())
