"""Hidden states: a vector for each token, and the similarity of two texts by their means."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Self

from torch import Tensor
from torch.nn.functional import cosine_similarity
from transformers import AutoModel

from beaconviz.models.tasks.base import Output, Scale, Task
from beaconviz.models.tasks.values import Bar, Bars, Change, Note, Printed, Shown, Statement


class StateOutput(Output):
    """logits: the last hidden states, which are no logits, Float[Tensor, "token hidden"]."""

    lacks: ClassVar[str] = "gives no hidden states"
    task_names: ClassVar[str] = "feature-extraction"

    @cached_property
    def vector(self) -> Tensor:
        """The mean of the states over all tokens, Float[Tensor, "hidden"]."""
        return self.logits.float().mean(dim=0).cpu()

    @cached_property
    def cosine(self) -> float | None:
        """The cosine of this text's `vector` and the compared text's, from -1 to 1; None where
        there is one text."""
        if self.compared_output is None:
            return None
        return float(
            cosine_similarity(self.vector, self.compared_output.expect(StateOutput).vector, dim=0)
        )

    def fields(self) -> dict[str, Any]:
        return super().fields() | ({} if self.cosine is None else {"cosine": self.cosine})

    def changes(self, edited: Self) -> list[Change]:
        """Another cosine, to two digits."""
        old, new = self.cosine, edited.cosine
        if old is None or new is None:
            return []
        before, after = f"{old:.2f}", f"{new:.2f}"
        return [] if before == after else [self._change("cosine", before, after, old, new)]

    def shown(self, edited: Self, changes: Sequence[Change], *, neutral: bool) -> list[Shown]:
        before, after = self.cosine, edited.cosine
        if before is None or after is None:
            return [
                Note(
                    "This model says nothing about words. With a second text, it says how alike "
                    "both are."
                )
            ]
        low = -1.0 if min(before, after) < 0 else 0.0
        note = f"{after - before:+.3f}".replace("-", "−")
        return [Bars([Bar("Cosine of both texts", before, after, note)], (low, 1.0), digits=3)]

    def printed(self, edited: Self, changes: Sequence[Change], *, count: int) -> Sequence[Printed]:
        before, after = self.cosine, edited.cosine
        if before is None or after is None:
            return []
        return [Note(f"cosine of both texts {before:.3f} → {after:.3f}")]

    @property
    def scale(self) -> Scale:
        return "states"

    def statements(self, query: Tensor | None = None) -> list[Statement]:
        """The text's vector."""
        compared = (self.vector if query is None else query).to(self.model.device)

        def value(states: Tensor, seen: Tensor) -> Tensor:
            counted = seen[..., None].to(states)  # (sample, token, 1)
            mean = (states * counted).sum(dim=1) / counted.sum(dim=1).clamp(min=1)
            return cosine_similarity(mean, compared.to(mean), dim=-1)

        def slope(states: Tensor) -> Tensor:
            # Of a cosine with itself the gradient is 0; the dot product points the same way.
            product: Tensor = states.mean(dim=1) @ (compared / compared.norm()).to(states)
            return product

        name = "the text's vector" if query is None else "the likeness of the text and the query"
        return [Statement(name, "cosine", None, (), value, slope)]


def _last_states(output: Any) -> Tensor:
    states: Tensor = output.last_hidden_state
    return states


STATES = Task(
    name="feature-extraction",
    auto=AutoModel,
    endings=(),
    output=StateOutput,
    answer="{hidden} numbers a token",
    logits=_last_states,
    second="separate",
)
