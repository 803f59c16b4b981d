"""The tasks of checkpoints, by the names that transformers' pipelines have for them.

Adding a task is a row here, and what shows its answers: what a run holds, what the panel shows
and what counts as a change goes by what the logits are over.

| over | a run's logits | the panel shows | a change is |
| --- | --- | --- | --- |
| labels | token × label | entities in the text | an entity that came, went or changed its label |
| classes | class | a bar for each class | another likeliest class (or one that crosses ½) |
| spans | token × (start, end) | the answer in the passage | another answer |
| vocabulary | token × vocabulary | the likeliest words | another likeliest word |
| steps | step × vocabulary | the generated text | a stretch of it that reads otherwise |
| states | token × hidden | the cosine of two texts | the cosine moved |
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)

from beaconviz.core.errors import BeaconvizError

Over = Literal["labels", "classes", "spans", "vocabulary", "steps", "states"]
Second = Literal["none", "joint", "required", "separate"]


@dataclass(frozen=True)
class Task:
    """What a network was trained for.

    auto: the transformers class that loads it. endings: how the architectures are called that have
    its head. over: what a run's logits are over: labels, the starts and ends of answers, the
    vocabulary, or the components of the last hidden states (which are no logits), for each token;
    or classes of the whole text; or the vocabulary for each step of a text that is written.
    second: whether a second text may be read in the same pass ("joint"), has to be ("required"), or
    is read in a pass of its own, to be compared ("separate"). writes: whether a run has a text that
    the model generated.
    """

    name: str
    auto: Any
    endings: tuple[str, ...]
    over: Over
    second: Second = "none"
    writes: bool = False

    @property
    def over_next(self) -> bool:
        """Whether what is written goes on after the text that is read."""
        return self is WRITE

    def logits(self, output: Any) -> Tensor:
        """What `over` says, of a network's output; the batch is the first axis."""
        if self.over == "spans":
            return torch.stack([output.start_logits, output.end_logits], dim=-1)
        logits: Tensor = output.last_hidden_state if self.over == "states" else output.logits
        return logits


TOKENS = Task(
    "token-classification",
    AutoModelForTokenClassification,
    ("ForTokenClassification",),
    "labels",
)
CLASSES = Task(
    "text-classification",
    AutoModelForSequenceClassification,
    ("ForSequenceClassification",),
    "classes",
    second="joint",
)
ANSWERS = Task(
    "question-answering",
    AutoModelForQuestionAnswering,
    ("ForQuestionAnswering",),
    "spans",
    second="required",
)
MASK = Task(
    "fill-mask",
    AutoModelForMaskedLM,
    # Those of pre-training have a masked head too; ELECTRA's tells replaced tokens, and has none.
    ("ForMaskedLM", "BertForPreTraining", "AlbertForPreTraining"),
    "vocabulary",
    second="joint",
)
WRITE = Task(
    "text-generation",
    AutoModelForCausalLM,
    ("ForCausalLM", "LMHeadModel", "DoubleHeadsModel"),
    "vocabulary",
    writes=True,
)
TRANSLATE = Task(
    "text2text-generation",
    AutoModelForSeq2SeqLM,
    ("ForConditionalGeneration", "MTModel", "EncoderDecoderModel"),
    "steps",
    writes=True,
)
STATES = Task("feature-extraction", AutoModel, (), "states", second="separate")

TASKS: dict[str, Task] = {
    task.name: task for task in (TOKENS, CLASSES, ANSWERS, MASK, WRITE, TRANSLATE, STATES)
}


def task_of(architectures: Sequence[str] | None, forced: str | None = None) -> Task:
    """The task of a checkpoint's architecture; its hidden states where it has another head.

    Args:
        architectures: as the checkpoint's config has them.
        forced: the name of a task to take instead; hidden states can be had of any checkpoint.

    Raises:
        BeaconvizError: no such task, or one that the checkpoint has no head for.
    """
    name = (architectures or ("",))[0]
    own = next((task for task in TASKS.values() if name.endswith(task.endings)), STATES)
    if forced is None or forced == own.name:
        return own
    if forced not in TASKS:
        raise BeaconvizError(f"the task is {forced!r}; expected one of {', '.join(TASKS)}")
    if forced != STATES.name:
        raise BeaconvizError(
            f"this checkpoint has no head for {forced}: it is for {own.name} ({name or 'no head'}); "
            f"leave the task out, or take {STATES.name}"
        )
    return STATES
