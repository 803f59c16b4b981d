"""Question answering: the part of a passage that answers a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cached_property
from typing import Any, ClassVar, Self

import pandas as pd
import torch
from torch import Tensor
from transformers import AutoModelForQuestionAnswering

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.tasks.answers import Answer, answer, scored
from beaconviz.models.tasks.base import Output, Task
from beaconviz.models.tasks.values import Change, MarkedAnswer, Shown, Statement, Table


class AnswerOutput(Output):
    """logits: of starts and ends, Float[Tensor, "token 2"]."""

    lacks: ClassVar[str] = "answers no questions"
    task_names: ClassVar[str] = "question-answering"

    @property
    def noun(self) -> str:
        return "answer"

    @cached_property
    def answers(self) -> dict[tuple[int, int], float]:
        """The score of each part of the passage, by its characters in the text; see
        `tasks.answers.scored`."""
        return scored(self.logits, self.tokens)

    @cached_property
    def answer(self) -> Answer | None:
        """The best answer, None where the passage has no tokens."""
        best = max(self.answers, key=self.answers.__getitem__, default=None)
        return None if best is None else answer(self.tokens, best, self.answers[best])

    def fields(self) -> dict[str, Any]:
        return super().fields() | {"answer": self.answer and asdict(self.answer)}

    def changes(self, edited: Self) -> list[Change]:
        """Another answer."""
        before, after = self.answer, edited.answer
        if _place(before) == _place(after):
            return []
        (old, was), (new, now) = (
            (None, None) if best is None else (best.text, best.score) for best in (before, after)
        )
        return [self._change("answer", old, new, was, now)]

    def shown(self, edited: Self, changes: Sequence[Change], *, neutral: bool) -> list[Shown]:
        passage = self.tokens.text[self.tokens.second or 0 :]
        return [MarkedAnswer(passage, self.answer, edited.answer, changed=bool(changes))]

    def tables(self, edited: Self, count: int | None = None) -> list[Table]:
        """A row for each answer among the `count` best of either run (10 by default), the best
        after the edit first: its characters in the passage, its score and its rank (from 1) before
        and after."""
        return [
            Table(
                name="answers",
                title="Answers",
                caption="The most likely answers of both runs.",
                headings=("answer", "start", "end", "score", "edited", "change", "rank", "edited"),
                frame=self._frame(edited, count or 10),
            )
        ]

    def _frame(self, edited: Self, count: int) -> pd.DataFrame:
        names = ["answer", "start", "end", "baseline", "edited", "change"]
        names += ["rank_baseline", "rank_edited"]
        old, new = self.answers, edited.answers
        best = [sorted(scores, key=scores.__getitem__, reverse=True) for scores in (old, new)]
        ranks = [{place: rank for rank, place in enumerate(scores, 1)} for scores in best]
        rows = []
        for place in sorted({*best[0][:count], *best[1][:count]}, key=ranks[1].__getitem__):
            part = answer(self.tokens, place, new[place])
            row = (part.text, part.start, part.end, old[place], new[place])
            rows.append((*row, new[place] - old[place], ranks[0][place], ranks[1][place]))
        return pd.DataFrame(rows, columns=names)

    def measured_tokens(self) -> None:
        return None

    def measured(self, logits: Tensor) -> Tensor:
        return logits.double().transpose(1, 2)  # start and end are each a choice among tokens

    def statements(self, query: Tensor | None = None) -> list[Statement]:
        """The answer."""
        best = self.answer
        if best is None:
            raise BeaconvizError(
                "the passage has no word that could be an answer: give a longer one"
            )
        shift = self.tokens.second or 0
        words = self.tokens.words_between(best.start + shift, best.end + shift)
        tokens = tuple(t for word in words for t in self.tokens.pieces[word])
        ends = (tokens[0], tokens[-1])

        def score(logits: Tensor, seen: Tensor | None = None) -> Tensor:
            if seen is not None:
                logits = logits.masked_fill(~seen[..., None].to(logits.device), float("-inf"))
            log_p = torch.log_softmax(logits.double(), dim=1)
            return log_p[:, ends[0], 0] + log_p[:, ends[1], 1]

        return [
            Statement(
                name=f"the answer “{best.text}”",
                unit="probability",
                # Where a decoder reads the text again, the answer is not read at the encoder's
                # tokens.
                asking=None if self.model.reads_twice else tuple(dict.fromkeys(ends)),
                about=words,
                value=lambda logits, seen: score(logits, seen).exp(),
                slope=score,
            )
        ]


def _place(best: Answer | None) -> tuple[int, int] | None:
    return None if best is None else (best.start, best.end)


def _ends(output: Any) -> Tensor:
    return torch.stack([output.start_logits, output.end_logits], dim=-1)


ANSWERS = Task(
    name="question-answering",
    auto=AutoModelForQuestionAnswering,
    endings=("ForQuestionAnswering",),
    output=AnswerOutput,
    answer="where the answer starts, and where it ends",
    logits=_ends,
    second="required",
)
