"""The options of commands over a data set: the data, the model, and the edit."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from beaconviz.cli.shared.common import preset_maker, read_design, read_text
from beaconviz.cli.shared.constraints import AtMostOne, ExactlyOne, needs
from beaconviz.core.errors import BeaconvizError

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


EDITS = ("--design", "--rule", "--preset")
SETTINGS_NEED_PRESET = needs("--set", "--preset")
AT_MOST_ONE_EDIT = (AtMostOne(EDITS), SETTINGS_NEED_PRESET)
ONE_EDIT = (ExactlyOne(EDITS, "the edit"), SETTINGS_NEED_PRESET)


class EditGiven(NamedTuple):
    """An edit from the command line.

    name: for display. content: its full definition, to notice changes.
    design_for: gives the design for a list of words.
    learned: learned beacons, which need no design.
    """

    name: str
    content: str
    design_for: DesignFor
    learned: ElasticBeacons | None = None


def edit_for(
    model: Model,
    design: Path | None,
    rule: Path | None,
    preset: str | None,
    settings: list[str],
    learned: Path | None = None,
) -> EditGiven | None:
    """The edit from the command line; None if there is none."""
    from beaconviz.core.design import Design
    from beaconviz.rules.rule import Rule

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
        digest = hashlib.sha256((learned / WEIGHTS).read_bytes()).hexdigest()
        name = f"learned beacons {learned.resolve().name}"
        return EditGiven(name, digest, Design.neutral, beacons)
    if preset is None:
        return None
    make = preset_maker(preset, settings)
    name = " ".join([f"preset {preset}", *settings])
    return EditGiven(name, name, lambda words: make(model, words))
