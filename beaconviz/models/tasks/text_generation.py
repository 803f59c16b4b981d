"""Text generation: the next word, and the continuation of a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from transformers import AutoModelForCausalLM

from beaconviz.models.tasks.base import Task
from beaconviz.models.tasks.generated import generated_texts, text_changes
from beaconviz.models.tasks.guesses import GuessOutput
from beaconviz.models.tasks.values import Change, Printed, Shown


class NextWordOutput(GuessOutput):
    """Predicts the next word at the last token."""

    where: ClassVar[str] = "comes next"

    @property
    def noun(self) -> str:
        return "word" if self.generation is None else "text"

    @property
    def predicted_positions(self) -> tuple[int, ...]:
        return (len(self.tokens) - 1,)

    def changes(self, edited: Self) -> list[Change]:
        """Another most likely word, and parts of the generated text that differ."""
        return super().changes(edited) + text_changes(self, edited)

    def shown(self, edited: Self, changes: Sequence[Change], *, neutral: bool) -> list[Shown]:
        """The most likely next words, and the generated texts, if there are any."""
        guesses = super().shown(edited, changes, neutral=neutral)
        return [*guesses, *generated_texts(self, edited)]

    def printed(self, edited: Self, changes: Sequence[Change], *, count: int) -> Sequence[Printed]:
        return [*self.tables(edited, count), *generated_texts(self, edited)]


WRITE = Task(
    name="text-generation",
    auto=AutoModelForCausalLM,
    endings=("ForCausalLM", "LMHeadModel", "DoubleHeadsModel"),
    output=NextWordOutput,
    answer="the next token, one of {vocabulary}",
    writes=True,
    over_next=True,
)
