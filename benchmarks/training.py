"""The cost of a fine-tuning step on a CPU, by attention, precision and LoRA dropout, interleaved.

    python -m benchmarks.training

Batches are random words in sentences as long as those of a news corpus. The median is printed.
"""

import argparse
import random
import statistics
import time
from pathlib import Path

import torch
from torch import nn
from transformers import DataCollatorForTokenClassification

from beaconviz.data.conll import Sentence
from beaconviz.data.targets import MarkedSentences
from beaconviz.training.backbone import load_backbone, make_trainable
from beaconviz.training.settings import Settings

VARIANTS = {
    "plain attention, bf16": ("eager", True, 0.0),
    "plain attention, float32": ("eager", False, 0.0),
    "fused attention, bf16": ("sdpa", True, 0.0),
    "fused attention, float32": ("sdpa", False, 0.0),
    "plain attention, bf16, LoRA dropout 0.1": ("eager", True, 0.1),
}


def main(rounds: int, threads: int) -> None:
    torch.set_num_threads(threads)
    random.seed(0)
    settings = Settings(Path(), Path(), Path())
    labels = ["O", "B-PER", "I-PER"]
    backbone = load_backbone(settings, labels)
    words = [word for word in backbone.tokenizer.get_vocab() if word.isalpha()]
    sentences = [
        Sentence(tuple(random.choices(words, k=length)), ("O",) * length)
        for length in (8, 16, 24, 40)
        for _ in range(settings.batch_size)
    ]
    marked = MarkedSentences(sentences, backbone.tokenizer, labels)
    collate = DataCollatorForTokenClassification(backbone.tokenizer)
    size = settings.batch_size
    batches = [
        collate([marked[index] for index in range(start, start + size)])
        for start in range(0, len(sentences), size)
    ]
    network = make_trainable(backbone.network, settings).train()
    seconds: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    for _ in range(rounds + 1):
        for variant, (attention, half, dropout) in VARIANTS.items():
            network.base_model.model.set_attn_implementation(attention)
            set_lora_dropout(network, dropout)
            seconds[variant].append(seconds_per_step(network, batches, half))
    print(f"torch {torch.__version__}, {threads} threads, batches of {size}")
    for variant, times in seconds.items():
        print(f"{statistics.median(times[1:]):.3f} s per step: {variant}")


def set_lora_dropout(network: nn.Module, share: float) -> None:
    for module in network.modules():
        if hasattr(module, "lora_dropout"):
            module.lora_dropout["default"] = nn.Dropout(share) if share else nn.Identity()


def seconds_per_step(network: nn.Module, batches: list, half: bool) -> float:
    """Forward and backward, mean over the batches."""
    start = time.perf_counter()
    for batch in batches:
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            loss = network(**batch).loss
        loss.backward()
        network.zero_grad()
    return (time.perf_counter() - start) / len(batches)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    main(options.rounds, options.threads)
