"""Does an edit help a sentence in a long context? F1 of sentences alone and within other sentences.

    python -m benchmarks.buried FILE [--learned DIR …] [--tokens 0 128 256 500] [--sentences 400]
    python -m benchmarks.buried FILE --join OUT --tokens 256

Each sentence is put at a random place among other sentences of the file, up to the given number of
tokens (0: alone). Only its own words are scored: strict micro F1, the change from the untouched
model at the same length, and the paired bootstrap's 95 % interval of that change. The second form
writes the sentences of a file, shuffled and joined to texts of at most that many tokens, for
training.
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


class BuriedSentence(NamedTuple):
    """A text, the sentence in it that is scored, and the number of that sentence's first word."""

    tokens: Tokens
    first: int
    sentence: Sentence


class Treatment(NamedTuple):
    design_for: Callable[[Sequence[str]], Design] | None = None
    learned: ElasticBeacons | None = None


def bury(
    model: bv.Model, sentence: Sentence, context: Sequence[Sentence], size: int, draw: random.Random
) -> BuriedSentence:
    """The sentence with others before and after it, in total at most `size` tokens."""
    before: list[str] = []
    after: list[str] = []
    tokens = model.tokenize(list(sentence.words))
    while True:
        words = draw.choice(context).words
        sides = ([*words, *before], after) if draw.random() < 0.5 else (before, [*after, *words])
        longer = fitting(model, [*sides[0], *sentence.words, *sides[1]], size)
        if longer is None:
            return BuriedSentence(tokens, len(before), sentence)
        tokens, (before, after) = longer, sides


def fitting(model: bv.Model, words: Sequence[str], size: int) -> Tokens | None:
    """The tokens of the words; None if there are more than `size`."""
    try:
        tokens = model.tokenize(list(words))
    except bv.BeaconvizError:  # more than the model takes
        return None
    return tokens if len(tokens) <= size else None


def join(model: bv.Model, sentences: Sequence[Sentence], size: int) -> Iterator[Sentence]:
    """Sentences joined to texts of as many as fit into `size` tokens."""
    joined = sentences[0]
    for sentence in sentences[1:]:
        longer = Sentence(joined.words + sentence.words, joined.tags + sentence.tags)
        if fitting(model, longer.words, size) is None:
            yield joined
            longer = sentence
        joined = longer
    yield joined


def conll(sentence: Sentence) -> str:
    rows = zip(sentence.words, sentence.tags, strict=True)
    return "".join(f"{word}\t{tag}\n" for word, tag in rows)


def answers(
    model: bv.Model, texts: Sequence[BuriedSentence], treatment: Treatment
) -> list[list[str]]:
    """The tags of every sentence's own words."""
    tags_of_texts: list[list[str]] = [[] for _ in texts]
    order = sorted(range(len(texts)), key=lambda n: len(texts[n].tokens))
    while order:
        size = max(1, BATCH_TOKENS // len(texts[order[-1]].tokens))
        batch, order = order[-size:], order[:-size]
        tokens = [texts[n].tokens for n in batch]
        design_for = treatment.design_for
        designs = (
            [design_for(text_tokens.names("word")) for text_tokens in tokens]
            if design_for
            else None
        )
        for n, tags in zip(
            batch, tag_batch(model, tokens, designs, treatment.learned), strict=True
        ):
            first = texts[n].first
            tags_of_texts[n] = tags[first : first + len(texts[n].sentence.words)]
    return tags_of_texts


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
    gold = [sentence.tags for sentence in chosen]
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
        texts = [bury(model, sentence, every, size, draw) for sentence in chosen]
        mean = sum(len(text.tokens) for text in texts) / len(texts)
        before = counts(gold, answers(model, texts, treatments["untouched"]))
        for name, treatment in treatments.items():
            predicted = answers(model, texts, treatment)
            f1 = score(gold, predicted).f1
            cells = f"| {mean:.0f} | {name} | {f1:.3f} |"
            if name == "untouched":
                untouched = f1
                print(f"{cells} | |", flush=True)
                continue
            low, high = f1_change_interval(before, counts(gold, predicted))
            print(f"{cells} {f1 - untouched:+.3f} | {low:+.3f} to {high:+.3f} |", flush=True)


if __name__ == "__main__":
    main()
