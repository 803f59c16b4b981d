"""What is kept of one layer's attention: queries and keys, from which a map is made when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from beaconviz.core.rows import RowEdit
from beaconviz.models.elastic import Pull


@dataclass(frozen=True)
class LayerTrace:
    """What one layer's attention saw. `scaling` is logits per unit of query·key.

    Learned gates are in the keys already; learned beacons are in `pull`.
    """

    query: Tensor  # (batch, head, query, d)
    key: Tensor  # (batch, head, key, d)
    mask: Tensor | None  # bool (batch, 1, query, key), True where a query may look
    scaling: float
    pull: Pull | None = None
    softcap: float | None = None

    def of_sample(self, sample: int, length: int) -> LayerTrace:
        """One sample's part: no batch axis, no padding, keys per query head."""
        groups = self.query.shape[1] // self.key.shape[1]
        return LayerTrace(
            query=self.query[sample, :, :length],
            key=self.key[sample, :, :length].repeat_interleave(groups, dim=0),
            mask=None if self.mask is None else self.mask[sample, :, :length, :length],
            scaling=self.scaling,
            pull=None if self.pull is None else self.pull.of_sample(sample, length),
            softcap=self.softcap,
        )

    def bias(self, heads: Sequence[int], rows: slice = slice(None)) -> Tensor | None:
        """What learned beacons add to a sample's logits, Float[Tensor, "head row key"]."""
        if self.pull is None:
            return None
        added = self.pull.added(rows)[0, list(heads)] * self.scaling
        return added.expand(-1, len(range(*rows.indices(self.query.shape[-2]))), -1)

    def edited(self, edit: RowEdit, heads: Sequence[int]) -> Tensor:
        """An edit's rows in a sample's maps, Float[Tensor, "head k key"], of some of its heads."""
        return edit.weights(
            self.query[list(heads)],
            self.key[list(heads)],
            scaling=self.scaling,
            unit=self.scaling,
            bias=self.bias(heads),
            softcap=self.softcap,
            mask=None if self.mask is None else self.mask[:, edit.rows],
        )
