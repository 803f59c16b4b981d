"""Text to text: one text is read, and another is generated from it (translation)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Self

from torch import Tensor
from transformers import AutoModelForSeq2SeqLM

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.tasks.base import Output, Task
from beaconviz.models.tasks.generated import generated_texts, text_changes
from beaconviz.models.tasks.values import Change, Printed, Shown, Statement


class TextOutput(Output):
    """logits: of each generated step, Float[Tensor, "step vocabulary"]."""

    lacks: ClassVar[str] = "generates no text from another"
    task_names: ClassVar[str] = "text2text-generation"
    is_text: ClassVar[bool] = True

    @property
    def noun(self) -> str:
        return "text"

    def changes(self, edited: Self) -> list[Change]:
        """The parts of the generated text that differ."""
        return text_changes(self, edited)

    def shown(self, edited: Self, changes: Sequence[Change], *, neutral: bool) -> list[Shown]:
        return [*generated_texts(self, edited)]

    def printed(self, edited: Self, changes: Sequence[Change], *, count: int) -> Sequence[Printed]:
        return generated_texts(self, edited)

    def statements(self, query: Tensor | None = None) -> list[Statement]:
        raise BeaconvizError(
            "explanations are of models of one text; "
            f"{self.model.name} reads one and writes another"
        )


TRANSLATE = Task(
    name="text2text-generation",
    auto=AutoModelForSeq2SeqLM,
    endings=("ForConditionalGeneration", "MTModel", "EncoderDecoderModel"),
    output=TextOutput,
    answer="the next token, one of {vocabulary}, step by step",
    writes=True,
)
