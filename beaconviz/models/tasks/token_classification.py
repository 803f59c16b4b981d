"""Token classification: a label for each word, and the names that the labels make."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

import pandas as pd
import torch
from torch import Tensor
from transformers import AutoModelForTokenClassification

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.labels import split_label, to_bio
from beaconviz.core.words import Tokens
from beaconviz.models.tasks.base import Output, Task
from beaconviz.models.tasks.entities import Entity, find_entities
from beaconviz.models.tasks.values import (
    Change,
    Fall,
    LabelTable,
    MarkedText,
    Printed,
    Shown,
    Statement,
)


class LabelOutput(Output):
    """logits: Float[Tensor, "token label"]; a word's deciding token gives its label."""

    lacks: ClassVar[str] = "has no labels for words"
    task_names: ClassVar[str] = "token-classification"
    is_text: ClassVar[bool] = True

    @property
    def noun(self) -> str:
        return "entity"

    @cached_property
    def probabilities(self) -> Tensor:
        """Float[Tensor, "word label"]: each word's label probabilities, at its deciding token,
        or at that of the word whose token covers it."""
        rows = torch.softmax(self.logits.float(), dim=-1).cpu()
        missing = torch.full_like(rows[:1], 1 / len(self.model.labels))  # a word without tokens
        deciding = [
            None if owner is None else self.tokens.deciding[owner] for owner in self.tokens.owners
        ]
        return torch.cat([missing if t is None else rows[t : t + 1] for t in deciding])

    @cached_property
    def tags(self) -> list[str]:
        return tags_of(self.tokens, self.model.labels, self.logits.argmax(dim=-1).tolist())

    @cached_property
    def entities(self) -> list[Entity]:
        scores = self.probabilities.amax(dim=-1).tolist()
        return find_entities(self.tokens.text, self.tokens.words, self.tags, scores)

    def changes(self, edited: Self) -> list[Change]:
        """Entities that appeared, disappeared, or changed their label."""
        old = {(entity.start, entity.end): entity for entity in self.entities}
        new = {(entity.start, entity.end): entity for entity in edited.entities}
        places = sorted(old.keys() | new.keys())
        pairs = [(place, old.get(place), new.get(place)) for place in places]
        return [
            self._entity_change(place, before, after)
            for place, before, after in pairs
            if before is None or after is None or before.label != after.label
        ]

    def _entity_change(
        self, place: tuple[int, int], before: Entity | None, after: Entity | None
    ) -> Change:
        return Change(
            text=self.tokens.text[slice(*place)],
            start=place[0],
            end=place[1],
            before=before.label if before else None,
            after=after.label if after else None,
            score_before=before.score if before else None,
            score_after=after.score if after else None,
        )

    def shown(self, edited: Self, changes: Sequence[Change], *, neutral: bool) -> list[Shown]:
        fall = None if changes or neutral else self._largest_fall(edited)
        return [MarkedText(self.tokens.text, self.entities, edited.entities, changes, fall)]

    def _largest_fall(self, edited: Self) -> Fall | None:
        if not self.tokens.words:
            return None
        best = self.probabilities.argmax(dim=-1, keepdim=True)  # (word, 1)
        was, now = (output.probabilities.gather(1, best).flatten() for output in (self, edited))
        word = int((was - now).argmax())
        label = split_label(self.model.labels[int(best[word])])[1] or "none"
        return Fall(self.tokens.words[word].text, label, float(was[word]), float(now[word]))

    def label_table(self, edited: Self) -> LabelTable:
        columns: dict[str, Any] = {
            "word": [word.text for word in self.tokens.words],
            "tag_baseline": self.tags,
            "tag_edited": edited.tags,
        }
        for number, label in enumerate(self.model.labels):
            columns[f"{label}_baseline"] = self.probabilities[:, number].numpy()
            columns[f"{label}_edited"] = edited.probabilities[:, number].numpy()
        return LabelTable("Label probabilities", self.model.labels, pd.DataFrame(columns))

    def printed(self, edited: Self, changes: Sequence[Change], *, count: int) -> Sequence[Printed]:
        return [MarkedText(self.tokens.text, self.entities, edited.entities, changes)]

    def score(self, label: str, words: Sequence[int], logits: Tensor) -> Tensor:
        """The mean probability of a label over words, Float["sample"].

        Args:
            label: one of the model's, or an entity type, whose B- and I- probabilities are added.
            logits: Float[Tensor, "sample token label"].

        Raises:
            BeaconvizError: a label or word that the model or the text does not have.
        """
        columns, rows = self.label_numbers(label), self.deciding_tokens(words)
        return torch.softmax(logits[:, rows].double(), dim=-1)[..., columns].sum(-1).mean(-1)

    def label_numbers(self, label: str) -> list[int]:
        """The columns of a label, or of an entity type.

        Raises:
            BeaconvizError: a label that the model does not have.
        """
        labels = self.model.labels
        kinds = [split_label(label_name)[1] or "O" for label_name in labels]
        numbers = [n for n, label_name in enumerate(labels) if label in (label_name, kinds[n])]
        if not numbers:
            expected = ", ".join(dict.fromkeys([*kinds, *labels]))
            raise BeaconvizError(f"the label is {label!r}; {self.model.name} has {expected}")
        return numbers

    def deciding_tokens(self, words: Sequence[int]) -> list[int]:
        """The tokens that decide the labels of words.

        Raises:
            BeaconvizError: no word, or one that does not exist or has no token.
        """
        if not words:
            raise BeaconvizError("the words to measure are none; expected at least one")
        return [_deciding_token(self.tokens, word) for word in words]

    def statements(self, query: Tensor | None = None) -> list[Statement]:
        """Each entity."""
        if not self.entities:
            raise BeaconvizError(
                f"{self.model.name} finds no entity in this text, so there is nothing to explain: "
                "take a text with names"
            )
        return [self._entity_statement(entity) for entity in self.entities]

    def _entity_statement(self, entity: Entity) -> Statement:
        words = self.tokens.words_between(entity.start, entity.end)
        return Statement(
            name=label_at_words(self.tokens, entity.label, words),
            unit="probability",
            asking=tuple(token for word in words for token in self.tokens.pieces[word]),
            about=words,
            value=lambda logits, seen: self.score(entity.label, words, logits),
            slope=lambda logits: self.score(entity.label, words, logits).log(),
        )

    def whole_statement(self) -> Statement:
        """The tags of all words."""
        rows = [token for token in self.tokens.deciding if token is not None]
        best = self.logits[rows].argmax(dim=-1)

        def log_probabilities(logits: Tensor) -> Tensor:
            of_labels = torch.log_softmax(logits[:, rows].double(), dim=-1)  # (sample, word, label)
            return of_labels.gather(-1, best[None, :, None].expand(len(logits), -1, -1))[..., 0]

        return Statement(
            name="the tags of all words",
            unit="probability",
            asking=None,
            about=(),
            value=lambda logits, seen: log_probabilities(logits).exp().mean(dim=-1),
            slope=lambda logits: log_probabilities(logits).mean(dim=-1),
        )


def tags_of(tokens: Tokens, labels: Sequence[str], best: Sequence[int]) -> list[str]:
    """A BIO tag per word: the best label of its deciding token. A word covered by
    another word's token continues that word's entity; a word without a token is "O"."""
    own = [word for word, owner in enumerate(tokens.owners) if owner in (word, None)]
    decided = (tokens.deciding[word] for word in own)
    tags = dict(
        zip(own, to_bio(["O" if t is None else labels[best[t]] for t in decided]), strict=True)
    )
    for word, owner in enumerate(tokens.owners):
        if owner is not None and owner != word:
            tags[word] = f"I{tags[owner][1:]}" if tags[owner] != "O" else "O"
    return [tags[word] for word in range(len(tokens.owners))]


def label_at_words(tokens: Tokens, label: str, words: Sequence[int]) -> str:
    """The name of a label at words, for titles."""
    names = " ".join(tokens.words[word].text for word in words)
    return f"{'no entity' if label == 'O' else label} at “{names}”"


def _deciding_token(tokens: Tokens, word: int) -> int:
    count = len(tokens.words)
    if isinstance(word, bool) or not isinstance(word, int) or not 0 <= word < count:
        raise BeaconvizError(
            f"the word to measure is {word!r}; expected a number from 0 to {count - 1} "
            f"({count} words)"
        )
    token = tokens.deciding[word]
    if token is None:
        raise BeaconvizError(
            f"the word to measure, {tokens.words[word].text!r}, has no token: the model does not "
            "see it; measure another word"
        )
    return token


TOKENS = Task(
    name="token-classification",
    auto=AutoModelForTokenClassification,
    endings=("ForTokenClassification",),
    output=LabelOutput,
    answer="a label for each word",
    labelled="words",
)
