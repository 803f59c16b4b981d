"""Do learned beacons help? Every run of docs/experiments.md, and the table of them.

    python -m benchmarks.elastic DATA [--out runs/elastic] [--seeds 1 2 3] [--only NAME …] [--jobs
                                      2] [--figure F1.html]

DATA is a folder with train.conll, dev.conll and test.conll. Each run is one `beaconviz` command
with a separate folder. Finished runs are kept; stopped runs continue from their last checkpoint.
The table, in Markdown, has the mean over seeds and, after ±, their standard deviation.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import torch

# Peak rates: the best of three to five on a quarter of train, seed 1, half of dev.
NEW = "--backbone minilm --no-case --epochs 1 --bf16"
BEACONS = f"elastic {NEW} --method head --lr 3e-2"
RUNS = {
    "head": f"finetune {NEW} --method head --lr 3e-2",
    "head + beacons": BEACONS,
    "head + beacons + markers": f"{BEACONS} --marker --beacon-lr 3e-3",
    "head + beacons, no distance bias": f"{BEACONS} --distance 0",
    "head + beacons, shuffled over words": f"{BEACONS} --shuffled",
    "head + beacons, random and frozen": f"{BEACONS} --frozen",
    "LoRA, as many parameters": f"finetune {NEW} --method lora --rank 2 --targets query,key,value --lr 1e-2",
    "LoRA": f"finetune {NEW} --method lora --lr 1e-3",
    "LoRA + beacons": f"elastic {NEW} --method lora --lr 1e-3 --beacon-lr 5e-3",
    "full fine-tuning": f"finetune {NEW} --method full --lr 3e-4",
    "ner-mini + beacons": "elastic --epochs 1 --bf16 --lr 3e-3",
}


def folder(out: Path, name: str, seed: int) -> Path:
    return out / f"{name.replace(' + ', '-').replace(', ', '-').replace(' ', '-')}-{seed}"


def run(data: Path, out: Path, name: str, seed: int) -> str:
    """Run the command unless it is finished; returns the last line of its errors if it failed."""
    run_folder = folder(out, name, seed)
    if (run_folder / "scores.json").exists():
        return ""
    has_checkpoint = any(run_folder.glob("checkpoints/checkpoint-*/trainer_state.json"))
    if run_folder.exists() and not has_checkpoint:
        shutil.rmtree(run_folder)
    command, *options = RUNS[name].split()
    files = [data / "train.conll", "--dev", data / "dev.conll", "--test", data / "test.conll"]
    arguments = [
        command,
        *files,
        *options,
        "--seed",
        seed,
        "--out",
        run_folder,
        *["--resume"][: int(has_checkpoint)],
    ]
    program = Path(sys.executable).with_name("beaconviz")
    process = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True)
    return (
        ""
        if process.returncode == 0
        else f"{run_folder}: {process.stderr.strip().splitlines()[-1:]}"
    )


def finished(out: Path, seeds: list[int]) -> dict[str, list[dict[str, Any]]]:
    """The `scores.json` of the finished runs by name, in the order of `RUNS`."""
    by_name = {
        name: [
            json.loads(file.read_text("utf-8"))
            for file in (folder(out, name, seed) / "scores.json" for seed in seeds)
            if file.exists()
        ]
        for name in RUNS
    }
    return {name: runs for name, runs in by_name.items() if runs}


def table(runs: dict[str, list[dict[str, Any]]]) -> str:
    rows = [
        "| what is trained | parameters | CPU minutes | dev F1 | test F1 | runs |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, name_runs in runs.items():
        minutes = statistics.mean(result["cpu seconds"] for result in name_runs) / 60
        dev, test = (
            spread([result["scores"][part]["f1"] for result in name_runs])
            for part in ("dev", "test")
        )
        parameters = f"{name_runs[0]['trained parameters']:,}"
        rows.append(
            f"| {name} | {parameters} | {minutes:.1f} | {dev} | {test} | {len(name_runs)} |"
        )
    return "\n".join(rows)


def figure(runs: dict[str, list[dict[str, Any]]]) -> go.Figure:
    """F1 on dev and test, one mark for each run."""
    chart = go.Figure()
    for data_set, colour, symbol in (
        ("dev", "#0072B2", "circle"),
        ("test", "#D55E00", "diamond-open"),
    ):
        points = [
            (result["scores"][data_set]["f1"], name)
            for name, name_runs in runs.items()
            for result in name_runs
        ]
        f1, names = zip(*points, strict=True)
        chart.add_scatter(
            x=f1, y=names, name=data_set, mode="markers",
            marker={"color": colour, "symbol": symbol, "size": 11, "line": {"width": 2}},
        )  # fmt: skip
    chart.update_yaxes(autorange="reversed", gridcolor="#ddd")
    chart.update_xaxes(title="strict micro F1", gridcolor="#eee", range=[0.2, 0.8])
    chart.update_layout(
        template="plotly_white", width=860, height=60 + 34 * len(runs), margin={"t": 10, "b": 50},
        font={"size": 14},
    )  # fmt: skip
    return chart


def spread(values: list[float]) -> str:
    mean = f"{statistics.mean(values):.3f}"
    return mean if len(values) < 2 else f"{mean} ± {statistics.stdev(values):.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("runs/elastic"))
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--only", nargs="*", choices=list(RUNS), default=list(RUNS), metavar="NAME")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time")
    parser.add_argument("--figure", type=Path, help="write the F1 of every run here, as a page")
    options = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, torch.get_num_threads() // options.jobs)))
    waiting = [(name, seed) for seed in options.seeds for name in options.only]
    with ThreadPoolExecutor(options.jobs) as jobs:
        for failed in jobs.map(
            lambda name_and_seed: run(options.data, options.out, *name_and_seed), waiting
        ):
            if failed:
                print(failed, file=sys.stderr, flush=True)
    runs = finished(options.out, options.seeds)
    print(table(runs))
    if options.figure:
        figure(runs).write_html(options.figure, include_plotlyjs=True)


if __name__ == "__main__":
    main()
