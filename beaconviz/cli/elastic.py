"""`beaconviz elastic`: train beacons from the command line."""

from pathlib import Path
from typing import Annotated

import transformers
import typer

from beaconviz.cli.shared.constraints import AtMostOne, OnlyWith
from beaconviz.cli.shared.training_options import (
    LORA_ONLY,
    WARMUP_ONLY,
    BatchSize,
    Bf16,
    Case,
    Dev,
    Dropout,
    Epochs,
    LowerNoise,
    Patience,
    Rank,
    Rate,
    Resume,
    Schedule,
    Seed,
    Targets,
    Test,
    Train,
    UpperNoise,
    Warmup,
    WeightDecay,
)
from beaconviz.training.elastic import ElasticSettings, train_elastic

CONSTRAINTS = (
    LORA_ONLY,
    WARMUP_ONLY,
    OnlyWith(
        ("--case", "--dropout"),
        "--method head, lora or full",
        lambda values: values["--method"] != "none",
    ),
    AtMostOne(("--beacon-lr", "--frozen")),
)

_DEFAULT = ElasticSettings(Path(), Path(), Path())


def elastic_command(
    train: Train,
    dev: Dev,
    out: Annotated[Path, typer.Option(help="Folder for the beacons.")],
    test: Test = None,
    backbone: Annotated[
        str, typer.Option(help="What tags: ner-mini, a Hub id, a folder; minilm with a method.")
    ] = _DEFAULT.backbone,
    method: Annotated[
        str, typer.Option(help="What else learns: none, head, lora or full.")
    ] = _DEFAULT.method,
    query: Annotated[int, typer.Option(help="Rank of the query term.")] = _DEFAULT.query,
    distance: Annotated[
        int, typer.Option(help="Tokens to either side with a bias of their own.")
    ] = _DEFAULT.distance,
    marker: Annotated[bool, typer.Option("--marker", help="Learn gates too.")] = False,
    shuffled: Annotated[
        bool, typer.Option("--shuffled", help="Control: beacons on other tokens.")
    ] = False,
    frozen: Annotated[
        bool, typer.Option("--frozen", help="Control: random beacons, not trained.")
    ] = False,
    case: Case = None,
    epochs: Epochs = _DEFAULT.epochs,
    lr: Rate = _DEFAULT.lr,
    beacon_lr: Annotated[
        float | None, typer.Option(help="Peak rate of the beacons alone; by default the same.")
    ] = _DEFAULT.beacon_lr,
    schedule: Schedule = _DEFAULT.schedule,
    batch_size: BatchSize = _DEFAULT.batch_size,
    rank: Rank = _DEFAULT.rank,
    targets: Targets = _DEFAULT.targets,
    dropout: Dropout = _DEFAULT.dropout,
    weight_decay: WeightDecay = _DEFAULT.weight_decay,
    warmup: Warmup = _DEFAULT.warmup,
    lower_noise: LowerNoise = _DEFAULT.lower_noise,
    upper_noise: UpperNoise = _DEFAULT.upper_noise,
    patience: Patience = _DEFAULT.patience,
    seed: Seed = _DEFAULT.seed,
    bf16: Bf16 = False,
    resume: Resume = False,
) -> None:
    """Train beacons that a small module makes for any sentence."""
    values = {name: value for name, value in locals().items() if name != "resume"}
    transformers.logging.set_verbosity_error()
    result = train_elastic(ElasticSettings(**values), resume)
    for name, scores in result.scores.items():
        typer.echo(f"\n{name}, strict\n{scores.table()}")
    typer.echo(f"\nsaved in {result.out}")
