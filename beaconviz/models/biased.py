"""Fused attention with something added to its logits, and the model's mask after that."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention


def biased_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None,
    scaling: float,
    bias: Tensor,
    dropout: float = 0.0,
) -> Tensor:
    """softmax(scaling · QKᵀ + bias)V, Float[Tensor, "batch query head d"].

    Args:
        query, key, value: Float[Tensor, "batch head token d"], as many key heads as query heads.
        mask: Bool[Tensor, "batch 1 query key"], True where a query may look.
        bias: Float[Tensor, "batch head query key"], in logits.
    """
    added = bias if mask is None else bias.masked_fill(~mask, float("-inf"))
    output = scaled_dot_product_attention(
        query, key, value, attn_mask=added, dropout_p=dropout, scale=scaling
    )
    return output.transpose(1, 2).contiguous()


def per_head(heads: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
    """Keys and values, one a query head; several query heads may share one."""
    groups = heads // key.shape[1]
    if groups == 1:
        return key, value
    return key.repeat_interleave(groups, dim=1), value.repeat_interleave(groups, dim=1)


def written_out(
    mask: Tensor | None, module: nn.Module, query: Tensor, key: Tensor, causal: bool | None
) -> Tensor | None:
    """The mask, also where transformers leaves causality to the fused kernel (mask is None)."""
    causal = getattr(module, "is_causal", False) if causal is None else causal
    if mask is not None or not causal or query.shape[2] == 1:
        return mask
    every = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool, device=query.device)
    return every.tril()[None, None].expand(len(query), -1, -1, -1)
