"""The time of generation under an edit and of transformers' `generate`, interleaved in one run.

    python -m benchmarks.tasks [--tokens 64] [--rounds 9] [--threads 2]

The causal model has the sizes of SmolLM2-135M (Llama, 30 layers, 9 query heads on 3 key heads) and
random weights, since speed does not depend on them; the translator is translate-mini. Each case
generates `tokens` tokens greedily with a key-value cache: stock transformers with fused attention,
beaconviz without a design, and beaconviz with a beacon on a column of all rows, all layers and
heads. A figure is the median over rounds of the time divided by the stock time of the same round,
with the least and the greatest ratio. "whole run" is the cost of an edit on the Translate page: the
sentence is generated again, and one more forward pass keeps the queries and keys of each step.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedModel

import beaconviz as bv
from beaconviz.models.model import Model
from beaconviz.models.shipped import translate_mini
from beaconviz.runs.generate import generate_ids
from benchmarks.timing import interleaved, lines

SENTENCE = "Tom gave Mary a red book and she likes it."  # ten words


def causal(folder: Path) -> tuple[Model, PreTrainedModel]:
    """The causal model loaded by beaconviz and by transformers."""
    from tests.tiny import tiny_tokenizer

    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=49_152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30,
        num_attention_heads=9, num_key_value_heads=3, max_position_embeddings=8192,
        tie_word_embeddings=True, eos_token_id=None, pad_token_id=0,
    )  # fmt: skip
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tiny_tokenizer(byte_level=True).save_pretrained(folder)
    stock = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    return bv.load(str(folder), device="cpu"), stock


def cases(model: Model, stock: PreTrainedModel, tokens: int) -> dict[str, Callable[[], object]]:
    read = model.tokenize(SENTENCE)
    kind = "self" if model.task.over_next else "cross"
    design = bv.Design(SENTENCE.split(), (bv.Edit(beacon=(("*", 4, 8.0),), attention=kind),))
    ids = torch.tensor([read.ids])
    options = {"max_new_tokens": tokens, "min_new_tokens": tokens, "do_sample": False}
    # Both generate the same number of tokens.
    model.network.generation_config.min_new_tokens = tokens

    def generate() -> None:
        with torch.inference_mode():
            stock.generate(input_ids=ids, attention_mask=torch.ones_like(ids), **options)

    return {
        "stock": generate,
        "no design": lambda: generate_ids(model, read, limit=tokens),
        "column beacon": lambda: generate_ids(model, read, design, limit=tokens),
        "whole run": lambda: bv.run(model, read, design, limit=tokens),
    }


def report(name: str, runs: dict[str, Callable[[], object]], rounds: int) -> None:
    times = interleaved(runs, rounds)
    print(f"{name}: stock {statistics.median(times['stock']) * 1000:.0f} ms")
    print(lines(times, "stock"), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"{options.threads} threads, {options.tokens} tokens")
    with tempfile.TemporaryDirectory() as folder:
        report("Llama, 135 M", cases(*causal(Path(folder)), options.tokens), options.rounds)
    network, *_ = translate_mini.build()
    model = bv.load("translate-mini", device="cpu")
    report("translate-mini, 12 tokens", cases(model, network, 12), options.rounds)


if __name__ == "__main__":
    main()
