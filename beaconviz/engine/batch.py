"""The edits of a whole padded batch, in one fused call.

Row by row is right for one text. In an evaluation each of 32 sentences has edited rows in
every layer, and a loop over them costs more than the model itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from beaconviz.engine.rows import RowEdit


@dataclass(frozen=True)
class BatchEdit:
    """What one layer's edits do to every sample; rows that nobody edits are neutral.

    marker: Float[Tensor, "batch 1 n n"], M of the product reading; None where all are neutral.
    offset: Float[Tensor, "batch 1 n n"], in units of S.
    looks: Bool[Tensor, "batch 1 n n"], M of the mask reading; None where all may look.
    heads: Bool[Tensor, "h 1 1"], the heads acted on; None when all are.
    """

    marker: Tensor | None
    offset: Tensor
    looks: Tensor | None
    heads: Tensor | None

    def attend(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        mask: Tensor | None,
        scaling: float,
        bias: Tensor | None = None,
    ) -> Tensor:
        """The outputs of all rows, Float[Tensor, "batch h n d"].

        Args:
            query, key, value: Float[Tensor, "batch h n d"], as many key heads as query heads.
            mask: Bool[Tensor, "batch 1 n n"], the model's mask, applied after the edit.
            scaling: logits per unit of query·key, and of S.
            bias: Float[Tensor, "batch h n n"], in logits, part of S.
        """
        query = query if self.marker is None else self.marker @ query  # M @ (Q Kᵀ) = (M @ Q) Kᵀ
        added = self.offset * scaling
        if self.looks is not None:
            seen = (self.looks if mask is None else self.looks & mask).any(dim=-1, keepdim=True)
            # A row left with nothing to look at is not edited at all.
            added = torch.where(seen, added.masked_fill(~self.looks, float("-inf")), 0.0)
        if bias is not None:
            added = added + (bias if self.marker is None else self.marker @ bias)
        if mask is not None:
            added = added.masked_fill(~mask, float("-inf"))
        return scaled_dot_product_attention(query, key, value, attn_mask=added, scale=scaling)


def stack_edits(
    edits: Sequence[Sequence[RowEdit]], length: int, heads: int, like: Tensor
) -> BatchEdit | None:
    """The samples' row edits as one; None where they must go row by row.

    That is so for gates, for stacks that differ from head to head, and for samples that act
    on different heads.

    Args:
        edits: the row edits of every sample, in one layer.
        length: tokens of the padded batch. like: a tensor with its device and dtype.
    """
    rows = [some[0] if some else None for some in edits]
    given = [one for one in rows if one is not None]
    if not given or any(len(some) > 1 for some in edits) or not all(one.adds for one in given):
        return None
    if any(not torch.equal(one.heads, given[0].heads) for one in given):
        return None
    shape = (len(edits), 1, length, length)
    offset = like.new_zeros(shape)
    product = any(one.reading == "product" for one in given)
    mask = any(one.reading == "mask" for one in given)
    marker = torch.eye(length).to(like).repeat(len(edits), 1, 1, 1) if product else None
    looks = torch.ones(shape, dtype=torch.bool, device=like.device) if mask else None
    for sample, one in enumerate(rows):
        if one is None:
            continue
        n = one.marker.shape[-1]
        offset[sample, 0, one.rows, :n] = one.offset
        if marker is not None and one.reading == "product":
            marker[sample, 0, one.rows, :n] = one.marker
        if looks is not None and one.reading == "mask":
            looks[sample, 0, one.rows, :n] = one.marker != 0
    if marker is not None and torch.equal(marker, torch.eye(length).to(like).expand(shape)):
        marker = None  # beacons alone
    chosen = torch.zeros(heads, 1, 1, dtype=torch.bool, device=like.device)
    chosen[given[0].heads] = True
    return BatchEdit(marker, offset, looks, None if bool(chosen.all()) else chosen)
