"""The most likely words that a model predicts at certain tokens of a text."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import ClassVar, Self

import pandas as pd
import torch
from torch import Tensor

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.tasks.base import Output
from beaconviz.models.tasks.values import Change, Note, RankedWords, Shown, Statement, Table

_NAMES = ["place", "guess", "baseline", "edited", "change", "rank_baseline", "rank_edited"]


class GuessOutput(Output):
    """logits: over the vocabulary, Float[Tensor, "token vocabulary"].

    where: completes the name of a statement: “Paris” `where`.
    """

    lacks: ClassVar[str] = "guesses no words"
    task_names: ClassVar[str] = "fill-mask or text-generation"
    where: ClassVar[str]

    @property
    def noun(self) -> str:
        return "word"

    @property
    @abstractmethod
    def predicted_positions(self) -> tuple[int, ...]:
        """The positions of the tokens at which the model predicts a word."""

    @property
    def _mask(self) -> str:
        return str(self.model.tokenizer.mask_token)

    def guessed(self, place: int) -> Tensor:
        """The probability of every token of the vocabulary at a position of the text, usually one
        of `predicted_positions`; Float[Tensor, "vocabulary"]."""
        return torch.softmax(self.logits[place].float(), dim=-1).cpu()

    def changes(self, edited: Self) -> list[Change]:
        """Another most likely word, at each predicted position."""
        return list(self._guess_changes(edited))

    def _guess_changes(self, edited: Self) -> Iterator[Change]:
        for place in self.predicted_positions:
            old, new = self.guessed(place), edited.guessed(place)
            before, after = int(old.argmax()), int(new.argmax())
            if before != after:
                start, end = self.tokens.spans[place]
                was, now = (self.model.spell(token) for token in (before, after))
                scores = float(old[before]), float(new[after])
                yield Change(self.tokens.text[start:end], start, end, was, now, *scores)

    def shown(self, edited: Self, changes: Sequence[Change], *, neutral: bool) -> list[Shown]:
        if not self.predicted_positions:
            return [Note(f"Write {self._mask} where the model should guess a word.")]
        return [RankedWords(self._frame(edited, 10))]

    def tables(self, edited: Self, count: int | None = None) -> list[Table]:
        """The predictions for each mask, or for the next word.

        A row for each token among the `count` most likely of either run (10 by default): its
        position in the text (`place`), the token as text (`guess`), its probability and its rank
        (from 1) before and after. Rows are grouped by position, the most likely after the edit
        first.
        """
        return [
            Table(
                name="guesses",
                title="Guesses",
                caption="The most likely words of both runs, at each place where the model "
                "predicts one.",
                headings=("token", "guess", "probability", "edited", "change", "rank", "edited"),
                frame=self._frame(edited, count or 10),
            )
        ]

    def _frame(self, edited: Self, count: int) -> pd.DataFrame:
        rows = [
            row for place in self.predicted_positions for row in self._rows(edited, place, count)
        ]
        return pd.DataFrame(rows, columns=_NAMES)

    def _rows(self, edited: Self, place: int, count: int) -> Iterator[tuple[object, ...]]:
        before, after = self.guessed(place), edited.guessed(place)
        ranks = [
            probabilities.argsort(descending=True).argsort() + 1
            for probabilities in (before, after)
        ]
        best = [
            probabilities.topk(min(count, len(probabilities))).indices.tolist()
            for probabilities in (before, after)
        ]
        likely = {*best[0], *best[1]}
        for token in sorted(likely, key=lambda token: -float(after[token])):
            old, new = float(before[token]), float(after[token])
            places = (int(rank[token]) for rank in ranks)
            yield (place, self.model.spell(token), old, new, new - old, *places)

    def statements(self, query: Tensor | None = None) -> list[Statement]:
        """The most likely word at each position."""
        if not self.predicted_positions:
            raise BeaconvizError(
                f"{self.model.name} guesses a word at each {self._mask}, and the text has none: "
                f"write {self._mask} where it should guess one"
            )
        return [self._statement(place) for place in self.predicted_positions]

    def _statement(self, place: int) -> Statement:
        best, word = int(self.logits[place].argmax()), self.tokens.word_of[place]
        guess = self.model.spell(best).strip() or self.model.spell(best)

        def score(logits: Tensor) -> Tensor:
            return torch.log_softmax(logits[:, place].double(), dim=-1)[:, best]

        return Statement(
            name=f"“{guess}” {self.where}",
            unit="probability",
            asking=(place,),
            about=() if word is None else (word,),
            value=lambda logits, seen: score(logits).exp(),
            slope=score,
        )
