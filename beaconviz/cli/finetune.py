"""`beaconviz finetune`: train a named-entity model from the command line."""

from pathlib import Path
from typing import Annotated

import transformers
import typer

from beaconviz.cli.shared.constraints import OnlyWith
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
from beaconviz.training.finetune import finetune
from beaconviz.training.settings import Settings

CONSTRAINTS = (
    LORA_ONLY,
    WARMUP_ONLY,
    OnlyWith(("--freeze",), "--method lora or full", lambda values: values["--method"] != "head"),
)

_DEFAULT = Settings(Path(), Path(), Path())


def finetune_command(
    train: Train,
    dev: Dev,
    out: Annotated[Path, typer.Option(help="Folder for the model.")],
    test: Test = None,
    backbone: Annotated[
        str, typer.Option(help="minilm, a Hub id or a folder.")
    ] = _DEFAULT.backbone,
    method: Annotated[str, typer.Option(help="lora, full or head.")] = _DEFAULT.method,
    case: Case = None,
    epochs: Epochs = _DEFAULT.epochs,
    lr: Rate = _DEFAULT.lr,
    batch_size: BatchSize = _DEFAULT.batch_size,
    rank: Rank = _DEFAULT.rank,
    targets: Targets = _DEFAULT.targets,
    dropout: Dropout = _DEFAULT.dropout,
    weight_decay: WeightDecay = _DEFAULT.weight_decay,
    warmup: Warmup = _DEFAULT.warmup,
    freeze: Annotated[
        int, typer.Option(help="First layers to leave as they are.")
    ] = _DEFAULT.freeze,
    lower_noise: LowerNoise = _DEFAULT.lower_noise,
    upper_noise: UpperNoise = _DEFAULT.upper_noise,
    hidden_noise: Annotated[
        float, typer.Option(help="Share of tokens hidden behind the mask.")
    ] = _DEFAULT.hidden_noise,
    patience: Patience = _DEFAULT.patience,
    schedule: Schedule = _DEFAULT.schedule,
    seed: Seed = _DEFAULT.seed,
    bf16: Bf16 = False,
    resume: Resume = False,
) -> None:
    """Fine-tune a model to find named entities."""
    values = {name: value for name, value in locals().items() if name != "resume"}
    transformers.logging.set_verbosity_error()
    result = finetune(Settings(**values), resume)
    for name, scores in result.scores.items():
        typer.echo(f"\n{name}, strict\n{scores.table()}")
    typer.echo(f"\nsaved in {result.out}")
