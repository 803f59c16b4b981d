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
    """What a model said about one sentence; a BIO tag a word in both answers.

    Attributes:
        number: the sentence's place in the data.
        left_alone: the design had nothing to do here, or did not fit.
        read: how many words the model read; the rest counts as "O".
        giveaways: for each gold entity how many words away the word is that gives it away
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
    """Judges the sentences that are not done, a batch at a time.

    Sentences come in a random order, a group at a time, so that those done when somebody stops are
    a fair sample; batches hold sentences of a group that are of about one length.

    Args:
        design_for: the design for a sentence's words; a `DesignError` leaves it alone.
        learned: beacons that a module makes for every sentence; designs act on what they left.

    Raises:
        BeaconvizError: a model without labels, or that the module was not made for.
    """
    if not model.labels:
        raise BeaconvizError(f"{model.name} has no labels for words; take a NER model")
    draw = random.Random(seed)
    waiting = [n for n in range(len(sentences)) if n not in (done or {})]
    draw.shuffle(waiting)
    for at in range(0, len(waiting), GROUP):
        group = [Tokenized.of(model, n, sentences[n]) for n in waiting[at : at + GROUP]]
        parts = batches(model, [len(each.tokens) for each in group], batch_size)
        draw.shuffle(parts)
        for part in parts:
            yield judge_batch(model, [group[place] for place in part], design_for, learned)


class Tokenized(NamedTuple):
    """A sentence of the data, with its number there, and what the model reads of it."""

    number: int
    sentence: Sentence
    tokens: Tokens

    @classmethod
    def of(cls, model: Model, number: int, sentence: Sentence) -> Tokenized:
        """Cut after the last word that the model reads."""
        return cls(number, sentence, readable(model, sentence.as_written))


def judge_batch(
    model: Model,
    batch: Sequence[Tokenized],
    design_for: DesignFor,
    learned: ElasticBeacons | None = None,
) -> list[Judged]:
    """One batch; the edited pass runs the sentences that something is done to."""
    designs = [design_or_none(design_for, each.tokens) for each in batch]
    runs = run_batch(model, [each.tokens for each in batch])
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
            return model.tokenize(text_or_words)  # raises: one word that is more than it takes
        count = max(1, min(count * 9 // 10, model.max_tokens))
        tokens = read(model, text[: words[count - 1].end], words[:count])
    return tokens


def word_numbers(tokens: Tokens, sentence: Sentence) -> list[int | None]:
    """For each word of a sentence the number of the model's word that it is in: they differ where
    one token covers several (see `core.words.merge_words`). None where the model read no further.
    """
    ends = [word.end for word in tokens.words]
    numbers = [bisect_right(ends, word.start) for word in sentence.placed]
    return [number if number < len(ends) else None for number in numbers]


def word_tags(tags: Sequence[str], numbers: Sequence[int | None]) -> tuple[str, ...]:
    """The tags of a sentence's words, from those of the model's; "O" where it did not read.

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
    """How many words lie between each entity (first and last word) and the word that gives it away.

    That is the word outside the entity which its words attend to most, in the mean over all
    layers and heads of the untouched model: what the model itself looks at, not a linguist's
    judgement. 1 is a neighbour; None when there is no other word.
    """
    weights = run.attention(unit="word")
    found: list[int | None] = []
    for first, last in entities:
        looked = weights[first : last + 1].sum(dim=0)
        looked[first : last + 1] = -1.0
        target = int(looked.argmax())
        inside = first <= target <= last
        found.append(None if inside else max(first - target, target - last))
    return tuple(found)


def _giveaways(
    run: Run, sentence: Sentence, numbers: Sequence[int | None]
) -> tuple[int | None, ...]:
    spans = [
        (numbers[first], numbers[last]) for _, first, last in get_entities(list(sentence.tags))
    ]
    if not spans:
        return ()
    read = [(first, last) for first, last in spans if first is not None and last is not None]
    known = iter(giveaways(run, read))
    return tuple(None if last is None else next(known) for _, last in spans)


def design_or_none(design_for: DesignFor, tokens: Tokens) -> Design | None:
    """The design for a text; None where it does not fit or has nothing to do."""
    try:
        design = design_for(tokens.names("word"))
    except DesignError:  # a preset that speaks of word 7, in a sentence of five
        return None
    return None if not any(edit.marker or edit.beacon for edit in design.edits) else design
