"""The tasks of checkpoints, by the names that transformers' pipelines have for them.

A new task is a file here, named in the list below; everything else asks the task's `Output`.

| task | logits | what is shown | a change is |
| --- | --- | --- | --- |
| token-classification | token × label | entities | an entity that appeared, disappeared or changed
label | | text-classification | class | bars of classes | another most likely class, or one that
crosses ½ | | question-answering | token × (start, end) | the answer | another answer | | fill-mask
| token × vocabulary | likely words | another most likely word | | text-generation | token ×
vocabulary | likely words, a text | another word, other text | | text2text-generation | step ×
vocabulary | the generated text | other text | | feature-extraction | token × hidden | the cosine of
two texts | the cosine moved |
"""

from __future__ import annotations

from collections.abc import Sequence

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.tasks.base import Output, Second, Task
from beaconviz.models.tasks.feature_extraction import STATES
from beaconviz.models.tasks.fill_mask import MASK
from beaconviz.models.tasks.question_answering import ANSWERS
from beaconviz.models.tasks.text2text_generation import TRANSLATE
from beaconviz.models.tasks.text_classification import CLASSES
from beaconviz.models.tasks.text_generation import WRITE
from beaconviz.models.tasks.token_classification import TOKENS

__all__ = [
    "ANSWERS",
    "CLASSES",
    "MASK",
    "STATES",
    "TASKS",
    "TOKENS",
    "TRANSLATE",
    "WRITE",
    "Output",
    "Second",
    "Task",
    "task_of",
]

TASKS: dict[str, Task] = {
    task.name: task for task in (TOKENS, CLASSES, ANSWERS, MASK, WRITE, TRANSLATE, STATES)
}


def task_of(architectures: Sequence[str] | None, forced: str | None = None) -> Task:
    """The task of a checkpoint's architecture; feature-extraction where no task has its head.

    Args:
        architectures: those in the checkpoint's config.
        forced: the name of a task to use instead; every checkpoint has hidden states.

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
