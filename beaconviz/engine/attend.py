"""One call of attention: what goes into its logits, and the ways to compute it.

The stock kernel does what it can. It is not asked for something added to the logits, a cap on
them (Gemma 2), or rows that an edit touches.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from beaconviz.core.attention import masked_softmax
from beaconviz.engine.batch import BatchEdit
from beaconviz.engine.elastic import Pull
from beaconviz.engine.rows import RowEdit


@dataclass(frozen=True)
class Call:
    """Outputs are Float[Tensor, "batch query head d"], as transformers wants them.

    Attributes:
        stock: the attention without edits: the model's own, until learned beacons are added.
        query: Float[Tensor, "batch head query d"]; key, value: Float[Tensor, "batch head key d"];
            several query heads may share a key head.
        mask: Bool[Tensor, "batch 1 query key"], True where a query may look.
        unit: logits per unit of S.
        softcap: c of c·tanh(logits / c), applied before the mask.
        bias: Float[Tensor, "batch head query key"], in logits, of one sample or all: relative positions
            or learned beacons; then keys and values are per query head.
    """

    stock: Callable[[], Tensor]
    query: Tensor
    key: Tensor
    value: Tensor
    mask: Tensor | None
    unit: float
    softcap: float | None = None
    dropout: float = 0.0
    bias: Tensor | None = None

    def pulled(self, pull: Pull) -> Call:
        """The call with learned beacons added to its logits, and learned gates in its keys."""
        key, value = self._per_head()
        key = key if pull.gate is None else key * pull.gate[..., None].to(key.dtype)
        bias = (pull.added() * self.unit).to(key.dtype).expand(-1, -1, self.query.shape[2], -1)
        return replace(self, key=key, value=value, bias=bias)._on_its_own()

    def expanded(self, batch: int) -> Call:
        """The call of one sample as that of several like it."""
        many = {
            name: x.expand(batch, -1, -1, -1)
            for name in ("query", "key", "value", "mask")
            if (x := getattr(self, name)) is not None
        }
        return replace(self, **many)._on_its_own()

    def of_rows(self, rows: Tensor) -> Call:
        """The call of some query rows."""
        mask, bias = (None if x is None else x[:, :, rows] for x in (self.mask, self.bias))
        return replace(self, query=self.query[:, :, rows], mask=mask, bias=bias)._on_its_own()

    def _on_its_own(self) -> Call:
        """The call with a kernel for what it holds now, in place of the one that the model asked for."""
        return replace(self, stock=self._fused)

    def untouched(self) -> Tensor:
        """The output of all rows without an edit."""
        return self.stock() if self.softcap is None else self._dense()

    def _fused(self) -> Tensor:
        output = scaled_dot_product_attention(
            self.query,
            *self._per_head(),
            attn_mask=self.mask if self.bias is None else _shut(self.bias, self.mask),
            dropout_p=self.dropout,
            scale=self.unit,
        )
        return output.transpose(1, 2).contiguous()

    def by_rows(self, edits: Sequence[Sequence[RowEdit]]) -> Tensor:
        """`untouched`, with each sample's edited rows written over."""
        output = self.untouched()
        output = output.clone() if output.requires_grad else output  # its gradient needs it whole
        heads = self.query.shape[1]
        groups = heads // self.key.shape[1]
        for sample, some in enumerate(edits):
            for edit in some:
                every = groups == 1 and len(edit.heads) == heads
                # Views where all heads are meant: copies would cost more than the edit.
                chosen = slice(None) if every else edit.heads
                shared = slice(None) if every else edit.heads // groups
                rows = edit.attend(
                    self.query[sample, chosen],
                    self.key[sample, shared],
                    self.value[sample, shared],
                    scaling=self.unit,
                    unit=self.unit,
                    bias=None if self.bias is None else self.bias[sample % len(self.bias), chosen],
                    softcap=self.softcap,
                    mask=None if self.mask is None else self.mask[sample][:, edit.rows],
                ).transpose(0, 1)  # (k, h, d)
                if every:
                    output[sample, edit.rows] = rows
                else:
                    output[sample, edit.rows[:, None], edit.heads] = rows
        return output

    def for_every_sample(self, edits: Sequence[RowEdit]) -> Tensor:
        """`untouched`, with rows written over that are edited alike in all samples (beams, say)."""
        batch, heads, length, _ = self.query.shape
        groups = heads // self.key.shape[1]
        only = len(edits) == 1 and len(edits[0].heads) == heads and len(edits[0].rows) == length
        output = None if only else self.untouched()
        if output is not None and output.requires_grad:
            output = output.clone()  # its gradient needs it whole
        for edit in edits:
            every = groups == 1 and len(edit.heads) == heads
            chosen = slice(None) if every else edit.heads
            shared = slice(None) if every else edit.heads // groups
            mask = None if self.mask is None else self.mask[:, :, edit.rows]
            # An edit takes samples and heads, as one axis, for heads.
            rows = edit.attend(
                self.query[:, chosen].flatten(0, 1),
                self.key[:, shared].flatten(0, 1),
                self.value[:, shared].flatten(0, 1),
                scaling=self.unit,
                unit=self.unit,
                bias=None if self.bias is None else _spread(self.bias[:, chosen], batch),
                softcap=self.softcap,
                mask=None if mask is None else _spread(mask, batch, len(edit.heads)),
            ).unflatten(0, (batch, -1))
            rows = rows.transpose(1, 2)  # (batch, k, h, d)
            if output is None:
                return rows.contiguous()
            output[:, edit.rows[:, None], edit.heads] = rows
        return self.untouched() if output is None else output

    def all_at_once(self, edit: BatchEdit) -> Tensor:
        """The output under an edit of all samples, in one fused call."""
        output = edit.attend(self.query, *self._per_head(), self.mask, self.unit, self.bias)
        output = output.transpose(1, 2)
        if edit.heads is not None:
            output = torch.where(edit.heads.transpose(0, 1), output, self.untouched())
        return output.contiguous()

    def _dense(self) -> Tensor:
        """softmax(c · tanh((unit · QKᵀ + bias) / c))V, which holds whole maps."""
        key, value = self._per_head()
        logits = self.query @ key.transpose(-2, -1) * self.unit
        logits = capped(logits if self.bias is None else logits + self.bias, self.softcap)
        weights = masked_softmax(logits, self.mask, logits)
        if self.mask is not None:  # padding in a window of padding looks at nothing
            weights = weights.masked_fill(~self.mask.any(dim=-1, keepdim=True), 0.0)
        return (weights @ value).transpose(1, 2).contiguous()

    def _per_head(self) -> tuple[Tensor, Tensor]:
        """Keys and values, one a query head."""
        groups = self.query.shape[1] // self.key.shape[1]
        if groups == 1:
            return self.key, self.value
        key, value = (x.repeat_interleave(groups, dim=1) for x in (self.key, self.value))
        return key, value


def capped(logits: Tensor, softcap: float | None) -> Tensor:
    """c · tanh(logits / c); the logits where there is no cap."""
    return logits if softcap is None else softcap * torch.tanh(logits / softcap)


def written_out(
    mask: Tensor | None, module: nn.Module, query: Tensor, key: Tensor, causal: bool | None
) -> Tensor | None:
    """The mask, also where transformers leaves causality to the fused kernel (mask is None)."""
    causal = getattr(module, "is_causal", False) if causal is None else causal
    if mask is not None or not causal or query.shape[2] == 1:
        return mask
    every = torch.ones(query.shape[2], key.shape[2], dtype=torch.bool, device=query.device)
    return every.tril()[None, None].expand(len(query), -1, -1, -1)


def _spread(x: Tensor, batch: int, heads: int = -1) -> Tensor:
    """Float[Tensor, "batch head query key"] with samples and heads as one axis."""
    return x.expand(batch, heads, -1, -1).flatten(0, 1)


def _shut(bias: Tensor, mask: Tensor | None) -> Tensor:
    return bias if mask is None else bias.masked_fill(~mask, float("-inf"))
