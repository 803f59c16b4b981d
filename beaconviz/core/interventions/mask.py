"""`mask`: S + A where M = 1, −∞ where M = 0. M is query × key, neutral at ones."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from beaconviz.core.interventions.base import EditedRows, Intervention, aligned, union

_HIDDEN = float("-inf")


class Mask(Intervention):
    """Each cell of M says whether a query may attend to a key. A row of zeros hides nothing."""

    name = "mask"
    hides_keys = True
    values = (0.0, 1.0)
    formula = "softmax( S + A where M = 1 ) V"
    latex = r"\mathrm{softmax}\left(\frac{QK^\top + A}{\sqrt{d}}\ \text{where}\ M = 1\right)"
    sentence = "M says who may be looked at: a word sees only the words where its row of M is 1."
    example = (0.0, 1.0, 0.0)  # only the second word is visible

    def scores(self, scores: Tensor, marker: Tensor) -> Tensor:
        return scores.masked_fill(self.effective(marker) == 0, _HIDDEN)

    def effective(self, marker: Tensor) -> Tensor:
        return torch.where(marker.ne(0).any(dim=-1, keepdim=True), marker, 1.0)

    def converted(self, marker: Tensor) -> Tensor:
        return marker.ne(0).to(marker.dtype)

    def offset(self, marker: Tensor, rows: Tensor, beacon_rows: Tensor, beacon: Tensor) -> Tensor:
        return aligned(rows, beacon_rows, beacon, 0.0)

    def compose(self, first: EditedRows, second: EditedRows) -> EditedRows:
        """A key is hidden where either hides it; beacons add up."""
        rows = union(first, second)
        marker = aligned(rows, first.rows, first.marker, 1.0)
        offset = aligned(rows, first.rows, first.offset, 0.0)
        return EditedRows(
            rows,
            marker * aligned(rows, second.rows, second.marker, 1.0),
            offset + aligned(rows, second.rows, second.offset, 0.0),
        )

    def logits(self, logits: Tensor, marker: Tensor, offset: Tensor) -> Tensor:
        return (logits + offset).masked_fill(marker == 0, _HIDDEN)

    def describe(self, marker: Sequence[float], row: int, names: Sequence[str]) -> str:
        hidden = sum(value == 0 for value in marker)
        if not hidden:
            return "M leaves this row as it is"
        if hidden == len(marker):
            return "M is 0 in the whole row, which hides nothing"
        return f"M hides {hidden} of {len(marker)} keys"
