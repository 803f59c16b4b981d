"""One call of attention: its inputs, and its output without an edit.

The model's own kernel is used where possible. Additions to the logits, a cap on them (Gemma 2) and
edited rows (`engine.rows`) are computed here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from beaconviz.core.attention import masked_softmax
from beaconviz.engine.elastic import Pull


@dataclass(frozen=True)
class AttentionCall:
    """The inputs of one attention call. Outputs are Float[Tensor, "batch query head d"], as in
    transformers.

    Attributes:
        stock: computes the attention without edits: by the model's own kernel, until an input is
            changed here.
        key, value: several query heads may share a key head.
        mask: True where a query may attend. It may have more samples than `query`, when one sample
            stands for several.
        scale: logits per unit of S = query · key.
        softcap: c of c·tanh(logits / c), applied before the mask.
        bias: in logits, of one sample or all: relative positions or learned beacons; then keys and
            values are per query head.
    """

    stock: Callable[[], Tensor]
    query: Float[Tensor, "batch head query d"]
    key: Float[Tensor, "batch key_head key d"]
    value: Float[Tensor, "batch key_head key width"]
    mask: Bool[Tensor, "samples 1 query key"] | None
    scale: float
    softcap: float | None = None
    dropout: float = 0.0
    bias: Float[Tensor, "#batch head query key"] | None = None

    @property
    def heads(self) -> int:
        return self.query.shape[1]

    @property
    def group(self) -> int:
        """The number of query heads that share a key head."""
        return self.heads // self.key.shape[1]

    def with_beacons(self, pull: Pull) -> AttentionCall:
        """The call with learned beacons added to its logits, and learned gates in its keys."""
        key, value = self.per_head()
        key = key if pull.gate is None else key * pull.gate[..., None].to(key.dtype)
        bias = (pull.added() * self.scale).to(key.dtype).expand(-1, -1, self.query.shape[2], -1)
        return replace(self, key=key, value=value, bias=bias)._with_own_kernel()

    def expanded(self, batch: int) -> AttentionCall:
        """The call with its one sample repeated `batch` times."""
        many = {
            name: x.expand(batch, -1, -1, -1)
            for name in ("query", "key", "value", "mask")
            if (x := getattr(self, name)) is not None
        }
        return replace(self, **many)._with_own_kernel()

    def of_rows(self, rows: Tensor) -> AttentionCall:
        """The call for only these query rows."""
        mask, bias = (None if x is None else x[:, :, rows] for x in (self.mask, self.bias))
        return replace(self, query=self.query[:, :, rows], mask=mask, bias=bias)._with_own_kernel()

    def _with_own_kernel(self) -> AttentionCall:
        """The same call computed from its present inputs, not by the model's own kernel."""
        return replace(self, stock=self._fused)

    def untouched(self) -> Tensor:
        """The output of all rows without an edit."""
        return self.stock() if self.softcap is None else self._dense()

    def per_head(self) -> tuple[Tensor, Tensor]:
        """Keys and values, one for each query head."""
        if self.group == 1:
            return self.key, self.value
        key, value = (x.repeat_interleave(self.group, dim=1) for x in (self.key, self.value))
        return key, value

    def _fused(self) -> Tensor:
        output = scaled_dot_product_attention(
            self.query,
            *self.per_head(),
            attn_mask=self.mask if self.bias is None else hide(self.bias, self.mask),
            dropout_p=self.dropout,
            scale=self.scale,
        )
        return output.transpose(1, 2).contiguous()

    def _dense(self) -> Tensor:
        """softmax(c · tanh((scale · QKᵀ + bias) / c))V, which needs memory for whole maps."""
        key, value = self.per_head()
        logits = self.query @ key.transpose(-2, -1) * self.scale
        logits = capped(logits if self.bias is None else logits + self.bias, self.softcap)
        weights = masked_softmax(logits, self.mask, logits)
        if self.mask is not None:  # a padding row may see only padding, which is masked
            weights = weights.masked_fill(~self.mask.any(dim=-1, keepdim=True), 0.0)
        return (weights @ value).transpose(1, 2).contiguous()


def capped(logits: Float[Tensor, "*axes"], softcap: float | None) -> Float[Tensor, "*axes"]:
    """c · tanh(logits / c); unchanged logits where there is no cap. -inf (hidden by M) stays
    -inf."""
    if softcap is None:
        return logits
    return (softcap * torch.tanh(logits / softcap)).masked_fill(logits.isneginf(), float("-inf"))


def written_out(
    mask: Tensor | None, module: nn.Module, query: Tensor, key: Tensor, causal: bool | None
) -> Tensor | None:
    """The explicit mask, also where transformers passes None and lets the kernel apply
    causality."""
    causal = getattr(module, "is_causal", False) if causal is None else causal
    if mask is not None or not causal or query.shape[2] == 1:
        return mask
    every = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool, device=query.device)
    return every.tril()[None, None].expand(len(query), -1, -1, -1)


def hide(logits: Tensor, mask: Tensor | None) -> Tensor:
    """The logits, -inf where the model's mask is False."""
    return logits if mask is None else logits.masked_fill(~mask, float("-inf"))
