"""Both answers of a model, untouched and edited, to every sentence of a data set."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from seqeval.metrics.sequence_labeling import get_entities

from beaconviz.core.design import Design
from beaconviz.core.edit import DesignError
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Tokens
from beaconviz.data.conll import Sentence
from beaconviz.engine.elastic import ElasticBeacons
from beaconviz.models.model import Model
from beaconviz.runs.batches import batches
from beaconviz.runs.execute import run_batch, tag_batch
from beaconviz.runs.run import Run

DesignFor = Callable[[Sequence[str]], Design]

BATCH = 32


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

    Batches hold sentences of about one length and come in a random order, so that those done
    when somebody stops speak for the rest.

    Args:
        design_for: the design for a sentence's words; a `DesignError` leaves it alone.
        learned: beacons that a module makes for every sentence; designs act on what they left.

    Raises:
        BeaconvizError: a model without labels, or that the module was not made for.
    """
    if not model.labels:
        raise BeaconvizError(f"{model.name} has no labels for words; take a NER model")
    waiting = [n for n in range(len(sentences)) if n not in (done or {})]
    waiting.sort(key=lambda n: len(sentences[n].words))
    groups = [waiting[at : at + batch_size] for at in range(0, len(waiting), batch_size)]
    random.Random(seed).shuffle(groups)
    for numbers in groups:
        yield judge_batch(model, [(n, sentences[n]) for n in numbers], design_for, learned)


def judge_batch(
    model: Model,
    batch: Sequence[tuple[int, Sentence]],
    design_for: DesignFor,
    learned: ElasticBeacons | None = None,
) -> list[Judged]:
    """One batch; the edited pass runs the sentences that something is done to."""
    tokens = [readable(model, sentence.words) for _, sentence in batch]
    judged: list[Judged] = []
    for numbers in batches(model, list(map(len, tokens)), len(batch)):
        part = [(*batch[n], tokens[n]) for n in numbers]
        judged += _judge_part(model, part, design_for, learned)
    return judged


def _judge_part(
    model: Model,
    part: Sequence[tuple[int, Sentence, Tokens]],
    design_for: DesignFor,
    learned: ElasticBeacons | None,
) -> list[Judged]:
    """The sentences of one call."""
    tokens = [aligned for _, _, aligned in part]
    designs = [design_or_none(design_for, aligned) for aligned in tokens]
    runs = run_batch(model, tokens)
    baseline = [run.tags for run in runs]
    changed = [n for n, design in enumerate(designs) if learned is not None or design is not None]
    edited = list(baseline)
    if changed:
        texts = [tokens[n] for n in changed]
        answers = tag_batch(model, texts, [designs[n] for n in changed], learned)
        for n, answer in zip(changed, answers, strict=True):
            edited[n] = answer
    return [
        Judged(
            number=number,
            baseline=_padded(baseline[n], sentence),
            edited=_padded(edited[n], sentence),
            left_alone=n not in changed,
            read=len(aligned.words),
            giveaways=_giveaways(runs[n], sentence),
        )
        for n, (number, sentence, aligned) in enumerate(part)
    ]


def readable(model: Model, words: Sequence[str]) -> Tokens:
    """The tokens of as many of the words as the model reads."""
    while True:
        try:
            return model.tokenize(list(words))
        except BeaconvizError:
            if len(words) < 2:
                raise
            words = words[: max(1, min(len(words) * 9 // 10, model.max_tokens))]


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


def _giveaways(run: Run, sentence: Sentence) -> tuple[int | None, ...]:
    spans = [(first, last) for _, first, last in get_entities(list(sentence.tags))]
    if not spans:
        return ()
    read = len(run.words)
    known = iter(giveaways(run, [span for span in spans if span[1] < read]))
    return tuple(next(known) if last < read else None for _, last in spans)


def design_or_none(design_for: DesignFor, tokens: Tokens) -> Design | None:
    """The design for a text; None where it does not fit or has nothing to do."""
    try:
        design = design_for(tokens.names("word"))
    except DesignError:  # a preset that speaks of word 7, in a sentence of five
        return None
    return None if not any(edit.marker or edit.beacon for edit in design.edits) else design


def _padded(tags: Sequence[str], sentence: Sentence) -> tuple[str, ...]:
    return (*tags, *["O"] * (len(sentence.words) - len(tags)))
