"""`beaconviz finetune`: train a named-entity model from the command line."""

import typer

from beaconviz.cli.shared.command import remark
from beaconviz.cli.shared.constraints import OnlyWith
from beaconviz.cli.shared.training_options import LORA_ONLY, WARMUP_ONLY, with_options
from beaconviz.training.finetune import finetune
from beaconviz.training.settings import Settings

CONSTRAINTS = (
    LORA_ONLY,
    WARMUP_ONLY,
    OnlyWith(("--freeze",), "--method lora or full", lambda values: values["--method"] != "head"),
)


@with_options(
    Settings,
    "train dev out test backbone method case epochs lr batch_size rank targets dropout "
    "weight_decay warmup freeze lower_noise upper_noise hidden_noise patience schedule seed bf16",
    out=typer.Option(help="Folder for the model."),
    backbone=typer.Option(help="minilm, a Hub id or a folder."),
    method=typer.Option(help="lora, full or head."),
    freeze=typer.Option(help="First layers to leave as they are."),
    hidden_noise=typer.Option(help="Share of tokens hidden behind the mask."),
)
def finetune_command(settings: Settings, resume: bool) -> None:
    """Fine-tune a model to find named entities."""
    result = finetune(settings, resume)
    for name, scores in result.scores.items():
        typer.echo(f"\n{name}, strict\n{scores.table()}")
    typer.echo(f"\nsaved in {result.out}")
    for text in result.remarks:
        remark(text)
