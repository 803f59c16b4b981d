"""`beaconviz train-translator`."""

from __future__ import annotations

import typer

from beaconviz.cli.shared.constraints import Constraint
from beaconviz.cli.shared.training_options import with_options
from beaconviz.training.translator import train_translator
from beaconviz.training.translator_settings import TranslatorSettings

CONSTRAINTS: tuple[Constraint, ...] = ()


@with_options(
    TranslatorSettings,
    "train dev out test subwords layers feed_forward rank epochs lr batch_size dropout "
    "weight_decay warmup label_smoothing averaged patience seed bf16",
    train=typer.Argument(help="Sentences to learn from: source<TAB>translation lines."),
    dev=typer.Option(help="Such a file to choose on."),
    out=typer.Option(help="Folder for the model."),
    test=typer.Option(help="Such a file to report on, once, at the end."),
    subwords=typer.Option(help="Subwords of the target language."),
    layers=typer.Option(help="Layers of the decoder."),
    feed_forward=typer.Option(help="Hidden units of the decoder's feed-forward layers."),
    label_smoothing=typer.Option(help="Share of the probability that other subwords get."),
    averaged=typer.Option(help="Last checkpoints whose weights are averaged."),
    patience=typer.Option(help="Epochs without a better dev BLEU before stopping."),
)
def translator_command(settings: TranslatorSettings, resume: bool) -> None:
    """Train a translator into Chinese on the encoder that beaconviz brings."""
    for name, scores in train_translator(settings, resume).items():
        typer.echo(f"{name}: BLEU {scores.bleu:.1f}, chrF {scores.chrf:.1f}")
    typer.echo(f"saved in {settings.out}")
