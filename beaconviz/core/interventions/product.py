"""`product`: M @ (S + A). M is query × query, neutral at the identity."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from beaconviz.core.interventions.base import EditedRows, Intervention, aligned, union


class Product(Intervention):
    """The formula as a matrix product: a query's scores become a combination of rows of scores."""

    name = "product"
    mixes_rows = True
    formula = "softmax( M (S + A) / √d ) V"
    latex = r"\mathrm{softmax}\left(\frac{M\,(QK^\top + A)}{\sqrt{d}}\right)"
    sentence = "M mixes rows: a word uses the attention of the words in its row of M."
    example = (0.0, 0.0, 1.0)  # the first word uses the attention of the third

    def neutral(self, row: object, column: object) -> float:
        return float(row == column)

    def neutral_rows(self, rows: Tensor, columns: int) -> Tensor:
        return torch.zeros(len(rows), columns).scatter_(1, rows[:, None], 1.0)

    def scores(self, scores: Tensor, marker: Tensor) -> Tensor:
        return marker @ scores

    def offset(self, marker: Tensor, rows: Tensor, beacon_rows: Tensor, beacon: Tensor) -> Tensor:
        return marker[..., beacon_rows] @ beacon  # M A

    def compose(self, first: EditedRows, second: EditedRows) -> EditedRows:
        """M = M₂M₁ and B = M₂B₁ + B₂."""
        rows = union(first, second)
        marker = self.neutral_rows(rows, second.marker.shape[-1])
        marker[torch.searchsorted(rows, second.rows)] = second.marker
        offset = aligned(rows, second.rows, second.offset, 0.0)
        through = marker[:, first.rows]  # (k, k₁): the weight of each row of the first edit
        marker[:, first.rows] = 0.0
        return EditedRows(rows, marker + through @ first.marker, offset + through @ first.offset)

    def logits(self, logits: Tensor, marker: Tensor, offset: Tensor) -> Tensor:
        return logits + offset  # M is in the queries: M @ (Q Kᵀ) = (M @ Q) Kᵀ

    def describe(self, marker: Sequence[float], row: int, names: Sequence[str]) -> str:
        parts = [f"{value:.2g} × “{names[j]}”" for j, value in enumerate(marker) if value]
        if parts == [f"1 × “{names[row]}”"]:
            return "M leaves this row as it is"
        if not parts:
            return "M sets this row of scores to 0: every key gets the same weight"
        return "M makes this row of scores " + " + ".join(parts)
