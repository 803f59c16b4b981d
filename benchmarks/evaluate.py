"""Sentences per second: an evaluation's passes and transformers' pipeline, interleaved.

    python -m benchmarks.evaluate FILE [--sentences 320] [--rounds 5] [--batch 32]

Each row has the median over rounds of sentences per second, and of the ratio to the pipeline in the
same round. The memory is what four times as many sentences need in addition.
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
    """The tokens of the sentences in batches of similar length, as in an evaluation."""
    tokens = sorted((readable(model, sentence.words) for sentence in sentences), key=len)
    return [tokens[start : start + size] for start in range(0, len(tokens), size)]


def passes(
    model: bv.Model, sentences: Sequence[Sentence], design_for: DesignFor, size: int
) -> dict[str, Callable[[], object]]:
    texts = sorted((" ".join(sentence.words) for sentence in sentences), key=len)
    pipeline = TokenClassificationPipeline(model=model.network, tokenizer=model.tokenizer)

    def baseline() -> None:
        for batch in batches(model, sentences, size):
            tag_batch(model, batch)

    def edited() -> None:
        for batch in batches(model, sentences, size):
            tag_batch(model, batch, [design_for(tokens.names("word")) for tokens in batch])

    return {
        "pipeline": lambda: pipeline(texts, batch_size=size),
        "baseline": baseline,
        "edited": edited,
        "evaluation": lambda: list(judge(model, sentences, design_for, batch_size=size)),
    }


def memory() -> float:
    """The peak memory of this process so far, in MB (Linux)."""
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
    sample = sentences[: options.sentences]
    for _ in judge(model, sample, design_for, batch_size=options.batch):
        pass
    before = memory()
    for _ in judge(model, sentences[: 4 * len(sample)], design_for, batch_size=options.batch):
        pass
    print(f"memory: {memory() - before:.0f} MB more for 4 × as many sentences")
    times = interleaved(passes(model, sample, design_for, options.batch), options.rounds)
    for name, seconds in times.items():
        ratio = statistics.median(ratios(times["pipeline"], seconds))
        rate = len(sample) / statistics.median(seconds)
        print(f"{name:<10} {rate:7.0f} sentences/s  {ratio:.2f} × the pipeline")
    ratio = statistics.median(ratios(times["edited"], times["baseline"]))
    print(f"edited / baseline time: {ratio:.2f}")


if __name__ == "__main__":
    main()
