"""Make the shipped translate-mini from a run of `train-translator`: half precision, scored again.

python -m beaconviz.training.ship_translator RUN
"""

import json
import shutil
from pathlib import Path
from typing import Annotated

import torch
import typer
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import EncoderDecoderModel

from beaconviz.models.loading import TARGET
from beaconviz.models.shipped.minilm import package_folder
from beaconviz.models.shipped.translate_mini import SHIPPED, SUBWORDS, build
from beaconviz.training.translation_data import read_pairs
from beaconviz.training.translator import BEAMS, Tokenizers, scored

_TOKENS = ("decoder_start_token_id", "bos_token_id", "eos_token_id", "pad_token_id")
_DECODER = (
    "vocab_size", "hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size",
    "max_position_embeddings", "type_vocab_size", "is_decoder", "add_cross_attention",
    "pad_token_id", "bos_token_id", "eos_token_id",
)  # fmt: skip


def ship(run: Path, target: Path = SHIPPED, subwords: Path = SUBWORDS) -> Path:
    """Writes the trained parameters of a run, in half precision, as the files that
    `translate_mini.build` reads."""
    network = EncoderDecoderModel.from_pretrained(run)
    settings = json.loads((run / "settings.json").read_text(encoding="utf-8"))
    tensors = adapter(network, settings["rank"])
    tied = network.decoder.get_output_embeddings().weight.data_ptr()
    for name, weight in network.state_dict().items():
        shared = weight.data_ptr() == tied and "embeddings" not in name
        if name.startswith("decoder.") and not shared and not name.endswith("position_ids"):
            tensors[name] = weight
    facts = {
        "scale": 1.0,
        "decoder": {name: getattr(network.config.decoder, name) for name in _DECODER},
        "tokens": {
            name: getattr(network.generation_config, name) or getattr(network.config.decoder, name)
            for name in _TOKENS
        },
    }
    target.parent.mkdir(parents=True, exist_ok=True)
    half = {name: weight.half().contiguous().clone() for name, weight in tensors.items()}
    save_file(half, target, {"format": "pt", "translate-mini": json.dumps(facts)})
    shutil.copytree(run / TARGET, subwords, dirs_exist_ok=True)
    return target


def adapter(network: EncoderDecoderModel, rank: int) -> dict[str, Tensor]:
    """The encoder's LoRA factors A and B, recovered from the merged weights by an SVD of their
    changes, whose rank is at most `rank`."""
    factors, changed = {}, dict(network.encoder.named_parameters())
    for name, before in load_file(package_folder() / "model.safetensors").items():
        # An average of equal weights differs from them by rounding.
        if name not in changed or torch.allclose(changed[name], before, rtol=1e-5, atol=1e-6):
            continue
        difference = (changed[name].detach() - before).double()
        u, s, v = torch.linalg.svd(difference, full_matrices=False)
        layer = f"encoder.{name.removesuffix('.weight')}"
        root = s[:rank].sqrt()
        factors[f"{layer}.lora_B"] = (u[:, :rank] * root).float()
        factors[f"{layer}.lora_A"] = (root[:, None] * v[:rank]).float()
    return factors


def main(
    run: Annotated[Path, typer.Argument(help="Folder that `beaconviz train-translator` left.")],
    target: Annotated[Path, typer.Option(help="The file to write.")] = SHIPPED,
    subwords: Annotated[Path, typer.Option(help="The folder for the subwords.")] = SUBWORDS,
    dev: Annotated[Path | None, typer.Option(help="Pairs to measure on.")] = None,
    test: Annotated[Path | None, typer.Option(help="Pairs to measure on.")] = None,
) -> None:
    """Ship a run as translate-mini, and print the scores of what is shipped."""
    ship(run, target, subwords)
    network, *tokenizers = build(shipped=target, subwords=subwords)
    for name, path in {"dev": dev, "test": test}.items():
        pairs = [] if path is None else read_pairs(path)
        for beams in BEAMS if pairs else ():
            scores = scored(network, Tokenizers(*tokenizers), pairs, beams)
            typer.echo(f"{name}, beam {beams}: BLEU {scores.bleu:.1f}, chrF {scores.chrf:.1f}")
    size = sum(file.stat().st_size for file in (target, *subwords.iterdir()))
    typer.echo(f"{target.parent}: {size / 1e6:.2f} MB")


if __name__ == "__main__":
    typer.run(main)
