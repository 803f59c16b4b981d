"""Options that every training command has."""

from pathlib import Path
from typing import Annotated

import typer

from beaconviz.cli.shared.constraints import OnlyWith

Train = Annotated[Path, typer.Argument(help="CoNLL file to learn from: token<TAB>tag lines.")]
Dev = Annotated[Path, typer.Option(help="CoNLL file to choose on.")]
Test = Annotated[Path | None, typer.Option(help="CoNLL file to report on, once, at the end.")]
Case = Annotated[
    bool | None,
    typer.Option(
        "--case/--no-case", help="Capital letters in an uncased vocabulary; on for minilm."
    ),
]
Epochs = Annotated[int, typer.Option(help="Times through the data.")]
Rate = Annotated[float, typer.Option(help="Peak learning rate.")]
Schedule = Annotated[
    str,
    typer.Option(help="decay, or plateau: no warm-up, and half the rate when dev F1 stops rising."),
]
BatchSize = Annotated[int, typer.Option(help="Sentences in a step.")]
Rank = Annotated[int, typer.Option(help="Rank of the LoRA adapter.")]
Targets = Annotated[
    str, typer.Option(help="Layers that LoRA sits on: all-linear, or such as query,key,value.")
]
Dropout = Annotated[float, typer.Option(help="Dropout in the network.")]
WeightDecay = Annotated[float, typer.Option(help="AdamW's weight decay.")]
Warmup = Annotated[float, typer.Option(help="Share of the steps to warm up.")]
LowerNoise = Annotated[float, typer.Option(help="Share of sentences read in lower case.")]
UpperNoise = Annotated[float, typer.Option(help="Share of sentences read in upper case.")]
Patience = Annotated[int, typer.Option(help="Epochs without a better dev F1 before stopping.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of all random draws.")]
Bf16 = Annotated[bool, typer.Option("--bf16", help="Mixed precision.")]
Resume = Annotated[
    bool, typer.Option("--resume", help="Go on from the last checkpoint in the folder.")
]

LORA_ONLY = OnlyWith(
    ("--rank", "--targets"), "--method lora", lambda values: values["--method"] == "lora"
)
WARMUP_ONLY = OnlyWith(
    ("--warmup",), "--schedule decay", lambda values: values["--schedule"] == "decay"
)
