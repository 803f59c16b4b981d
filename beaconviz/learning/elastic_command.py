"""`beaconviz elastic`: train beacons from the command line."""

from pathlib import Path
from typing import Annotated

import transformers
import typer

from beaconviz.learning.elastic_training import ElasticSettings, train_elastic

_DEFAULT = ElasticSettings(Path(), Path(), Path())


def elastic_command(
    train: Annotated[Path, typer.Argument(help="CoNLL file to learn from: token<TAB>tag lines.")],
    dev: Annotated[Path, typer.Option(help="CoNLL file to choose on.")],
    out: Annotated[Path, typer.Option(help="Folder for the beacons.")],
    test: Annotated[
        Path | None, typer.Option(help="CoNLL file to report on, once, at the end.")
    ] = None,
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
    case: Annotated[
        bool | None,
        typer.Option(
            "--case/--no-case", help="Capital letters in an uncased vocabulary; on for minilm."
        ),
    ] = None,
    epochs: Annotated[int, typer.Option(help="Times through the data.")] = _DEFAULT.epochs,
    lr: Annotated[float, typer.Option(help="Peak learning rate.")] = _DEFAULT.lr,
    schedule: Annotated[
        str, typer.Option(help="decay, or plateau: halve the rate when dev F1 stands still.")
    ] = _DEFAULT.schedule,
    batch_size: Annotated[int, typer.Option(help="Sentences in a step.")] = _DEFAULT.batch_size,
    rank: Annotated[int, typer.Option(help="Rank of the LoRA adapter.")] = _DEFAULT.rank,
    targets: Annotated[
        str, typer.Option(help="Layers that LoRA sits on: all-linear, or such as query,key,value.")
    ] = _DEFAULT.targets,
    dropout: Annotated[float, typer.Option(help="Dropout in the network.")] = _DEFAULT.dropout,
    weight_decay: Annotated[
        float, typer.Option(help="AdamW's weight decay.")
    ] = _DEFAULT.weight_decay,
    warmup: Annotated[float, typer.Option(help="Share of the steps to warm up.")] = _DEFAULT.warmup,
    lower_noise: Annotated[
        float, typer.Option(help="Share of sentences read in lower case.")
    ] = _DEFAULT.lower_noise,
    upper_noise: Annotated[
        float, typer.Option(help="Share of sentences read in upper case.")
    ] = _DEFAULT.upper_noise,
    patience: Annotated[
        int, typer.Option(help="Epochs without a better dev F1 before stopping.")
    ] = _DEFAULT.patience,
    seed: Annotated[int, typer.Option(help="Of all that is random.")] = _DEFAULT.seed,
    bf16: Annotated[bool, typer.Option("--bf16", help="Mixed precision.")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from the last checkpoint in the folder.")
    ] = False,
) -> None:
    """Train beacons that a small module makes for any sentence."""
    told = {name: value for name, value in locals().items() if name != "resume"}
    transformers.logging.set_verbosity_error()
    result = train_elastic(ElasticSettings(**told), resume)
    for name, scores in result.scores.items():
        typer.echo(f"\n{name}, strict\n{scores.table()}")
    typer.echo(f"\nsaved in {result.out}")
