"""Masked words: predictions for each mask in a text."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from transformers import AutoModelForMaskedLM

from beaconviz.models.tasks.base import Task
from beaconviz.models.tasks.guesses import GuessOutput


class MaskOutput(GuessOutput):
    """Predicts a word at every mask."""

    where: ClassVar[str] = "stands at the mask"

    @cached_property
    def predicted_positions(self) -> tuple[int, ...]:
        mask = self.model.tokenizer.mask_token_id
        return tuple(place for place, token in enumerate(self.tokens.ids) if token == mask)


MASK = Task(
    name="fill-mask",
    auto=AutoModelForMaskedLM,
    # Pre-training networks also have a masked head, except ELECTRA's, which detects replaced
    # tokens.
    endings=("ForMaskedLM", "BertForPreTraining", "AlbertForPreTraining"),
    output=MaskOutput,
    answer="the masked token, one of {vocabulary}",
    second="joint",
)
