"""Both answers of a model, untouched and edited, to every sentence of a data set."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from seqeval.metrics.sequence_labeling import get_entities

from beaconviz.core.design import Design
from beaconviz.core.edit import DesignError
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Tokens, placed_words
from beaconviz.data.conll import Sentence
from beaconviz.engine.elastic import ElasticBeacons
from beaconviz.models.model import Model
from beaconviz.models.tokenizing import read
from beaconviz.runs.batches import batches
from beaconviz.runs.execute import run_batch, tag_batch
from beaconviz.runs.run import Run

DesignFor = Callable[[Sequence[str]], Design]

BATCH = 32
GROUP = 256  # sentences from which batches of like length are made


@dataclass(frozen=True)
class Judged:
    """A model's answers to one sentence, baseline and edited: one BIO tag per word.

    Attributes:
        number: the sentence's place in the data, from 0.
        left_alone: the design has no edit for this sentence, or does not fit it.
        read: how many words the model read; the others count as "O".
        giveaways: for each gold entity the distance in words to the word that it attends to most
            (see `giveaways`); None where there is none.
    """

    number: int
    baseline: tuple[str, ...]
    edited: tuple[str, ...]
    left_alone: bool
    read: int
    giveaways: tuple[int | None, ...]


def judge(
    model: Model,
    sentences: Sequence[Sentence],
    design_for: DesignFor,
    *,
    learned: ElasticBeacons | None = None,
    done: Mapping[int, Judged] | None = None,
    batch_size: int = BATCH,
    seed: int = 0,
) -> Iterator[list[Judged]]:
    """Judges the sentences that are not in `done`, a batch at a time.

    Sentences come in a random order, in groups, so that the sentences judged before an early stop
    are a fair sample. A batch holds sentences of one group that are of similar length.

    Args:
        design_for: the design for a sentence's words; where it raises a `DesignError`, the sentence
            is left alone.
        learned: a module that makes beacons for every sentence; designs are applied after it.
        done: answers that are known already, by the sentence's number.

    Raises:
        BeaconvizError: a model without labels, or another than the module was made for.
    """
    if not model.labels:
        raise BeaconvizError(f"{model.name} has no labels for words; load a NER model")
    draw = random.Random(seed)
    unjudged = [n for n in range(len(sentences)) if n not in (done or {})]
    draw.shuffle(unjudged)
    for start in range(0, len(unjudged), GROUP):
        group = [Tokenized.of(model, n, sentences[n]) for n in unjudged[start : start + GROUP]]
        places = batches(model, [len(item.tokens) for item in group], batch_size)
        draw.shuffle(places)
        for batch in places:
            yield judge_batch(model, [group[place] for place in batch], design_for, learned)


class Tokenized(NamedTuple):
    """A sentence of the data, its number there, and its tokens as far as the model reads them."""

    number: int
    sentence: Sentence
    tokens: Tokens

    @classmethod
    def of(cls, model: Model, number: int, sentence: Sentence) -> Tokenized:
        """Tokenize a sentence; the tokens end after the last word that the model reads."""
        return cls(number, sentence, readable(model, sentence.as_written))


def judge_batch(
    model: Model,
    batch: Sequence[Tokenized],
    design_for: DesignFor,
    learned: ElasticBeacons | None = None,
) -> list[Judged]:
    """Judge one batch; the edited pass runs only the sentences that have an edit."""
    designs = [design_or_none(design_for, item.tokens) for item in batch]
    runs = run_batch(model, [item.tokens for item in batch])
    edited = [run.tags for run in runs]
    changed = [n for n, design in enumerate(designs) if learned is not None or design is not None]
    if changed:
        answers = tag_batch(
            model,
            [batch[n].tokens for n in changed],
            [designs[n] for n in changed],
            learned,
            baselines=[runs[n] for n in changed],
        )
        for n, answer in zip(changed, answers, strict=True):
            edited[n] = answer
    judged = []
    for n, (number, sentence, tokens) in enumerate(batch):
        numbers = word_numbers(tokens, sentence)
        judged.append(
            Judged(
                number=number,
                baseline=word_tags(runs[n].tags, numbers),
                edited=word_tags(edited[n], numbers),
                left_alone=n not in changed,
                read=sum(word is not None for word in numbers),
                giveaways=_giveaways(runs[n], sentence, numbers),
            )
        )
    return judged


def readable(model: Model, text_or_words: str | Sequence[str]) -> Tokens:
    """The tokens of a text, or of words, cut after the last word that the model reads."""
    text, words = placed_words(text_or_words)
    tokens = read(model, text, words)
    count = len(words)
    while len(tokens) > model.max_tokens:
        if count < 2:
            return model.tokenize(
                text_or_words
            )  # raises: a single word longer than the model reads
        count = max(1, min(count * 9 // 10, model.max_tokens))
        tokens = read(model, text[: words[count - 1].end], words[:count])
    return tokens


def word_numbers(tokens: Tokens, sentence: Sentence) -> list[int | None]:
    """For each word of a sentence the number of the word of `tokens` that contains it.

    The two differ where one token covers several words (see `core.words.merge_words`). None for
    words after the last one that the model read.
    """
    ends = [word.end for word in tokens.words]
    numbers = [bisect_right(ends, word.start) for word in sentence.placed]
    return [number if number < len(ends) else None for number in numbers]


def word_tags(tags: Sequence[str], numbers: Sequence[int | None]) -> tuple[str, ...]:
    """The tags of a sentence's words, from the tags of the model's words; "O" for unread words.

    >>> word_tags(["B-PER", "O"], [0, 0, 1, None])
    ('B-PER', 'I-PER', 'O', 'O')
    """
    return tuple(
        "O"
        if number is None
        else f"I{tags[number][1:]}"
        if number == before and tags[number] != "O"
        else tags[number]
        for before, number in pairwise((None, *numbers))
    )


def giveaways(run: Run, entities: Sequence[tuple[int, int]]) -> tuple[int | None, ...]:
    """The distance in words from each entity to its giveaway, 1 for a neighbour; None if there is
    no other word.

    The giveaway of an entity is the word outside it that its words attend to most, in the mean
    over all layers and heads of the run: what the model looks at, not a linguist's judgement.

    Args:
        entities: the first and last word of each.
    """
    weights = run.attention(unit="word")
    distances: list[int | None] = []
    for first, last in entities:
        attention = weights[first : last + 1].sum(dim=0)
        attention[first : last + 1] = -1.0
        target = int(attention.argmax())
        inside = first <= target <= last
        distances.append(None if inside else max(first - target, target - last))
    return tuple(distances)


def _giveaways(
    run: Run, sentence: Sentence, numbers: Sequence[int | None]
) -> tuple[int | None, ...]:
    spans = [
        (numbers[first], numbers[last]) for _, first, last in get_entities(list(sentence.tags))
    ]
    if not spans:
        return ()
    spans_read = [(first, last) for first, last in spans if first is not None and last is not None]
    distances = iter(giveaways(run, spans_read))
    return tuple(None if last is None else next(distances) for _, last in spans)


def design_or_none(design_for: DesignFor, tokens: Tokens) -> Design | None:
    """The design for a text; None where it does not fit or has nothing to do."""
    try:
        design = design_for(tokens.names("word"))
    except DesignError:  # for example a preset on word 7 in a sentence of five words
        return None
    return None if not any(edit.marker or edit.beacon for edit in design.edits) else design
