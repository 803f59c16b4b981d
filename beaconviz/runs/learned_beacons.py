"""Save and load learned beacons, and turn them into a design that can be viewed and edited."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Literal

from pydantic import Field
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from beaconviz.core.design import Design
from beaconviz.core.edit import Cell, Edit, Unit
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.indicator import averaging, indicator
from beaconviz.core.interventions import Reading
from beaconviz.core.schema import Schema, read_json_as
from beaconviz.core.words import Tokens
from beaconviz.engine.elastic import ElasticBeacons, MadeFor, Options, check_pair
from beaconviz.models.model import Model
from beaconviz.runs.execute import Text, run

WEIGHTS, FACTS = "elastic.safetensors", "elastic.json"


class Facts(Schema):
    """The facts in a folder of learned beacons."""

    version: Literal[1] = Field(alias="beaconviz elastic", description="the version number 1")
    made_for: MadeFor = Field(alias="model", description="the model that they were made for")
    options: Options = Field(description="what they were made with")


def save_learned(learned: ElasticBeacons, folder: str | Path) -> None:
    """Writes the weights, then the facts about them. A folder that has the facts is complete.

    Raises:
        BeaconvizError: a folder that cannot be written.
    """
    folder = Path(folder)
    facts = {
        "beaconviz elastic": 1,
        "model": asdict(learned.made_for),
        "options": asdict(learned.options),
    }
    weights = {name: weight.detach().cpu() for name, weight in learned.state_dict().items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_file(weights, folder / WEIGHTS)
        (folder / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    except (OSError, SafetensorError) as error:
        raise BeaconvizError(
            f"cannot write learned beacons into {folder} ({error}): make room or name another folder"
        ) from None


def has_learned(folder: str | Path) -> bool:
    """Whether learned beacons were saved in a folder."""
    return (Path(folder) / FACTS).is_file()


def load_learned(folder: str | Path, model: Model) -> ElasticBeacons:
    """The beacons that were saved in a folder, on the device of the model they belong to.

    Raises:
        BeaconvizError: no such beacons, damaged ones, or those of another model.
    """
    folder = Path(folder)
    for name in (FACTS, WEIGHTS):
        if not (folder / name).is_file():
            raise BeaconvizError(
                f"{folder} has no {name}; expected a folder that learned beacons were saved in"
            )
    made_for, options = _facts(folder)
    if (
        folder.resolve() == Path(model.name).expanduser().resolve()
    ):  # model and beacons were moved to the same new folder
        made_for = replace(made_for, name=model.made_for.name)
    check_pair(made_for, model.made_for)
    try:
        learned = ElasticBeacons(made_for, options)
        learned.load_state_dict(load_file(folder / WEIGHTS))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise _damaged(folder, WEIGHTS, error) from None
    if not all(bool(weight.isfinite().all()) for weight in learned.parameters()):
        raise _damaged(folder, WEIGHTS, ValueError("it holds numbers that are not finite"))
    return learned.to(model.device).requires_grad_(False).eval()


def _facts(folder: Path) -> tuple[MadeFor, Options]:
    """The model and the options that the beacons were made with."""
    try:
        text = (folder / FACTS).read_text("utf-8")
        facts = read_json_as(Facts, text, FACTS)
    except (OSError, ValueError) as error:
        raise _damaged(folder, FACTS, error) from None
    return facts.made_for, facts.options


def as_design(model: Model, learned: ElasticBeacons, text: Text, unit: Unit = "token") -> Design:
    """The beacons that the module makes for a text, as a design with one edit per layer and head.

    With unit "token" the design is exact. With unit "word" a cell is the mean over the tokens of
    both words, and special tokens, which belong to no word, are not edited.

    Raises:
        BeaconvizError: a text or a module that does not fit the model.
    """
    ran = run(model, text, learned=learned)
    names = ran.aligned.names(unit)
    mean = _mean(ran.aligned, unit, len(names))
    edits = []
    for layer, trace in enumerate(ran.traces):
        if trace.pull is None:
            continue
        beacon, gate = trace.pull.beacon()[0].cpu().float(), trace.pull.gate
        for head in range(ran.heads):
            cells = _cells(beacon[head], mean)
            gates = () if gate is None else _cells(gate[0, head, None].cpu().float(), mean)
            edits.append(Edit(gates, cells, layers=(layer,), heads=(head,)))
    reading: Reading = "gate" if learned.options.marker else "product"
    return Design(names, tuple(edits), reading, unit)


def _mean(tokens: Tokens, unit: Unit, count: int) -> Tensor:
    """Float[Tensor, "unit token"], whose rows sum to 1, or to 0 for a word without tokens."""
    return averaging(indicator(tokens.units(unit), count)).T


def _cells(matrix: Tensor, mean: Tensor) -> tuple[Cell, ...]:
    """A matrix over tokens as cells. A matrix of one row applies to all rows: its cells are "*"."""
    columns = matrix @ mean.T
    if len(matrix) == 1:
        return tuple(("*", column, value) for column, value in enumerate(columns[0].tolist()))
    rows = (mean @ columns).tolist()
    return tuple((i, j, value) for i, row in enumerate(rows) for j, value in enumerate(row))


def _damaged(folder: Path, name: str, error: Exception) -> BeaconvizError:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return BeaconvizError(
        f"{folder / name} is damaged ({reason}); copy the folder again, or train once more"
    )
