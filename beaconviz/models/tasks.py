"""The tasks of checkpoints, by the names that transformers' pipelines have for them.

Adding a task is a row here, and what shows its answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    AutoModelForTokenClassification,
)

from beaconviz.core.errors import BeaconvizError

Over = Literal["labels", "vocabulary", "states"]


@dataclass(frozen=True)
class Task:
    """What a network was trained for.

    auto: the transformers class that loads it. endings: how the architectures are called that have
    its head. over: what a run's logits are over, for each token: labels, the vocabulary, or the
    components of the last hidden states, which are no logits. writes: whether a run has a text that
    the model wrote.
    """

    name: str
    auto: Any
    endings: tuple[str, ...]
    over: Over
    writes: bool = False

    @property
    def over_next(self) -> bool:
        """Whether what is written goes on after the text that is read."""
        return self is WRITE


TOKENS = Task(
    "token-classification",
    AutoModelForTokenClassification,
    ("ForTokenClassification",),
    "labels",
)
MASK = Task("fill-mask", AutoModelForMaskedLM, ("ForMaskedLM",), "vocabulary")
WRITE = Task(
    "text-generation", AutoModelForCausalLM, ("ForCausalLM", "LMHeadModel"), "vocabulary", True
)
TRANSLATE = Task(
    "text2text-generation",
    AutoModelForSeq2SeqLM,
    ("ForConditionalGeneration", "MTModel", "EncoderDecoderModel"),
    "vocabulary",
    True,
)
STATES = Task("feature-extraction", AutoModel, (), "states")

TASKS: dict[str, Task] = {task.name: task for task in (TOKENS, MASK, WRITE, TRANSLATE, STATES)}


def task_of(architectures: Sequence[str] | None, forced: str | None = None) -> Task:
    """The task of a checkpoint's architecture; its hidden states where it has another head.

    Args:
        architectures: as the checkpoint's config has them.
        forced: the name of a task to take instead; hidden states can be had of any checkpoint.

    Raises:
        BeaconvizError: no such task, or one that the checkpoint has no head for.
    """
    name = (architectures or ("",))[0]
    found = next((task for task in TASKS.values() if name.endswith(task.endings)), STATES)
    if forced is None or forced == found.name:
        return found
    if forced not in TASKS:
        raise BeaconvizError(f"the task is {forced!r}; expected one of {', '.join(TASKS)}")
    if forced != STATES.name:
        raise BeaconvizError(
            f"this checkpoint has no head for {forced}: it is for {found.name} ({name or 'no head'}); "
            f"leave the task out, or take {STATES.name}"
        )
    return STATES
