"""What a task is: how its checkpoints are told and loaded, and what it reads of their logits.

A task says all that the rest of beaconviz has to know of it, so that no other file branches on a
task. A new one is a file beside this one: an `Output` that reads its logits, and a `Task`.
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
    """What an output asks of its model."""

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
    """What a model says of one text: read from its logits, when it is asked for.

    Attributes:
        tokens: of the text. logits: as `Task.logits` gives them, without the batch axis.
        generation: the text that the model generated, if it was asked to.
        beside: of the text that this one is compared with, if there is one.
        lacks: what a model without this output does not do, in words.
        task_names: what a model with it is for.
        noun: what a change is of; None where the terminal says nothing of changes.
        is_text: whether what is shown first is a whole text.
    """

    model: TaskModel
    tokens: Tokens
    logits: Tensor
    generation: Generation | None = None
    beside: Output | None = None

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
        """What one run says, as JSON holds it."""
        found: dict[str, Any] = {
            "entities": [asdict(entity) for entity in self.entities],
            "tags": self.tags,
        }
        if self.generation is not None:
            found["text"] = self.generation.text
            found["written"] = list(self.generation.tokens.tokens)
            found["probabilities"] = self.generation.probabilities.tolist()
        return found

    # What an edit did to it. `edited` is of the same text.

    @abstractmethod
    def changes(self, edited: Self) -> list[Change]:
        """What counts as a change, in the order of the text."""

    @abstractmethod
    def shown(self, edited: Self, changes: Sequence[Change], *, neutral: bool) -> list[Shown]:
        """Both outputs as values to draw.

        Args:
            changes: as `changes` gives them. neutral: whether the design edits nothing.
        """

    def tables(self, edited: Self, count: int | None = None) -> list[Table]:
        """What both say in rows: the likeliest `count` of either, or as many as make sense."""
        return []

    def label_table(self, edited: Self) -> LabelTable | None:
        """The probability of every label at every word; None where words have none."""
        return None

    def printed(self, edited: Self, changes: Sequence[Change], *, count: int) -> Sequence[Printed]:
        """What the terminal shows; the changes follow."""
        return self.tables(edited, count)

    def _change(
        self,
        what: str,
        before: str | None,
        after: str | None,
        score_before: float | None = None,
        score_after: float | None = None,
    ) -> Change:
        """A change of the whole text."""
        end = len(self.tokens.text)
        return Change(what, 0, end, before, after, score_before, score_after)

    # How far it moved, whatever it says.

    @property
    def scale(self) -> Scale:
        """What `measured` gives: logits of choices, components of states, or numbers."""
        return "probabilities"

    def measured_tokens(self) -> list[int] | None:
        """The tokens whose logits are read; None where tokens have none of their own."""
        return [token for token in self.tokens.deciding if token is not None]

    def measured(self, logits: Tensor) -> Tensor:
        """All outputs, Float[Tensor, "sample output choice"], of logits with a sample axis."""
        return logits[:, self.measured_tokens()].double()

    # What it says, as numbers that explanations are about.

    @abstractmethod
    def statements(self, query: Tensor | None = None) -> list[Statement]:
        """What the model says of the text, the first thing first.

        Args:
            query: a vector, Float["hidden"], that a text's own is compared with; by default the
                text's own vector without anything taken away.

        Raises:
            BeaconvizError: a model that says nothing of this text.
        """

    def whole_statement(self) -> Statement:
        """All that the model says of the text, as one; by default the first of `statements`."""
        return self.statements()[0]


def head_logits(output: Any) -> Tensor:
    """The logits of a network's output; the batch is the first axis."""
    logits: Tensor = output.logits
    return logits


@dataclass(frozen=True)
class Task:
    """What a network was trained for.

    Attributes:
        name: as transformers' pipelines have it. auto: the transformers class that loads it.
        endings: how the architectures are called that have its head.
        output: what a run says. logits: of a network's output, what `output` reads.
        answer: what comes out of the network, in words; `{vocabulary}` and `{hidden}` are sizes.
        second: whether a second text may be read in the same pass ("joint"), has to be
            ("required"), or is read in a pass of its own, to be compared ("separate").
        labelled: what the labels of the checkpoint's config name, if the task needs them.
        writes: whether a run has a text that the model generated.
        over_next: whether that text goes on after the text that is read.
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
