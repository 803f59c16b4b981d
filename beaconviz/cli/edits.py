"""What commands over a data set ask for: the data, the model, and the edit."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from beaconviz.cli.common import preset_maker, read_design, read_text

if TYPE_CHECKING:
    from beaconviz.engine.elastic import ElasticBeacons
    from beaconviz.evaluate.judge import DesignFor
    from beaconviz.models.model import Model

Data = Annotated[Path, typer.Argument(help="CoNLL (2 to 4 columns) or JSONL with spans.")]
ModelName = Annotated[str, typer.Option(help="ner-mini, a Hub id or a folder.")]
DesignFile = Annotated[
    Path | None, typer.Option(help="A design file; its cells move to the words they name.")
]
RuleFile = Annotated[Path | None, typer.Option(help="A rule file: a design a sentence.")]
LearnedFolder = Annotated[
    Path | None, typer.Option(help="A folder with learned beacons, as beaconviz elastic leaves it.")
]
PresetName = Annotated[str | None, typer.Option(help="The name of a preset.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help="A setting of the preset: width=3.")
]
TagMap = Annotated[
    list[str] | None, typer.Option("--map", help="A type of the data as the model's: GPE=LOC.")
]


class EditGiven(NamedTuple):
    """What the edit is called, all that defines it, and the design it is for given words; learned
    beacons come beside that, and need no design."""

    name: str
    told: str
    design_for: DesignFor
    learned: ElasticBeacons | None = None


def check_one(**given: object) -> None:
    """Raises unless exactly one edit was given."""
    from beaconviz.core.errors import BeaconvizError

    named = [f"--{name}" for name, value in given.items() if value is not None]
    every = ", ".join(f"--{name}" for name in given)
    if len(named) != 1:
        found = " and ".join(named) if named else "none"
        raise BeaconvizError(f"the edit to evaluate: found {found}; give one of {every}")


def edit_for(
    model: Model,
    design: Path | None,
    rule: Path | None,
    preset: str | None,
    settings: list[str],
    learned: Path | None = None,
) -> EditGiven:
    """The one edit that was given."""
    from beaconviz.core.design import Design
    from beaconviz.core.errors import BeaconvizError
    from beaconviz.rules.rule import Rule

    if settings and preset is None:
        raise BeaconvizError(f"--set {settings[0]} was given without --preset; name the preset")
    if rule is not None:
        text = read_text(rule, "a rule file")
        return EditGiven(f"rule {rule.stem}", text, Rule.from_yaml(text).design)
    if design is not None:
        made = read_design(design)
        if made.unit != "word":
            raise BeaconvizError(f"{design} is over tokens; an evaluation takes designs over words")
        return EditGiven(
            f"design {design.stem}", made.to_json(), lambda words: made.realigned(words)
        )
    if learned is not None:
        from beaconviz.runs.learned_beacons import WEIGHTS, load_learned

        beacons = load_learned(learned, model)
        told = hashlib.sha256((learned / WEIGHTS).read_bytes()).hexdigest()
        return EditGiven(f"learned beacons {learned.resolve().name}", told, Design.neutral, beacons)
    assert preset is not None
    make = preset_maker(preset, settings)
    name = " ".join([f"preset {preset}", *settings])
    return EditGiven(name, name, lambda words: make(model, words))
