"""An objective: the labels that some words should get, while all other words keep theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import kl_div, log_softmax

from beaconviz.core.design import Design
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.labels import split_label, to_bio
from beaconviz.models.model import Model
from beaconviz.models.tasks.token_classification import LabelOutput
from beaconviz.runs.execute import run_batch
from beaconviz.runs.run import Run

NONE = "O"


@dataclass(frozen=True)
class Objective:
    """Labels by word; all other words keep their tags.

    >>> Objective({"Apple": "ORG", 7: "ORG"}).labels["Apple"]
    'ORG'

    A word is its number, or its text where the sentence has it once. A label is a type ("ORG",
    or "none"), or one of the model's own ("B-ORG").
    """

    labels: Mapping[int | str, str]

    def target(self, baseline: Run) -> Target:
        """The objective as word and label numbers of the model and text of `baseline`.

        Raises:
            BeaconvizError: a word or a label that does not exist, a word twice, no word at all,
                or a model without labels.
        """
        if not baseline.model.labels:
            raise BeaconvizError(
                f"{baseline.model_name} has no labels for words, so there is nothing "
                "to change; load a model for token classification"
            )
        if not self.labels:
            raise BeaconvizError(
                'the objective is empty; expected at least one word, {"Apple": "ORG"}'
            )
        label_of: dict[int, str] = {}
        for word, label in self.labels.items():
            number = _word_number(baseline, word)
            if number in label_of:
                raise BeaconvizError(f"the objective names the word {number} twice; leave one out")
            label_of[number] = label
        numbers: dict[int, tuple[int, ...]] = {}
        labels = own_labels(baseline)
        for number in sorted(label_of):  # a label may continue the one before
            numbers[number] = label_numbers(baseline, number, label_of[number], labels)
            labels[number] = baseline.model.labels[numbers[number][0]]
        return Target(baseline, numbers, tuple(to_bio(labels)))


@dataclass(frozen=True)
class Verdict:
    """How near a run comes to an objective.

    Attributes:
        labels_reached: every word of the objective has its label.
        changed: the other words whose tag is not the baseline's.
        probability: of the target labels; the lowest over the words of the objective.
        loss: in nats, see `Target.loss`.
    """

    labels_reached: bool
    changed: tuple[int, ...]
    probability: float
    loss: float

    @property
    def met(self) -> bool:
        """Whether the objective is met: every target label, and no other word's tag changed."""
        return self.labels_reached and not self.changed


@dataclass(frozen=True, eq=False)
class Target:
    """An objective in the numbers of one model and text.

    Attributes:
        labels: for each word of the objective the label numbers that meet it.
        tags: the BIO tags that all words should have.
    """

    baseline: Run
    labels: Mapping[int, tuple[int, ...]]
    tags: tuple[str, ...]

    @cached_property
    def other_words(self) -> list[int]:
        """The words that should keep their tags; a word without tokens has none."""
        deciding = enumerate(self.baseline.aligned.deciding)
        return [word for word, token in deciding if token is not None and word not in self.labels]

    def verdict(self, run: Run) -> Verdict:
        """How near a run of the same text comes to the objective."""
        probabilities = run.output.expect(LabelOutput).probabilities
        return Verdict(
            labels_reached=all(run.tags[word] == self.tags[word] for word in self.labels),
            changed=tuple(word for word in self.other_words if run.tags[word] != self.tags[word]),
            probability=min(
                probabilities[word, list(labels)].sum().item()
                for word, labels in self.labels.items()
            ),
            loss=self.loss(run.logits).item(),
        )

    def label_loss(self, logits: Tensor) -> Tensor:
        """−Σ ln p(target labels), in nats; logits: Float[Tensor, "token label"]."""
        deciding = self.baseline.aligned.deciding
        log_p = log_softmax(logits.float(), dim=-1)
        log_probabilities = [
            log_p[deciding[word], list(labels)].logsumexp(dim=-1)
            for word, labels in self.labels.items()
        ]
        return -torch.stack(log_probabilities).sum()

    def loss(self, logits: Tensor) -> Tensor:
        """−Σ ln p(target labels) + Σ KL(baseline ‖ edited) over all other words, in nats."""
        other_tokens = [self.baseline.aligned.deciding[word] for word in self.other_words]
        # A run's tensors are inference tensors, which autograd refuses; copies are not.
        before = log_softmax(self.baseline.logits[other_tokens].float().clone(), dim=-1)
        after = log_softmax(logits[other_tokens].float(), dim=-1)
        return self.label_loss(logits) + kl_div(after, before, log_target=True, reduction="sum")


@dataclass(frozen=True)
class SearchStep:
    """One step of a search for a design.

    Attributes:
        number: counted from 0.
        verdict: whether the labels are reached, what else changed, and their probability.
        design: on words; on the heads that are not yet excluded.
        phase: "search", then "prune" (fewer cells, rounder numbers), and "done" for the last step:
            the result, whose verdict comes from an ordinary run.
    """

    number: int
    verdict: Verdict
    design: Design
    phase: Literal["search", "prune", "done"] = "search"

    @property
    def done(self) -> bool:
        return self.phase == "done"


def verdicts_of(model: Model, target: Target, designs: Sequence[Design]) -> list[Verdict]:
    """The verdict on each design, by ordinary runs in one batch."""
    runs = run_batch(model, [target.baseline.aligned] * len(designs), designs)
    return [target.verdict(run) for run in runs]


def own_labels(run: Run) -> list[str]:
    """Each word's label as the model names it, before it is read as BIO."""
    label_of_token = run.logits.argmax(dim=-1).tolist()
    return [
        NONE if token is None else run.model.labels[label_of_token[token]]
        for token in run.aligned.deciding
    ]


def label_numbers(run: Run, word: int, label: str, labels: Sequence[str]) -> tuple[int, ...]:
    """The model's labels that give `word` this type, after the labels of the words before it.

    A type continues (I-) where the word before has the same type, and begins otherwise: with B-, or
    with an I- after another type, since models differ in which of the two they use.

    Raises:
        BeaconvizError: a label that the model does not have.
    """
    label = NONE if label == "none" else label
    if label in run.model.labels:
        return (run.model.labels.index(label),)
    candidates = [
        number for number, name in enumerate(run.model.labels) if split_label(name)[1] == label
    ]
    if not candidates:
        raise BeaconvizError(
            f"the label is {label!r}; {run.model_name} knows {', '.join(kinds(run.model.labels))} "
            f"(in full {', '.join(run.model.labels)})"
        )
    tags = {number: to_bio([*labels[:word], run.model.labels[number]])[-1] for number in candidates}
    return tuple(number for number in candidates if tags[number].startswith("I-")) or tuple(
        candidates
    )


def kinds(labels: Sequence[str]) -> list[str]:
    """The entity types in a model's labels, "none" first.

    >>> kinds(["O", "B-PER", "I-PER", "B-LOC"])
    ['none', 'PER', 'LOC']
    """
    types = [kind or "none" for kind in (split_label(label)[1] for label in labels)]
    return sorted(dict.fromkeys(types), key=lambda kind: kind != "none")


def _word_number(run: Run, word: int | str) -> int:
    words = run.words
    if isinstance(word, str):
        places = [number for number, text in enumerate(words) if text == word]
        if len(places) != 1:
            problem = f"{len(places)} times: give its number" if places else "not in the text"
            raise BeaconvizError(f"the word {word!r} is {problem}; its words are {_listed(words)}")
        word = places[0]
    if isinstance(word, bool) or not isinstance(word, int) or not 0 <= word < len(words):
        raise BeaconvizError(
            f"the word is {word!r}; expected a number from 0 to {len(words) - 1}, or a word of the text"
        )
    if run.aligned.deciding[word] is None:
        raise BeaconvizError(
            f"the word {word} ({words[word]!r}) has no tokens in {run.model_name}: choose another"
        )
    return word


def _listed(words: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(f"{number} {word}" for number, word in enumerate(words[:most]))
    return f"{shown}, …" if len(words) > most else shown
