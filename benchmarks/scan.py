"""The time of a head scan compared with one forward pass, interleaved in one run.

    python -m benchmarks.scan [--tokens 32 128] [--rounds 15] [--threads 2] [--model ner-mini]

One forward pass is `beaconviz.run` of the text's tokens. The scan tries a design at every layer and
head, with a given baseline. One design edits two rows, the other also a column of all rows. The
measure is a label's probability at two words, or the divergence of all outputs. Each figure is the
median over rounds of the time divided by the forward pass of the same round, with the least and the
greatest ratio, which show how noisy the machine was. "one by one" is a separate run for each head.
"""

from __future__ import annotations

import argparse
import statistics
from collections.abc import Callable

import torch

import beaconviz as bv
from beaconviz.analysis.scan import Divergence, LabelScore, Measure, at_heads, scan
from beaconviz.core.words import Tokens
from benchmarks.timing import interleaved, lines

SENTENCE = "Steve Jobs was the co-founder of Apple Inc. and Ada Lovelace lived in London"


def text_of(model: bv.Model, count: int) -> Tokens:
    """A text of exactly `count` tokens."""
    words = (SENTENCE.split() * count)[:count]
    while len(model.tokenize(words)) > count:
        words = words[:-1]
    words += ["and"] * (count - len(model.tokenize(words)))
    return model.tokenize(words)


def cases(model: bv.Model, tokens: Tokens) -> dict[str, Callable[[], object]]:
    names = tokens.names("word")
    neutral = bv.Design.neutral(names)
    row = neutral.with_cells(marker=[(0, 2, 1.0), (0, 0, 0.0)], beacon=[(2, 6, 40.0)])
    column = row.with_cells(beacon=[("*", 6, 40.0)])
    label = LabelScore("ORG", (6, 7))
    baseline = bv.run(model, tokens)

    def scanned(design: bv.Design, measure: Measure) -> Callable[[], object]:
        return lambda: scan(model, tokens, design, measure, baseline=baseline)

    def one_by_one() -> None:
        for layer in range(model.layers):
            for head in range(model.heads):
                bv.run(model, tokens, at_heads(column, {layer: (head,)}), baseline=baseline)

    return {
        "forward": lambda: bv.run(model, tokens),
        "rows, label": scanned(row, label),
        "rows, all outputs": scanned(row, Divergence()),
        "column, label": scanned(column, label),
        "column, all outputs": scanned(column, Divergence()),
        "one by one": one_by_one,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, nargs="+", default=[32, 128])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--model", default="ner-mini")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = bv.load(options.model)
    print(f"{model.layers} × {model.heads} heads, {options.threads} threads, {model.device}")
    for count in options.tokens:
        times = interleaved(cases(model, text_of(model, count)), options.rounds)
        forward = statistics.median(times["forward"])
        print(f"{count} tokens: one forward pass {forward * 1000:.1f} ms")
        print(lines(times, "forward"), flush=True)


if __name__ == "__main__":
    main()
