"""Options that exclude each other, or that have no effect, are refused: each pair of each
command."""

from __future__ import annotations

import itertools

import pytest
from typer.testing import CliRunner

from beaconviz import cli
from beaconviz.cli import compare, evaluate, faithful, key, profile, retrieve
from beaconviz.cli.elastic import CONSTRAINTS as ELASTIC
from beaconviz.cli.finetune import CONSTRAINTS as FINETUNE
from beaconviz.cli.shared.constraints import AtMostOne, ExactlyOne, OnlyWith, check
from beaconviz.core.errors import BeaconvizError

FLAGS = {"--json", "--csv", "--frozen", "--realign", "--no-case"}
VALUES = {"TEXT": "a text", "--rank": "4", "--freeze": "1", "--warmup": "0.1", "--dropout": "0.2"}
VALUES |= {"--top": "3", "--limit": "9", "--about": "1", "--layer": "0", "--head": "0"}
VALUES |= {"--cover": "0.5", "--beams": "2", "--beacon-lr": "0.01"}
TRAINING = ["train.conll", "--dev", "dev.conll", "--out", "folder"]
COMMANDS = {  # the command, its constraints, and what it must have besides
    "compare": (compare.CONSTRAINTS, ["a text"]),
    "key": (key.CONSTRAINTS, ["a text"]),
    "faithful": (faithful.CONSTRAINTS, []),
    "retrieve": (retrieve.CONSTRAINTS, ["--docs", "docs"]),
    "evaluate": (evaluate.CONSTRAINTS, ["data.conll"]),
    "profile": (profile.CONSTRAINTS, ["data.conll"]),
    "finetune": (FINETUNE, TRAINING),
    "elastic": (ELASTIC, TRAINING),
}
PAIRS = [
    (name, *pair)
    for name, (constraints, _) in COMMANDS.items()
    for constraint in constraints
    if isinstance(constraint, AtMostOne | ExactlyOne)
    for pair in itertools.combinations(constraint.options, 2)
]
WITHOUT_EFFECT = [
    ("compare", ["--set", "word=1"], "--preset"),
    ("compare", ["--realign"], "--design"),
    ("compare", ["--realign", "--preset", "boost"], "--design"),
    ("key", ["--set", "word=1"], "--preset"),
    ("key", ["--set", "word=1", "--design", "d"], "--preset"),
    ("key", ["--score", "dot"], "--method similarity"),
    ("key", ["--score", "dot", "--query", "q", "--method", "rollout"], "--method similarity"),
    ("key", ["--query", "q", "--method", "received"], "--method similarity"),
    ("key", ["--layer", "0", "--query", "q"], "--method received"),
    ("key", ["--head", "0", "--method", "integrated"], "--method received"),
    ("faithful", ["a text", "--limit", "3"], "--data"),
    ("faithful", ["a text", "--set", "word=1"], "--preset"),
    ("retrieve", ["--queries", "q"], "--qrels"),
    ("retrieve", ["--query", "q", "--qrels", "q"], "--queries"),
    ("retrieve", ["--query", "q", "--set", "word=1"], "--preset"),
    ("evaluate", ["--rule", "r", "--set", "word=1"], "--preset"),
    ("profile", ["--design", "d", "--set", "word=1"], "--preset"),
    ("finetune", ["--method", "head", "--rank", "4"], "--method lora"),
    ("finetune", ["--method", "full", "--targets", "query"], "--method lora"),
    ("finetune", ["--method", "head", "--freeze", "1"], "--method lora or full"),
    ("finetune", ["--schedule", "plateau", "--warmup", "0.1"], "--schedule decay"),
    ("elastic", ["--rank", "4"], "--method lora"),
    ("elastic", ["--no-case"], "--method head"),
    ("elastic", ["--dropout", "0.1"], "--method head"),
]


def refused(*arguments):
    result = CliRunner().invoke(cli.app, list(arguments))
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert result.stderr.startswith("beaconviz: ")
    return result.stderr


def typed(option):
    if option == "TEXT":
        return [VALUES["TEXT"]]
    return [option] if option in FLAGS else [option, VALUES.get(option, "x")]


@pytest.mark.parametrize(("name", "one", "other"), PAIRS)
def test_a_pair_that_excludes_each_other_is_refused(name, one, other):
    told = refused(name, *COMMANDS[name][1], *typed(one), *typed(other))
    assert f"{one} and {other} were given; choose one of them" in told


@pytest.mark.parametrize(("name", "arguments", "needed"), WITHOUT_EFFECT)
def test_an_option_without_effect_is_refused(name, arguments, needed):
    told = refused(name, *COMMANDS[name][1], *arguments)
    assert f"has no effect without {needed}" in told


def test_each_kind_of_constraint_of_each_command_is_tried():
    tried = {name for name, _, _ in WITHOUT_EFFECT}
    for name, (constraints, _) in COMMANDS.items():
        assert name in tried or not any(isinstance(one, OnlyWith) for one in constraints)


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_needed_is_named(name):
    for constraint in COMMANDS[name][0]:
        if isinstance(constraint, ExactlyOne):
            told = refused(name, *COMMANDS[name][1])
            assert f"{constraint.subject} is missing; give one of" in told


def test_a_default_is_not_given():
    """--beams has a default, and excludes --forced only where somebody types it."""
    constraints = (AtMostOne(("--forced", "--beams")),)
    check(constraints, ["--forced"], {"--forced": "x", "--beams": 1})
    with pytest.raises(BeaconvizError, match="--forced and --beams"):
        check(constraints, ["--forced", "--beams"], {"--forced": "x", "--beams": 1})
