"""Sentences a second: an evaluation's passes, beside transformers' own pipeline, interleaved.

    python -m benchmarks.evaluate FILE [--sentences 320] [--rounds 5] [--batch 32]

Each cell is the median over rounds of sentences a second, and the ratio to the pipeline of the
same round; then the memory above the start after a quarter of the sentences and after all.
"""

from __future__ import annotations

import argparse
import resource
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

from transformers import TokenClassificationPipeline

import beaconviz as bv
from beaconviz import samples
from beaconviz.core.words import Tokens
from beaconviz.data.conll import Sentence
from beaconviz.data.dataset import read_dataset
from beaconviz.evaluate.judge import DesignFor, judge, readable
from beaconviz.rules.rule import Rule
from beaconviz.runs.execute import tag_batch
from benchmarks.timing import interleaved, ratios


def batches(model: bv.Model, sentences: Sequence[Sentence], size: int) -> list[list[Tokens]]:
    """Tokenized as an evaluation does it: of about one length."""
    tokens = sorted((readable(model, one.words) for one in sentences), key=len)
    return [tokens[at : at + size] for at in range(0, len(tokens), size)]


def passes(
    model: bv.Model, sentences: Sequence[Sentence], design_for: DesignFor, size: int
) -> dict[str, Callable[[], object]]:
    texts = sorted((" ".join(one.words) for one in sentences), key=len)
    pipeline = TokenClassificationPipeline(model=model.network, tokenizer=model.tokenizer)

    def baseline() -> None:
        for batch in batches(model, sentences, size):
            tag_batch(model, batch)

    def edited() -> None:
        for batch in batches(model, sentences, size):
            tag_batch(model, batch, [design_for(one.names("word")) for one in batch])

    return {
        "pipeline": lambda: pipeline(texts, batch_size=size),
        "baseline": baseline,
        "edited": edited,
        "evaluation": lambda: list(judge(model, sentences, design_for, batch_size=size)),
    }


def memory() -> float:
    """The most memory this process has had, in MB (Linux)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--sentences", type=int, default=320)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=32)
    options = parser.parse_args()
    model = bv.load("ner-mini")
    sentences = read_dataset(options.file).sentences
    design_for = Rule.from_yaml(samples.rules()["mute-punctuation"]).design
    some = sentences[: options.sentences]
    for _ in judge(model, some, design_for, batch_size=options.batch):
        pass
    before = memory()
    for _ in judge(model, sentences[: 4 * len(some)], design_for, batch_size=options.batch):
        pass
    print(f"memory: {memory() - before:.0f} MB more for 4 × as many sentences")
    found = interleaved(passes(model, some, design_for, options.batch), options.rounds)
    for name, seconds in found.items():
        ratio = statistics.median(ratios(found["pipeline"], seconds))
        rate = len(some) / statistics.median(seconds)
        print(f"{name:<10} {rate:7.0f} sentences/s  {ratio:.2f} × the pipeline")
    ratio = statistics.median(ratios(found["edited"], found["baseline"]))
    print(f"edited / baseline time: {ratio:.2f}")


if __name__ == "__main__":
    main()
