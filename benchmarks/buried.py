"""Does an edit help where a sentence lies in much else? F1 of sentences alone and buried in
context.

    python -m benchmarks.buried FILE [--learned DIR …] [--tokens 0 128 256 500] [--sentences 400]
    python -m benchmarks.buried FILE --join OUT --tokens 256

Each sentence is put at a random place among other sentences of the file, until the text has
so many tokens (0: alone). Only its own words are scored: strict micro F1, the change to the
untouched model at the same length, and the paired bootstrap's 95 % interval of that change.
The second form writes the sentences of a file, shuffled and joined to texts of so many tokens,
to train on.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import beaconviz as bv
from beaconviz import samples
from beaconviz.core.design import Design
from beaconviz.core.words import Tokens
from beaconviz.data.conll import Sentence
from beaconviz.data.dataset import read_dataset
from beaconviz.engine.elastic import ElasticBeacons
from beaconviz.evaluate.scores import score
from beaconviz.evaluate.statistics import counts, f1_change_interval
from beaconviz.rules.rule import Rule
from beaconviz.runs.execute import tag_batch
from beaconviz.runs.learned_beacons import load_learned

RULES = {"local window": "local-window", "long-distance rule": "long-distance"}
BATCH_TOKENS = 4096


class Buried(NamedTuple):
    """A text, and where in its words the sentence lies that is scored."""

    tokens: Tokens
    first: int
    sentence: Sentence


class Treatment(NamedTuple):
    design_for: Callable[[Sequence[str]], Design] | None = None
    learned: ElasticBeacons | None = None


def bury(
    model: bv.Model, sentence: Sentence, others: Sequence[Sentence], size: int, draw: random.Random
) -> Buried:
    """The sentence with others before and after it, at most `size` tokens in all."""
    before: list[str] = []
    after: list[str] = []
    tokens = model.tokenize(list(sentence.words))
    while True:
        words = draw.choice(others).words
        sides = ([*words, *before], after) if draw.random() < 0.5 else (before, [*after, *words])
        more = fitting(model, [*sides[0], *sentence.words, *sides[1]], size)
        if more is None:
            return Buried(tokens, len(before), sentence)
        tokens, (before, after) = more, sides


def fitting(model: bv.Model, words: Sequence[str], size: int) -> Tokens | None:
    """The tokens of the words; None when they are more than `size`."""
    try:
        tokens = model.tokenize(list(words))
    except bv.BeaconvizError:  # more than the model takes
        return None
    return tokens if len(tokens) <= size else None


def join(model: bv.Model, sentences: Sequence[Sentence], size: int) -> Iterator[Sentence]:
    """Sentences one after the other, as many as fit into `size` tokens."""
    joined = sentences[0]
    for one in sentences[1:]:
        more = Sentence(joined.words + one.words, joined.tags + one.tags)
        if fitting(model, more.words, size) is None:
            yield joined
            more = one
        joined = more
    yield joined


def conll(sentence: Sentence) -> str:
    rows = zip(sentence.words, sentence.tags, strict=True)
    return "".join(f"{word}\t{tag}\n" for word, tag in rows)


def answers(model: bv.Model, texts: Sequence[Buried], treatment: Treatment) -> list[list[str]]:
    """The tags of every sentence's own words."""
    found: list[list[str]] = [[] for _ in texts]
    order = sorted(range(len(texts)), key=lambda n: len(texts[n].tokens))
    while order:
        size = max(1, BATCH_TOKENS // len(texts[order[-1]].tokens))
        batch, order = order[-size:], order[:-size]
        tokens = [texts[n].tokens for n in batch]
        make = treatment.design_for
        designs = [make(one.names("word")) for one in tokens] if make else None
        for n, tags in zip(
            batch, tag_batch(model, tokens, designs, treatment.learned), strict=True
        ):
            first = texts[n].first
            found[n] = tags[first : first + len(texts[n].sentence.words)]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", default="ner-mini")
    parser.add_argument("--learned", type=Path, nargs="*", default=[], metavar="DIR")
    parser.add_argument("--tokens", type=int, nargs="+", default=[0, 128, 256, 500])
    parser.add_argument("--sentences", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--join", type=Path, metavar="OUT", help="write joined sentences here")
    options = parser.parse_args()
    model, draw = bv.load(options.model), random.Random(options.seed)
    every = list(read_dataset(options.file).sentences)
    if options.join:
        texts = join(model, draw.sample(every, len(every)), options.tokens[0])
        options.join.write_text("\n".join(map(conll, texts)), "utf-8")
    else:
        chosen = draw.sample(every, min(options.sentences, len(every)))
        measure(model, every, chosen, options)


def measure(
    model: bv.Model,
    every: Sequence[Sentence],
    chosen: Sequence[Sentence],
    options: argparse.Namespace,
) -> None:
    """Print the table."""
    draw = random.Random(options.seed)
    gold = [one.tags for one in chosen]
    rules = samples.rules()
    treatments = {"untouched": Treatment()}
    for name, file in RULES.items():
        treatments[name] = Treatment(design_for=Rule.from_yaml(rules[file]).design)
    for path in options.learned:
        treatments[f"learned, {path.name}"] = Treatment(learned=load_learned(path, model))
    print(
        "| tokens | what is done | F1 | change | 95 % interval |\n| --- | --- | --- | --- | --- |"
    )
    for size in options.tokens:
        texts = [bury(model, one, every, size, draw) for one in chosen]
        mean = sum(len(one.tokens) for one in texts) / len(texts)
        before = counts(gold, answers(model, texts, treatments["untouched"]))
        for name, treatment in treatments.items():
            found = answers(model, texts, treatment)
            f1 = score(gold, found).f1
            cells = f"| {mean:.0f} | {name} | {f1:.3f} |"
            if name == "untouched":
                untouched = f1
                print(f"{cells} | |", flush=True)
                continue
            low, high = f1_change_interval(before, counts(gold, found))
            print(f"{cells} {f1 - untouched:+.3f} | {low:+.3f} to {high:+.3f} |", flush=True)


if __name__ == "__main__":
    main()
