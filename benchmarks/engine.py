"""What an edit costs, beside stock transformers, interleaved in one run.

    python -m benchmarks.engine [--tokens 64 256 512 1024 2048] [--rounds 7] [--threads 2]

A BERT of MiniLM's size (6 layers, 12 heads, d = 32) with random weights and enough positions:
the shipped model takes 512 tokens, and speed does not depend on the numbers. Each cell is the
median over rounds of the time divided by the plain fused forward's of the same round, and the
peak memory above the model's own that one forward adds, in MB.
"""

from __future__ import annotations

import argparse
import gc
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import torch
from transformers import BertConfig, BertForTokenClassification

from beaconviz.core.interventions import INTERVENTIONS
from beaconviz.engine.attach import make_steerable
from beaconviz.engine.families import FAMILIES
from beaconviz.engine.forward import ATTENTION
from beaconviz.engine.passes import Pass, Plan, Recorder, running
from beaconviz.engine.rows import RowEdit
from benchmarks.timing import interleaved, ratios

LAYERS, HEADS = 6, 12
EDITED_ROWS = 8
MMAP = {"MALLOC_MMAP_THRESHOLD_": "65536"}  # freed tensors leave the resident size at once
CASES = ("plain", "edited", "edited, kept", "all rows edited, kept", "eager, attentions")


def network(attention: str) -> BertForTokenClassification:
    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=384, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
        intermediate_size=1536, max_position_embeddings=2048, num_labels=7,
    )  # fmt: skip
    return BertForTokenClassification._from_config(config, attn_implementation=attention).eval()


def edits(tokens: int, rows: int) -> dict[int, tuple[RowEdit, ...]]:
    """`rows` rows of every layer and head, with a marker and a beacon, read as a product."""
    index = torch.linspace(0, tokens - 1, rows).long().unique()
    marker = torch.zeros(len(index), tokens).scatter_(1, index[:, None], 0.5)
    marker[:, tokens // 2] += 0.5
    edit = RowEdit(
        INTERVENTIONS["product"], index, marker, torch.ones(len(index), tokens), torch.arange(HEADS)
    )
    return dict.fromkeys(range(LAYERS), (edit,))


def cases(tokens: int) -> dict[str, Callable[[], object]]:
    stock, eager, steered = network("sdpa"), network("eager"), network(ATTENTION)
    make_steerable(steered.base_model, FAMILIES["bert"])
    ids = torch.randint(0, 30_000, (1, tokens))
    few, every = edits(tokens, EDITED_ROWS), edits(tokens, tokens)

    def edited(what: dict[int, tuple[RowEdit, ...]], keep: bool) -> Pass:
        with running(Pass(Plan([what]), Recorder() if keep else None)) as this:
            steered(ids)
        return this

    return dict(
        zip(
            CASES,
            (
                lambda: stock(ids),
                lambda: edited(few, keep=False),
                lambda: edited(few, keep=True),
                lambda: edited(every, keep=True),
                lambda: eager(ids, output_attentions=True),
            ),
            strict=True,
        )
    )


@torch.inference_mode()
def peak(tokens: int, case: str) -> float:
    """MB that one forward adds at its peak to the resident size of a fresh process (Linux)."""
    run = cases(tokens)[case]
    cases(8)[case]()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from here
    before = resident("VmRSS")
    kept = run()
    added = resident("VmHWM") - before
    del kept
    return added


def resident(field: str) -> float:
    """A size of this process in MB: VmRSS now, VmHWM at its highest."""
    line = next(
        x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith(field)
    )
    return int(line.split()[1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, nargs="+", default=[64, 256, 512, 1024, 2048])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--peak", help="one case in this process: print its peak memory in MB")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.peak:
        print(peak(options.tokens[0], options.peak))
        return
    print(
        f"{LAYERS} layers, {HEADS} heads, {EDITED_ROWS} edited rows, {torch.get_num_threads()} threads"
    )
    print(f"{'tokens':>6}  {'plain ms':>8}" + "".join(f"  {name:>24}" for name in CASES[1:]))
    for tokens in options.tokens:
        with torch.inference_mode():
            found = interleaved(cases(tokens), options.rounds)
        plain = found["plain"]
        cells = []
        for name in CASES[1:]:
            ratio = statistics.median(ratios(found[name], plain))
            command = [
                sys.executable,
                "-m",
                "benchmarks.engine",
                "--tokens",
                str(tokens),
                "--peak",
                name,
            ]
            done = subprocess.run(command, capture_output=True, check=True, env=os.environ | MMAP)
            memory = float(done.stdout)
            cells.append(f"  {ratio:>14.2f} ×{memory:>5.0f} MB")
        print(f"{tokens:>6}  {statistics.median(plain) * 1000:>8.1f}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
