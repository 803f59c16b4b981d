"""Masked words: what may stand at each mask of a text."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from transformers import AutoModelForMaskedLM

from beaconviz.models.tasks.base import Task
from beaconviz.models.tasks.guesses import GuessOutput


class MaskOutput(GuessOutput):
    """Asked at every mask."""

    where: ClassVar[str] = "stands at the mask"

    @cached_property
    def asked(self) -> tuple[int, ...]:
        mask = self.model.tokenizer.mask_token_id
        return tuple(place for place, token in enumerate(self.tokens.ids) if token == mask)


MASK = Task(
    name="fill-mask",
    auto=AutoModelForMaskedLM,
    # Those of pre-training have a masked head too; ELECTRA's tells replaced tokens, and has none.
    endings=("ForMaskedLM", "BertForPreTraining", "AlbertForPreTraining"),
    output=MaskOutput,
    answer="the masked token, one of {vocabulary}",
    second="joint",
)
