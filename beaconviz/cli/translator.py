"""`beaconviz train-translator`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import transformers
import typer

from beaconviz.cli.shared.constraints import Constraint
from beaconviz.cli.shared.training_options import (
    BatchSize,
    Bf16,
    Dropout,
    Epochs,
    Rank,
    Rate,
    Resume,
    Seed,
    Warmup,
    WeightDecay,
)
from beaconviz.training.translator import train_translator
from beaconviz.training.translator_settings import TranslatorSettings

CONSTRAINTS: tuple[Constraint, ...] = ()

_DEFAULT = TranslatorSettings(Path(), Path(), Path())


def translator_command(
    train: Annotated[
        Path, typer.Argument(help="Sentences to learn from: source<TAB>translation lines.")
    ],
    dev: Annotated[Path, typer.Option(help="Such a file to choose on.")],
    out: Annotated[Path, typer.Option(help="Folder for the model.")],
    test: Annotated[
        Path | None, typer.Option(help="Such a file to report on, once, at the end.")
    ] = None,
    subwords: Annotated[
        int, typer.Option(help="Subwords of the target language.")
    ] = _DEFAULT.subwords,
    layers: Annotated[int, typer.Option(help="Layers of the decoder.")] = _DEFAULT.layers,
    feed_forward: Annotated[
        int, typer.Option(help="Hidden units of the decoder's feed-forward layers.")
    ] = _DEFAULT.feed_forward,
    rank: Rank = _DEFAULT.rank,
    epochs: Epochs = _DEFAULT.epochs,
    lr: Rate = _DEFAULT.lr,
    batch_size: BatchSize = _DEFAULT.batch_size,
    dropout: Dropout = _DEFAULT.dropout,
    weight_decay: WeightDecay = _DEFAULT.weight_decay,
    warmup: Warmup = _DEFAULT.warmup,
    label_smoothing: Annotated[
        float, typer.Option(help="Share of the probability that other subwords get.")
    ] = _DEFAULT.label_smoothing,
    averaged: Annotated[
        int, typer.Option(help="Last checkpoints whose weights are averaged.")
    ] = _DEFAULT.averaged,
    patience: Annotated[
        int, typer.Option(help="Epochs without a better dev BLEU before stopping.")
    ] = _DEFAULT.patience,
    seed: Seed = _DEFAULT.seed,
    bf16: Bf16 = False,
    resume: Resume = False,
) -> None:
    """Train a translator into Chinese on the encoder that beaconviz brings."""
    values = {name: value for name, value in locals().items() if name != "resume"}
    transformers.logging.set_verbosity_error()
    for name, scores in train_translator(TranslatorSettings(**values), resume).items():
        typer.echo(f"{name}: BLEU {scores.bleu:.1f}, chrF {scores.chrf:.1f}")
    typer.echo(f"saved in {out}")
