"""`gate`: M ∘ (S + A). M is query × key, neutral at ones."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from beaconviz.core.interventions.base import EditedRows, Intervention, aligned, union


class Gate(Intervention):
    """Each cell of M multiplies one score."""

    name = "gate"
    formula = "softmax( M ∘ (S + A) / √d ) V"
    latex = r"\mathrm{softmax}\left(\frac{M \circ (QK^\top + A)}{\sqrt{d}}\right)"
    sentence = (
        "M multiplies the score: 2 doubles it, 0 sets it to 0 (which does not hide the word)."
    )
    example = (1.0, 0.1, 3.0)  # the second score is weakened, the third one made stronger

    def scores(self, scores: Tensor, marker: Tensor) -> Tensor:
        return marker * scores

    def offset(self, marker: Tensor, rows: Tensor, beacon_rows: Tensor, beacon: Tensor) -> Tensor:
        return marker * aligned(rows, beacon_rows, beacon, 0.0)  # M ∘ A

    def compose(self, first: EditedRows, second: EditedRows) -> EditedRows:
        """M = M₂ ∘ M₁ and B = M₂ ∘ B₁ + B₂."""
        rows = union(first, second)
        later = aligned(rows, second.rows, second.marker, 1.0)
        marker = later * aligned(rows, first.rows, first.marker, 1.0)
        offset = later * aligned(rows, first.rows, first.offset, 0.0)
        return EditedRows(rows, marker, offset + aligned(rows, second.rows, second.offset, 0.0))

    def logits(self, logits: Tensor, marker: Tensor, offset: Tensor) -> Tensor:
        return marker * logits + offset

    def only_adds(self, marker: Tensor) -> bool:
        # A gate under optimisation starts at 1 and needs its gradient there.
        return not marker.requires_grad and bool(marker.eq(1).all())

    def describe(self, marker: Sequence[float], row: int, names: Sequence[str]) -> str:
        changed = sum(value != 1 for value in marker)
        if not changed:
            return "M leaves this row as it is"
        return f"M multiplies the scores of {changed} of {len(marker)} keys"
