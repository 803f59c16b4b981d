"""The cost of an edit compared with stock transformers, interleaved in one run.

    python -m benchmarks.engine [--tokens 64 256 512 1024 2048] [--rounds 7] [--threads 2]

The model is a BERT of MiniLM's size (6 layers, 12 heads, d = 32) with random weights, since speed
does not depend on them, and with 2048 positions instead of 512. Each cell is the median over rounds
of the time divided by that of the plain fused forward pass of the same round, and the peak memory
in MB that one forward pass needs in addition to the model.
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

    def edited(row_edits: dict[int, tuple[RowEdit, ...]], keep: bool) -> Pass:
        with running(Pass(Plan([row_edits]), Recorder() if keep else None)) as edited_pass:
            steered(ids)
        return edited_pass

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
    """The peak memory of one forward pass above the resident size before it, in MB (Linux)."""
    run = cases(tokens)[case]
    cases(8)[case]()
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from here
    before = resident("VmRSS")
    result = run()
    added = resident("VmHWM") - before
    del result
    return added


def resident(field: str) -> float:
    """A size of this process in MB: VmRSS now, VmHWM at its highest."""
    line = next(
        row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith(field)
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
            seconds = interleaved(cases(tokens), options.rounds)
        plain = seconds["plain"]
        cells = []
        for name in CASES[1:]:
            ratio = statistics.median(ratios(seconds[name], plain))
            command = [
                sys.executable,
                "-m",
                "benchmarks.engine",
                "--tokens",
                str(tokens),
                "--peak",
                name,
            ]
            process = subprocess.run(
                command, capture_output=True, check=True, env=os.environ | MMAP
            )
            memory = float(process.stdout)
            cells.append(f"  {ratio:>14.2f} ×{memory:>5.0f} MB")
        print(f"{tokens:>6}  {statistics.median(plain) * 1000:>8.1f}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
