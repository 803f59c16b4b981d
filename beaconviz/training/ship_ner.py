"""Make the shipped ner-mini from a fine-tuning run: half precision, scored again.

python -m beaconviz.training.ship_ner RUN
"""

import json
from pathlib import Path
from typing import Annotated

import typer
from safetensors.torch import load_file, save_file
from torch import Tensor

from beaconviz.data.dataset import read_dataset
from beaconviz.evaluate.scores import Scores, evaluate
from beaconviz.models.shipped.ner_mini import SHIPPED, build

_PEFT_PREFIX = "base_model.model."


def ship(run: Path, target: Path = SHIPPED) -> Path:
    """Writes the trained parameters of a run, in half precision, as the file that `ner_mini.build`
    reads."""
    adapter = json.loads((run / "adapter" / "adapter_config.json").read_text(encoding="utf-8"))
    labels = json.loads((run / "config.json").read_text(encoding="utf-8"))["id2label"]
    facts = {
        "labels": [labels[str(number)] for number in range(len(labels))],
        "scale": adapter["lora_alpha"] / adapter["r"],
    }
    tensors = load_file(run / "adapter" / "adapter_model.safetensors")
    target.parent.mkdir(parents=True, exist_ok=True)
    save_file(
        {_plain_name(name): _half(tensor) for name, tensor in tensors.items()},
        target,
        {"format": "pt", "ner-mini": json.dumps(facts)},
    )
    return target


def shipped_scores(shipped: Path, data: dict[str, Path]) -> dict[str, Scores]:
    """Scores of the model that is built from the shipped file, by data set."""
    network, tokenizer = build(shipped=shipped)
    return {
        name: evaluate(network, tokenizer, list(read_dataset(path).sentences))
        for name, path in data.items()
    }


def _plain_name(name: str) -> str:
    """
    >>> _plain_name("base_model.model.bert.encoder.layer.0.output.dense.lora_A.weight")
    'bert.encoder.layer.0.output.dense.lora_A'
    """
    name = name.removeprefix(_PEFT_PREFIX)
    return name if name.startswith("classifier.") else name.removesuffix(".weight")


def _half(tensor: Tensor) -> Tensor:
    return tensor.half().contiguous()


def main(
    run: Annotated[Path, typer.Argument(help="Folder that `beaconviz finetune` left.")],
    target: Annotated[Path, typer.Option(help="The file to write.")] = SHIPPED,
    dev: Annotated[Path | None, typer.Option(help="CoNLL file to measure on.")] = None,
    test: Annotated[Path | None, typer.Option(help="CoNLL file to measure on.")] = None,
) -> None:
    """Ship a run as ner-mini, and print the scores of what is shipped."""
    ship(run, target)
    for name, scores in shipped_scores(
        target, {name: path for name, path in {"dev": dev, "test": test}.items() if path}
    ).items():
        typer.echo(f"\n{name}, strict\n\n{scores.table()}")
    typer.echo(f"\n{target}: {target.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    typer.run(main)
