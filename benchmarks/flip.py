"""How often a label can be flipped by an edit of A, with how many cells, and what else it changes.

    python -m benchmarks.flip FILE [--count 50] [--words 6 25] [--seed 0] [--model ner-mini]

An objective is a random word of a random sentence of the file, and a random type that the model
does not give it. Each is tried by four searches: cells added one by one ("greedy"), the same
reduced, `learn` (which leaves all other words as they are), and `smallest_flip`, which starts from
both. Each has a row: how often it succeeds; the median and the greatest number of cells; how often
the tag of another word changes; how often a name without the objective's word is split, that is,
its words no longer belong to one name; and the median time in seconds.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

import torch

import beaconviz as bv
from beaconviz.core.design import Design
from beaconviz.core.labels import split_label
from beaconviz.data.dataset import read_dataset
from beaconviz.optimize.descent import on_heads
from beaconviz.optimize.flip import greedy, reached, reduced
from beaconviz.optimize.objective import kinds
from beaconviz.optimize.prune import cell_count
from beaconviz.optimize.relaxed import RelaxedRun, select_heads

HEAD = (
    "| search | succeeds | cells, median | most | other tags change | another name is split | s |"
)


class Task(NamedTuple):
    """A word of a sentence, and the type that it should get."""

    words: tuple[str, ...]
    word: int
    label: str


class Result(NamedTuple):
    """The result of a search.

    Attributes:
        cells: the number of cells; None if no design was found.
        changed: whether the tag of another word changed.
        split: whether another name was split.
    """

    cells: int | None
    changed: bool
    split: bool
    seconds: float


def tasks(
    model: bv.Model, sentences: Sequence[Sequence[str]], draw: random.Random
) -> Iterator[Task]:
    """Random words with a random type that they do not have."""
    while True:
        words = tuple(draw.choice(sentences))
        baseline = bv.run(model, words)
        word = draw.choice(
            [n for n, token in enumerate(baseline.aligned.deciding) if token is not None]
        )
        current = split_label(baseline.tags[word])[1] or "none"
        yield Task(
            words, word, draw.choice([kind for kind in kinds(model.labels) if kind != current])
        )


def by_cells(model: bv.Model, task: Task, baseline: bv.Run, *, reduce: bool) -> Design | None:
    """The greedy search of `smallest_flip`: cells are added one by one."""
    target = bv.Objective({task.word: task.label}).target(baseline)
    chosen = select_heads(model, baseline, "all", "all")
    neutral = on_heads(Design.neutral(task.words), chosen, model)
    steps = greedy(model, target, RelaxedRun(model, baseline, "product", chosen), neutral)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            design: Design = end.value
            break
    if not reached(model, target, design):
        return None
    return reduced(model, target, design) if reduce else design


def by_learning(model: bv.Model, task: Task, baseline: bv.Run) -> Design | None:
    *_, last = bv.learn(model, task.words, bv.Objective({task.word: task.label}), baseline=baseline)
    return last.design if last.verdict.met else None


SEARCHES: dict[str, Callable[[bv.Model, Task, bv.Run], Design | None]] = {
    "greedy": lambda *arguments: by_cells(*arguments, reduce=False),
    "greedy, reduced": lambda *arguments: by_cells(*arguments, reduce=True),
    "`learn`": by_learning,
    "`smallest_flip`": lambda model, task, baseline: bv.smallest_flip(
        model, task.words, task.word, task.label, baseline=baseline
    ),
}


def result(model: bv.Model, task: Task, design: Design | None, seconds: float) -> Result:
    """What the design does in an ordinary run."""
    if design is None:
        return Result(None, False, False, seconds)
    before, after = bv.run(model, task.words), bv.run(model, task.words, design)
    target = bv.Objective({task.word: task.label}).target(before)
    verdict = target.verdict(after)
    assert verdict.labels_reached
    split = any(is_split(after, name) for name in names(before) if task.word not in name)
    return Result(cell_count(design), bool(verdict.changed), split, seconds)


def names(run: bv.Run) -> list[tuple[int, ...]]:
    """The words of each entity."""
    return [run.aligned.words_between(entity.start, entity.end) for entity in run.entities]


def is_split(run: bv.Run, name: tuple[int, ...]) -> bool:
    """Whether a name of the run has some of these words but not all."""
    return any(
        set(name) & set(other_name) and not set(name) <= set(other_name)
        for other_name in names(run)
    )


def row(name: str, results: Sequence[Result]) -> str:
    successes = [result for result in results if result.cells is not None]
    cells = [result.cells for result in successes if result.cells is not None]
    share = [sum(getattr(result, field) for result in successes) for field in ("changed", "split")]
    middle = f"{statistics.median(cells):g} | {max(cells)}" if cells else " | "
    seconds = statistics.median(result.seconds for result in results)
    return (
        f"| {name} | {len(successes)} of {len(results)} | {middle} | {share[0]} of {len(successes)} | "
        f"{share[1]} of {len(successes)} | {seconds:.1f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", default="ner-mini")
    parser.add_argument("--count", type=int, default=50)
    parser.add_argument("--words", type=int, nargs=2, default=[6, 25], metavar=("FEWEST", "MOST"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    model, draw = bv.load(options.model), random.Random(options.seed)
    fewest, most = options.words
    every = [sentence.words for sentence in read_dataset(options.file).sentences]
    drawn = tasks(model, [words for words in every if fewest <= len(words) <= most], draw)
    results: dict[str, list[Result]] = {name: [] for name in SEARCHES}
    for _ in range(options.count):
        task = next(drawn)
        baseline = bv.run(model, task.words)
        for name, search in SEARCHES.items():
            start = perf_counter()
            design = search(model, task, baseline)
            results[name].append(result(model, task, design, perf_counter() - start))
        cells = ", ".join(f"{name} {by_search[-1].cells}" for name, by_search in results.items())
        print(f"{task.words[task.word]} as {task.label}: {cells}", file=sys.stderr, flush=True)
    print(f"{options.count} objectives, {model.name}, {torch.get_num_threads()} threads")
    print(f"{HEAD}\n|{' --- |' * 7}")
    for name, by_search in results.items():
        print(row(name, by_search), flush=True)


if __name__ == "__main__":
    main()
