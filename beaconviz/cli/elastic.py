"""`beaconviz elastic`: train beacons from the command line."""

import typer

from beaconviz.cli.shared.command import remark
from beaconviz.cli.shared.constraints import AtMostOne, OnlyWith
from beaconviz.cli.shared.training_options import LORA_ONLY, WARMUP_ONLY, with_options
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


@with_options(
    ElasticSettings,
    "train dev out test backbone method query distance marker shuffled frozen case epochs lr "
    "beacon_lr schedule batch_size rank targets dropout weight_decay warmup lower_noise "
    "upper_noise patience seed bf16",
    out=typer.Option(help="Folder for the beacons."),
    backbone=typer.Option(help="What tags: ner-mini, a Hub id, a folder; minilm with a method."),
    method=typer.Option(help="What else learns: none, head, lora or full."),
    query=typer.Option(help="Rank of the query term."),
    distance=typer.Option(help="Tokens to either side with a bias of their own."),
    marker=typer.Option("--marker", help="Learn gates too."),
    shuffled=typer.Option("--shuffled", help="Control: beacons on other tokens."),
    frozen=typer.Option("--frozen", help="Control: random beacons, not trained."),
    beacon_lr=typer.Option(help="Peak rate of the beacons alone; by default the same."),
)
def elastic_command(settings: ElasticSettings, resume: bool) -> None:
    """Train beacons that a small module makes for any sentence."""
    result = train_elastic(settings, resume)
    for name, scores in result.scores.items():
        typer.echo(f"\n{name}, strict\n{scores.table()}")
    typer.echo(f"\nsaved in {result.out}")
    for text in result.remarks:
        remark(text)
