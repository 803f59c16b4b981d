"""The base of a task: which checkpoints it loads, and how it reads their logits.

All that beaconviz needs to know of a task is in its `Task` and `Output`, so that no other file
branches on a task. A new task is a file in this folder: an `Output` that reads logits, and a
`Task`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal, Protocol, Self, TypeVar

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Tokens
from beaconviz.models.generation import Generation
from beaconviz.models.tasks.entities import Entity
from beaconviz.models.tasks.values import Change, LabelTable, Printed, Shown, Statement, Table

Second = Literal["none", "joint", "required", "separate"]
Labelled = Literal["words", "texts"]
Scale = Literal["probabilities", "states", "numbers"]
OutputKind = TypeVar("OutputKind", bound="Output")


class TaskModel(Protocol):
    """The parts of a model that an output needs."""

    @property
    def name(self) -> str: ...
    @property
    def task(self) -> Task: ...
    @property
    def tokenizer(self) -> PreTrainedTokenizerBase: ...
    @property
    def device(self) -> torch.device: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def classes(self) -> tuple[str, ...]: ...
    @property
    def classing(self) -> Literal["one", "several", "numbers"]: ...
    @property
    def class_token(self) -> Literal["first", "last", "all", "decoder"]: ...
    @property
    def reads_twice(self) -> bool: ...
    def spell(self, token: int) -> str: ...


@dataclass(frozen=True, eq=False)
class Output(ABC):
    """What a model says of one text, read from its logits on demand.

    Attributes:
        tokens: of the text. logits: as `Task.logits` gives them, without the batch axis.
        generation: the text that the model generated, if it was asked to.
        compared_output: the output of the text to compare this one with, if there is one.
        lacks: in errors, what a model without this output cannot do.
        task_names: in errors, the tasks of models that have this output.
        noun: the word for what changes; None where the terminal does not print changes.
        is_text: whether the first thing shown is a whole text.
    """

    model: TaskModel
    tokens: Tokens
    logits: Tensor
    generation: Generation | None = None
    compared_output: Output | None = None

    lacks: ClassVar[str]
    task_names: ClassVar[str]
    is_text: ClassVar[bool] = False

    @property
    def noun(self) -> str | None:
        return None

    def expect(self, kind: type[OutputKind]) -> OutputKind:
        """This output as one of a kind.

        Raises:
            BeaconvizError: the model is for another task.
        """
        if not isinstance(self, kind):
            raise BeaconvizError(
                f"{self.model.name} {kind.lacks}: it is for {self.model.task.name}; expected a "
                f"model for {kind.task_names}"
            )
        return self

    # What it reads.

    @property
    def tags(self) -> list[str]:
        """A BIO tag per word; empty where the task has none."""
        return []

    @property
    def entities(self) -> list[Entity]:
        """The names in the text; empty where the task finds none."""
        return []

    def fields(self) -> dict[str, Any]:
        """What one run says, as JSON fields."""
        fields: dict[str, Any] = {
            "entities": [asdict(entity) for entity in self.entities],
            "tags": self.tags,
        }
        if self.generation is not None:
            fields["text"] = self.generation.text
            fields["written"] = list(self.generation.tokens.tokens)
            fields["probabilities"] = self.generation.probabilities.tolist()
        return fields

    # What an edit changed. `edited` is the output of the same text.

    @abstractmethod
    def changes(self, edited: Self) -> list[Change]:
        """The changes from this output to the edited one, in the order of the text."""

    @abstractmethod
    def shown(self, edited: Self, changes: Sequence[Change], *, neutral: bool) -> list[Shown]:
        """Both outputs as values to draw.

        Args:
            changes: as `changes` gives them. neutral: whether the design edits nothing.
        """

    def tables(self, edited: Self, count: int | None = None) -> list[Table]:
        """Both outputs as tables: the `count` most likely rows of each, or a default number."""
        return []

    def label_table(self, edited: Self) -> LabelTable | None:
        """The probability of every label at every word; None where words have none."""
        return None

    def printed(self, edited: Self, changes: Sequence[Change], *, count: int) -> Sequence[Printed]:
        """What the terminal prints before the list of changes."""
        return self.tables(edited, count)

    def _change(
        self,
        name: str,
        before: str | None,
        after: str | None,
        score_before: float | None = None,
        score_after: float | None = None,
    ) -> Change:
        """A change of the whole text."""
        end = len(self.tokens.text)
        return Change(name, 0, end, before, after, score_before, score_after)

    # Its distance to another output, for any task.

    @property
    def scale(self) -> Scale:
        """The kind of values in `measured`: logits of choices, components of states, or numbers."""
        return "probabilities"

    def measured_tokens(self) -> list[int] | None:
        """The tokens whose logits are read; None where tokens have none of their own."""
        return [token for token in self.tokens.deciding if token is not None]

    def measured(self, logits: Tensor) -> Tensor:
        """All outputs, Float[Tensor, "sample output choice"], of logits with a sample axis."""
        return logits[:, self.measured_tokens()].double()

    # What it says, as numbers that can be explained.

    @abstractmethod
    def statements(self, query: Tensor | None = None) -> list[Statement]:
        """The statements of the model about the text, the main one first.

        Args:
            query: a vector, Float["hidden"], to compare the text's vector with; by default the
                text's own vector with nothing hidden.

        Raises:
            BeaconvizError: the model makes no statement about this text.
        """

    def whole_statement(self) -> Statement:
        """All statements about the text joined into one; by default the first of `statements`."""
        return self.statements()[0]


def head_logits(output: Any) -> Tensor:
    """The logits of a network's output; the batch is the first axis."""
    logits: Tensor = output.logits
    return logits


@dataclass(frozen=True)
class Task:
    """What a network was trained for.

    Attributes:
        name: its name in transformers' pipelines. auto: the transformers class that loads it.
        endings: the endings of architecture names that have its head.
        output: the class that reads its logits. logits: takes them from a network's output.
        answer: the network's result in words; `{vocabulary}` and `{hidden}` are sizes.
        second: whether a second text may be read in the same pass ("joint"), has to be
            ("required"), or is read in its own pass, for comparison ("separate").
        labelled: what the labels in the checkpoint's config describe, if the task needs them.
        writes: whether the model generates text.
        over_next: whether the generated text continues the input.
    """

    name: str
    auto: Any
    endings: tuple[str, ...]
    output: type[Output]
    answer: str
    logits: Callable[[Any], Tensor] = head_logits
    second: Second = "none"
    labelled: Labelled | None = None
    writes: bool = False
    over_next: bool = False
