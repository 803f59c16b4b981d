"""A run of a text whose M and A are continuous tensors, so that gradients flow back to them.

The edited rows go through the same attention code as those of a design. The model's own
parameters get no gradient, and other sessions that use the model are not affected.
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
HeadsByLayer = Mapping[int, tuple[int, ...]]  # layer → heads


def select_heads(model: Model, baseline: Run, layers: Layers, heads: Heads) -> HeadsByLayer:
    """The heads that an edit acts on, by layer.

    Raises:
        DesignError: a layer or head that the model does not have, or no head at all.
    """
    design = Design.neutral(baseline.words).targeting(layers=layers, heads=heads)
    compile_design(design, baseline.aligned, layers=model.layers, heads=model.heads)
    edit = design.edits[0]
    by_layer = {layer: edit.heads_in(layer, model.heads) for layer in range(model.layers)}
    by_layer = {layer: numbers for layer, numbers in by_layer.items() if numbers}
    if not by_layer:
        raise DesignError("no head is chosen; expected at least one layer and head, or all")
    return by_layer


class RelaxedRun:
    """One text in one model; `logits` takes the matrices.

    Args:
        baseline: the text's run without a design; its hidden states stand in for the layers below
            the first edited one.
        heads_by_layer: the heads that the edit acts on.
    """

    def __init__(
        self, model: Model, baseline: Run, reading: Reading, heads_by_layer: HeadsByLayer
    ) -> None:
        self.model, self.baseline = model, baseline
        self.kind, self.heads_by_layer = INTERVENTIONS[reading], heads_by_layer

    def logits(
        self, beacon: Tensor, marker_delta: Tensor | None = None, gates: Tensor | None = None
    ) -> Tensor:
        """The model's logits, Float[Tensor, "token label"].

        Args:
            beacon: A over words, Float[Tensor, "word word"], in units of S.
            marker_delta: M minus its neutral values over words, Float[Tensor, "word word"]; None
                in the mask reading, whose M has no gradient.
            gates: Float[Tensor, "layer head"], factors from 0 (no edit on that head) to 1.
        """
        columns = self._column_averages if self.kind.mixes_rows else self._indicator
        beacon_rows = self._on_tokens(beacon, self._indicator)
        delta_rows = None if marker_delta is None else self._on_tokens(marker_delta, columns)
        edits: LayerEdits = {
            layer: (
                self._edit(heads, beacon_rows, delta_rows, None if gates is None else gates[layer]),
            )
            for layer, heads in self.heads_by_layer.items()
        }
        plan = Plan([edits], resume=self._resume(edits))
        with torch.enable_grad(), running(Pass(plan)):
            output = self.model.network(input_ids=self._ids, attention_mask=self._attention_mask)
        logits: Tensor = output.logits[0]
        return logits

    def _on_tokens(self, matrix: Tensor, columns: Tensor) -> Tensor:
        """A matrix over words as its rows over tokens, Float[Tensor, "k n"], for the k tokens that
        belong to a word (see `core.expand`)."""
        return self._word_rows @ matrix.to(self._word_rows.dtype) @ columns.T

    def _edit(
        self,
        heads: tuple[int, ...],
        beacon_rows: Tensor,
        delta_rows: Tensor | None,
        gates: Tensor | None,
    ) -> RowEdit:
        if gates is not None:  # a matrix for each head: (h, k, n)
            gate = gates[list(heads), None, None]
            beacon_rows, delta_rows = (
                gate * beacon_rows,
                None if delta_rows is None else gate * delta_rows,
            )
        marker = self._neutral if delta_rows is None else self._neutral + delta_rows
        marker = marker.expand(*beacon_rows.shape[:-2], *marker.shape[-2:])
        offset = self.kind.offset(marker, self._word_tokens, self._word_tokens, beacon_rows)
        edit = RowEdit(self.kind, self._word_tokens, marker, offset, torch.tensor(heads))
        return edit.to(self.model.device, self.model.dtype)

    @cached_property
    def _indicator(self) -> Tensor:
        """E, Float[Tensor, "token word"]."""
        belongs = indicator(self.baseline.aligned.word_of, len(self.baseline.words))
        return belongs.double() if self.model.dtype == torch.float64 else belongs

    @cached_property
    def _column_averages(self) -> Tensor:
        """Ē, Float[Tensor, "token word"]."""
        return averaging(self._indicator)

    @cached_property
    def _word_tokens(self) -> Tensor:
        """The tokens that belong to a word, Int[Tensor, "k"]."""
        return self._indicator.any(dim=1).nonzero().flatten()

    @cached_property
    def _word_rows(self) -> Tensor:
        """The rows of E of tokens that belong to a word, Float[Tensor, "k word"]."""
        return self._indicator[self._word_tokens]

    @cached_property
    def _neutral(self) -> Tensor:
        """The neutral M, rows of the tokens that belong to a word only, Float[Tensor, "k n"]."""
        return self.kind.neutral_rows(self._word_tokens, len(self._indicator)).to(
            self._indicator.dtype
        )

    @cached_property
    def _ids(self) -> Tensor:
        return torch.tensor([self.baseline.aligned.ids], device=self.model.device)

    @cached_property
    def _attention_mask(self) -> Tensor:
        return torch.ones_like(self._ids)

    def _resume(self, edits: LayerEdits) -> Resume | None:
        """The layer to start at, with a copy of its hidden states: a run's tensors are inference
        tensors, which autograd refuses."""
        resume = late_start(self.model.family, [edits], self.baseline.hidden)
        return None if resume is None else replace(resume, states=resume.states.clone())
