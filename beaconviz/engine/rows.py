"""The fast path: an edited row is a row recomputed.

A design becomes (`core.compiling`), for each layer, a few `RowEdit`s: the query rows it touches and,
for those rows only, a marker M and an offset B such that

    product: logits = M @ L + B·u      gate: logits = M ∘ L + B·u      mask: L + B·u where M

with L the unedited logits and u the logits per unit of S (1/√d). k edited rows of n cost O(k·n·d).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from beaconviz.core.attention import Reading, masked_softmax


@dataclass(frozen=True)
class RowEdit:
    """What one layer's edited rows become, on tokens.

    rows: Int[Tensor, "k"], the token rows touched, ascending.
    marker: Float[Tensor, "k query"] in the product reading, else Float[Tensor, "k key"], M's rows.
    offset: Float[Tensor, "k key"], B's touched rows, in units of S.
    heads: Int[Tensor, "h"], the heads acted on.
    """

    reading: Reading
    rows: Tensor
    marker: Tensor
    offset: Tensor
    heads: Tensor

    def to(self, device: torch.device, dtype: torch.dtype) -> RowEdit:
        """The same on a device; the matrices in `dtype`."""
        return replace(
            self,
            rows=self.rows.to(device),
            heads=self.heads.to(device),
            marker=self.marker.to(device, dtype),
            offset=self.offset.to(device, dtype),
        )

    def weights(
        self,
        query: Tensor,
        key: Tensor,
        *,
        scaling: float,
        unit: float,
        bias: Tensor | None = None,
        softcap: float | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """The edited rows' attention weights, Float[Tensor, "h k key"]; rows sum to 1.

        Args:
            query: Float[Tensor, "h query d"], key: Float[Tensor, "h key d"], of the edit's heads;
                they may be longer than the edit (padding, which it leaves alone).
            scaling: logits per unit of query·key as handed over; unit: logits per unit of S.
            bias: Float[Tensor, "h query key"], a relative bias in logits, part of S.
            softcap: the cap c of c·tanh(logit/c), applied after the edit's scale (Gemma 2).
            mask: the model's mask of the edited rows, (1 or h, k, key), applied after the edit.
        """
        query, bias = self._pick(query, bias)
        raw = query @ key.transpose(-2, -1) * scaling  # (h, k, key)
        raw = raw if bias is None else raw + bias
        logits = self._edit(raw, unit)
        if softcap is not None:
            raw, logits = (softcap * torch.tanh(x / softcap) for x in (raw, logits))
        # Only the mask reading can leave a row nothing to look at.
        return masked_softmax(logits, mask, fallback=raw if self.reading == "mask" else logits)

    def attend(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        *,
        scaling: float,
        unit: float,
        bias: Tensor | None = None,
        softcap: float | None = None,
        mask: Tensor | None = None,
    ) -> Tensor:
        """The edited rows' outputs, `weights(…) @ value`, Float[Tensor, "h k d"].

        An edit that only adds to the logits goes through the fused kernel, which holds no map.
        Arguments as in `weights`; value: Float[Tensor, "h key d"].
        """
        if softcap is not None or not self.adds:
            weights = self.weights(
                query, key, scaling=scaling, unit=unit, bias=bias, softcap=softcap, mask=mask
            )
            return weights @ value
        query, bias = self._pick(query, bias)
        added = _widen(self.offset, key.shape[1], 0.0) * unit
        if self.reading == "mask":
            added = self._shut(added, mask)
        added = added if bias is None else added + bias
        if mask is not None:
            added = added.masked_fill(~mask, float("-inf"))
        added = added.expand(len(query), -1, -1)
        return scaled_dot_product_attention(
            query[None], key[None], value[None], attn_mask=added[None], scale=scaling
        )[0]

    @cached_property
    def adds(self) -> bool:
        """Whether the edit is a change of queries and something added to the logits."""
        if self.reading != "gate":
            return True
        # A gate that is learned starts at 1, and needs its gradient there.
        return not self.marker.requires_grad and bool(self.marker.eq(1).all())

    def _pick(self, query: Tensor, bias: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """The edited rows' queries and bias; M @ (Q Kᵀ) = (M @ Q) Kᵀ in the product reading."""
        if self.reading != "product":
            return query[:, self.rows], bias if bias is None else bias[:, self.rows]
        n = self.marker.shape[-1]
        return self.marker @ query[:, :n], bias if bias is None else self.marker @ bias[:, :n]

    def _shut(self, added: Tensor, mask: Tensor | None) -> Tensor:
        """-inf where M is 0; a row left with nothing to look at is not edited at all."""
        looks = _widen(self.marker, added.shape[-1], 1.0) != 0
        seen = (looks if mask is None else looks & mask).any(dim=-1, keepdim=True)
        return torch.where(seen, added.masked_fill(~looks, float("-inf")), 0.0)

    def _edit(self, raw: Tensor, unit: float) -> Tensor:
        keys = raw.shape[-1]
        offset = _widen(self.offset, keys, 0.0) * unit
        if self.reading == "product":  # M is in `raw` already
            return raw + offset
        marker = _widen(self.marker, keys, 1.0)
        if self.reading == "gate":
            return marker * raw + offset
        return (raw + offset).masked_fill(marker == 0, float("-inf"))


def _widen(rows: Tensor, keys: int, neutral: float) -> Tensor:
    """Rows over `keys` keys, neutral where the edit does not reach (padding)."""
    missing = keys - rows.shape[-1]
    return torch.nn.functional.pad(rows, (0, missing), value=neutral) if missing > 0 else rows
