"""A text in a model, attended to as matrices over its words say, with gradients through them.

The rows go through the same attention as those of a design; only the matrices are tensors of
the caller's. The model's own parameters get no gradient, and other sessions notice nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Literal

import torch
from torch import Tensor

from beaconviz.core.design import Design
from beaconviz.core.edit import DesignError, Heads
from beaconviz.core.indicator import averaging, indicator
from beaconviz.core.interventions import INTERVENTIONS, Reading
from beaconviz.engine.compile import compile_design
from beaconviz.engine.late import late_start
from beaconviz.engine.passes import LayerEdits, Pass, Plan, Resume, running
from beaconviz.engine.rows import RowEdit
from beaconviz.models.model import Model
from beaconviz.runs.run import Run

Layers = Literal["all"] | tuple[int, ...]
Places = Mapping[int, tuple[int, ...]]  # layer → heads


def places(model: Model, baseline: Run, layers: Layers, heads: Heads) -> Places:
    """The heads acted on, by layer.

    Raises:
        DesignError: a layer or head that the model has not, or none at all.
    """
    design = Design.neutral(baseline.words).targeting(layers=layers, heads=heads)
    compile_design(design, baseline.aligned, layers=model.layers, heads=model.heads)
    every = {n: design.edits[0].heads_in(n, model.heads) for n in range(model.layers)}
    chosen = {layer: some for layer, some in every.items() if some}
    if not chosen:
        raise DesignError("no head is chosen; expected at least one layer and head, or all")
    return chosen


class Soft:
    """One text in one model; `logits` takes the matrices.

    Args:
        baseline: the text's run without a design; layers below the first edited one are its.
        places: the heads acted on, by layer.
    """

    def __init__(self, model: Model, baseline: Run, reading: Reading, places: Places) -> None:
        self.model, self.baseline = model, baseline
        self.kind, self.places = INTERVENTIONS[reading], places

    def logits(
        self, beacon: Tensor, away: Tensor | None = None, gates: Tensor | None = None
    ) -> Tensor:
        """The model's logits, Float[Tensor, "token label"].

        Args:
            beacon: A over words, Float[Tensor, "word word"], in units of S.
            away: M minus neutral over words; not in the mask reading, whose M has no gradient.
            gates: Float[Tensor, "layer head"], how much of the edit each head gets.
        """
        columns = self._averaging if self.kind.mixes_rows else self._belongs
        rows = self._spread(beacon, self._belongs)
        moved = None if away is None else self._spread(away, columns)
        edits: LayerEdits = {
            layer: (self._edit(heads, rows, moved, None if gates is None else gates[layer]),)
            for layer, heads in self.places.items()
        }
        plan = Plan([edits], resume=self._resume(edits))
        with torch.enable_grad(), running(Pass(plan)):
            output = self.model.network(input_ids=self._ids, attention_mask=self._seen)
        logits: Tensor = output.logits[0]
        return logits

    def _spread(self, matrix: Tensor, columns: Tensor) -> Tensor:
        """A matrix over words on tokens, as DESIGN §1 has it: the words' rows, Float[Tensor, "k
        n"]."""
        return self._words @ matrix.to(self._words.dtype) @ columns.T

    def _edit(
        self, heads: tuple[int, ...], rows: Tensor, moved: Tensor | None, gates: Tensor | None
    ) -> RowEdit:
        if gates is not None:  # a matrix for each head: (h, k, n)
            gate = gates[list(heads), None, None]
            rows, moved = gate * rows, None if moved is None else gate * moved
        marker = self._neutral if moved is None else self._neutral + moved
        marker = marker.expand(*rows.shape[:-2], *marker.shape[-2:])
        offset = self.kind.offset(marker, self._index, self._index, rows)
        edit = RowEdit(self.kind, self._index, marker, offset, torch.tensor(heads))
        return edit.to(self.model.device, self.model.dtype)

    @cached_property
    def _belongs(self) -> Tensor:
        """E, Float[Tensor, "token word"]."""
        belongs = indicator(self.baseline.aligned.word_of, len(self.baseline.words))
        return belongs.double() if self.model.dtype == torch.float64 else belongs

    @cached_property
    def _averaging(self) -> Tensor:
        """Ē, Float[Tensor, "token word"]."""
        return averaging(self._belongs)

    @cached_property
    def _index(self) -> Tensor:
        """The tokens that belong to a word, Int[Tensor, "k"]."""
        return self._belongs.any(dim=1).nonzero().flatten()

    @cached_property
    def _words(self) -> Tensor:
        """E's rows that are not empty, Float[Tensor, "k word"]."""
        return self._belongs[self._index]

    @cached_property
    def _neutral(self) -> Tensor:
        """The neutral rows of M of the words' tokens, Float[Tensor, "k n"]."""
        return self.kind.neutral_rows(self._index, len(self._belongs)).to(self._belongs.dtype)

    @cached_property
    def _ids(self) -> Tensor:
        return torch.tensor([self.baseline.aligned.ids], device=self.model.device)

    @cached_property
    def _seen(self) -> Tensor:
        return torch.ones_like(self._ids)

    def _resume(self, edits: LayerEdits) -> Resume | None:
        """Where the network starts; copies, since a run's tensors take no gradient."""
        resume = late_start(self.model.family, [edits], self.baseline.hidden)
        return None if resume is None else replace(resume, states=resume.states.clone())
