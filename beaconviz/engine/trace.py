"""The record of attention: queries and keys, from which maps are computed on demand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from beaconviz.core.attention import masked_softmax
from beaconviz.engine.attend import capped
from beaconviz.engine.elastic import Pull
from beaconviz.engine.rows import RowEdit


@dataclass(frozen=True)
class LayerTrace:
    """The inputs of one layer's attention. `scaling` is logits per unit of query·key.

    Learned gates are multiplied into the keys; learned beacons are in `pull`.
    """

    query: Tensor  # (batch, head, query, d)
    key: Tensor  # (batch, head, key, d)
    mask: Tensor | None  # bool (batch, 1, query, key), True where a query may attend
    scaling: float
    pull: Pull | None = None
    softcap: float | None = None
    fixed: Tensor | None = None  # (1, head, query, key), the model's own bias in logits (T5)

    def of_sample(self, sample: int, length: int, keys: int | None = None) -> LayerTrace:
        """One sample's part: no batch axis, no padding, keys per query head."""
        groups = self.query.shape[1] // self.key.shape[1]
        keys = length if keys is None else keys
        mask = None if self.mask is None else self.mask[sample, :, :length, :keys]
        return LayerTrace(
            query=self.query[sample, :, :length],
            key=self.key[sample, :, :keys].repeat_interleave(groups, dim=0),
            mask=None if mask is None or bool(mask.all()) else mask,  # it masked only padding
            fixed=None if self.fixed is None else self.fixed[0, :, :length, :keys],
            scaling=self.scaling,
            pull=None if self.pull is None else self.pull.of_sample(sample, length),
            softcap=self.softcap,
        )

    def bias(
        self, heads: Sequence[int], rows: slice = slice(None)
    ) -> Float[Tensor, "head row key"] | None:
        """The term added to a sample's logits: relative position bias or learned beacons."""
        if self.pull is None:
            return None if self.fixed is None else self.fixed[list(heads), rows]
        added = self.pull.added(rows)[0, list(heads)] * self.scaling
        return added.expand(-1, len(range(*rows.indices(self.query.shape[-2]))), -1)

    def edited(self, edit: RowEdit, heads: Sequence[int]) -> Float[Tensor, "head k key"]:
        """An edit's rows in a sample's maps, for the given heads."""
        return edit.weights(
            self.query[list(heads)],
            self.key[list(heads)],
            scale=self.scaling,
            bias=self.bias(heads),
            softcap=self.softcap,
            mask=None if self.mask is None else self.mask[:, edit.rows],
        )


@dataclass(frozen=True, eq=False)
class Traces:
    """One kind of attention in a run: the traces of all layers, and the edited rows."""

    layers: Sequence[LayerTrace]
    edits: Mapping[int, Sequence[RowEdit]]

    @property
    def heads(self) -> int:
        return self.layers[0].query.shape[0]

    def weights(
        self, layer: int, heads: Sequence[int] | None = None
    ) -> Float[Tensor, "head query key"]:
        """The maps of the given heads of a layer."""
        chosen = list(range(self.heads)) if heads is None else list(heads)
        (_, block), *_ = self.blocks(layer, chosen, rows=self.layers[layer].query.shape[1])
        return block

    def blocks(
        self, layer: int, heads: Sequence[int], rows: int = 256
    ) -> Iterator[tuple[slice, Tensor]]:
        """A layer's maps in blocks of query rows, so that a long text never needs a whole map.

        Yields the rows and their weights, Float[Tensor, "head row key"].
        """
        trace, chosen = self.layers[layer], list(heads)
        every = chosen == list(range(self.heads))  # saves copies
        query, key = (x if every else x[chosen] for x in (trace.query, trace.key))
        edited = [
            (edit, [chosen.index(h) for h in edit.heads.tolist() if h in chosen])
            for edit in self.edits.get(layer, ())
        ]
        new = [(edit, at, trace.edited(edit, [chosen[n] for n in at])) for edit, at in edited if at]
        for start in range(0, query.shape[1], rows):
            block = slice(start, min(start + rows, query.shape[1]))
            mask = None if trace.mask is None else trace.mask[:, block]
            logits = (query[:, block] * trace.scaling) @ key.transpose(-2, -1)
            bias = trace.bias(chosen, block)
            logits = capped(logits if bias is None else logits + bias, trace.softcap)
            weights = masked_softmax(logits, mask, logits)
            for edit, at, values in new:
                here = (edit.rows >= block.start) & (edit.rows < block.stop)
                where = edit.rows[here] - block.start
                weights[torch.tensor(at, device=where.device)[:, None], where] = values[:, here]
            yield block, weights
