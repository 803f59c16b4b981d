"""A task that beaconviz does not have, in one file, as somebody would add it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import pandas as pd
import torch
from torch import Tensor
from transformers import AutoModelForNextSentencePrediction

from beaconviz.models.tasks.base import Output, Task
from beaconviz.models.tasks.values import Bar, Bars, Change, Shown, Statement, Table


class OrderOutput(Output):
    """logits: Float[Tensor, "2"]: the second text follows the first, or it does not."""

    lacks: ClassVar[str] = "does not say whether a text follows another"
    task_names: ClassVar[str] = "next-sentence-prediction"

    @property
    def noun(self) -> str:
        return "order"

    @property
    def follows(self) -> float:
        return float(torch.softmax(self.logits.float(), dim=-1)[0])

    def fields(self) -> dict[str, Any]:
        return super().fields() | {"follows": self.follows}

    def changes(self, edited: Self) -> list[Change]:
        before, after = (f"{each.follows:.2f}" for each in (self, edited))
        return [self._change("order", before, after)] if before != after else []

    def shown(self, edited: Self, changes: Sequence[Change], *, neutral: bool) -> list[Shown]:
        return [Bars([Bar("The second text follows", self.follows, edited.follows)])]

    def tables(self, edited: Self, count: int | None = None) -> list[Table]:
        frame = pd.DataFrame(
            [("follows", self.follows, edited.follows)], columns=["order", "baseline", "edited"]
        )
        return [
            Table("orders", "Orders", "Whether it follows.", ("order", "before", "after"), frame)
        ]

    def measured_tokens(self) -> None:
        return None

    def measured(self, logits: Tensor) -> Tensor:
        return logits.double()[:, None]

    def statements(self, query: Tensor | None = None) -> list[Statement]:
        def score(logits: Tensor) -> Tensor:
            return torch.softmax(logits, dim=-1)[:, 0]

        value = Statement(
            name="the second text follows",
            unit="probability",
            asking=(0,),
            about=(),
            value=lambda logits, seen: score(logits),
            slope=lambda logits: score(logits).log(),
        )
        return [value]


ORDER = Task(
    name="next-sentence-prediction",
    auto=AutoModelForNextSentencePrediction,
    endings=("ForNextSentencePrediction",),
    output=OrderOutput,
    answer="whether the second text follows",
    second="required",
)
