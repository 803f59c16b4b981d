"""The fast path: an edited row is a row recomputed.

A design becomes (`engine.compile`), for each layer, a few `RowEdit`s: the query rows it touches
and, for those rows only, a marker M and an offset B in units of S. What M does to the logits is
defined by its kind (`core.interventions`). k edited rows of n cost O(k·n·d), and O(k·n) memory.

`edited_output` is the only place that chooses how a call's edits are computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.functional import pad, scaled_dot_product_attention

from beaconviz.core.attention import masked_softmax
from beaconviz.core.edit import DesignError
from beaconviz.core.interventions import Intervention
from beaconviz.engine.attend import AttentionCall, capped, hide

SampleEdits = Sequence[Sequence["RowEdit"]]  # for each sample of a call, its row edits


@dataclass(frozen=True)
class RowEdit:
    """The edit of one layer's rows, on tokens.

    rows: the k edited token rows, ascending.
    marker: M's rows. Columns are queries where M mixes rows, else keys. One matrix for all heads,
        or one per head (when it is optimised).
    offset: B's rows, in units of S; shaped as `marker`.
    heads: the h edited heads.
    """

    kind: Intervention
    rows: Int[Tensor, " k"]
    marker: Float[Tensor, "*h k column"]
    offset: Float[Tensor, "*h k key"]
    heads: Int[Tensor, " h"]

    def to(self, device: torch.device, dtype: torch.dtype) -> RowEdit:
        """The same edit on a device, with its matrices in `dtype`."""
        return replace(
            self,
            rows=self.rows.to(device),
            heads=self.heads.to(device),
            marker=self.marker.to(device, dtype),
            offset=self.offset.to(device, dtype),
        )

    def weights(
        self,
        query: Float[Tensor, "h query d"],
        key: Float[Tensor, "h key d"],
        *,
        scale: float,
        bias: Float[Tensor, "h query key"] | None = None,
        softcap: float | None = None,
        mask: Bool[Tensor, "*heads k key"] | None = None,
    ) -> Float[Tensor, "h k key"]:
        """The edited rows' attention weights; rows sum to 1.

        Args:
            query, key: of the edit's heads; they may be longer than the edit (padding, which is not
                edited).
            scale: logits per unit of S.
            bias: a relative bias in logits, part of S.
            softcap: the cap c of c·tanh(logit/c), applied after the edit's scale (Gemma 2).
            mask: the model's mask of the edited rows, shared by heads or one per head, applied
                after the edit.
        """
        query, bias = self._rows_of(query, bias)
        unedited = query @ key.transpose(-2, -1) * scale  # (h, k, key)
        unedited = unedited if bias is None else unedited + bias
        keys = unedited.shape[-1]
        marker = self.marker if self.kind.mixes_rows else _widened(self.marker, keys, 1.0)
        edited = self.kind.logits(unedited, marker, _widened(self.offset, keys, 0.0) * scale)
        unedited, edited = (capped(logits, softcap) for logits in (unedited, edited))
        # A kind that hides keys can leave a row without any visible key.
        return masked_softmax(edited, mask, unedited if self.kind.hides_keys else edited)

    def attend(
        self,
        query: Float[Tensor, "h query d"],
        key: Float[Tensor, "h key d"],
        value: Float[Tensor, "h key width"],
        *,
        scale: float,
        bias: Float[Tensor, "h query key"] | None = None,
        softcap: float | None = None,
        mask: Bool[Tensor, "*heads k key"] | None = None,
    ) -> Float[Tensor, "h k width"]:
        """The edited rows' outputs, `weights(…) @ value`.

        An edit that only adds to the logits uses the fused kernel, which stores no map.
        Arguments as in `weights`.
        """
        if softcap is not None or not self.only_adds:
            weights = self.weights(query, key, scale=scale, bias=bias, softcap=softcap, mask=mask)
            return weights @ value
        query, bias = self._rows_of(query, bias)
        added = _widened(self.offset, key.shape[1], 0.0) * scale
        if self.kind.hides_keys:
            added = hide_keys(added, _widened(self.marker, added.shape[-1], 1.0) != 0, mask)
        added = hide(added if bias is None else added + bias, mask).expand(len(query), -1, -1)
        return scaled_dot_product_attention(
            query[None], key[None], value[None], attn_mask=added[None], scale=scale
        )[0]

    @cached_property
    def only_adds(self) -> bool:
        """Whether the edit only changes queries and adds to the logits."""
        return self.kind.only_adds(self.marker)

    def _rows_of(self, query: Tensor, bias: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """The edited rows' queries and bias; M @ (Q Kᵀ) = (M @ Q) Kᵀ where M mixes rows."""
        if not self.kind.mixes_rows:
            return query[:, self.rows], bias if bias is None else bias[:, self.rows]
        n = self.marker.shape[-1]
        return self.marker @ query[:, :n], bias if bias is None else self.marker @ bias[:, :n]


@dataclass(frozen=True)
class BatchEdit:
    """One layer's edits of all samples, stacked; unedited rows are neutral.

    marker: M where it mixes rows; None if neutral everywhere.
    offset: in units of S.
    visible: M where it hides keys; None if no key is hidden.
    heads: the edited heads; None for all.
    """

    marker: Float[Tensor, "batch 1 n n"] | None
    offset: Float[Tensor, "batch 1 n n"]
    visible: Bool[Tensor, "batch 1 n n"] | None
    heads: Bool[Tensor, "h 1 1"] | None

    def output(self, call: AttentionCall) -> Float[Tensor, "batch query head d"]:
        """The output of all rows of a call."""
        key, value = call.per_head()
        # M @ (Q Kᵀ) = (M @ Q) Kᵀ
        query = call.query if self.marker is None else self.marker @ call.query
        added = self.offset * call.scale
        if self.visible is not None:
            added = hide_keys(added, self.visible, call.mask)
        if call.bias is not None:
            added = added + (call.bias if self.marker is None else self.marker @ call.bias)
        output = scaled_dot_product_attention(
            query, key, value, attn_mask=hide(added, call.mask), scale=call.scale
        ).transpose(1, 2)
        if self.heads is not None:
            output = torch.where(self.heads.transpose(0, 1), output, call.untouched())
        return output.contiguous()


def stack_edits(edits: SampleEdits, length: int, heads: int, like: Tensor) -> BatchEdit | None:
    """The samples' row edits stacked into one; None where they cannot be.

    They cannot where edits multiply scores, where heads have different stacks, and where samples
    edit different heads.

    Args:
        length: tokens of the padded batch. like: a tensor of the wanted device and dtype.
    """
    firsts = [stack[0] if stack else None for stack in edits]
    present = [edit for edit in firsts if edit is not None]
    if any(len(stack) > 1 for stack in edits) or not all(edit.only_adds for edit in present):
        return None
    if any(not torch.equal(edit.heads, present[0].heads) for edit in present):
        return None
    shape = (len(edits), 1, length, length)
    offset, identity = like.new_zeros(shape), torch.eye(length).to(like)
    marker = identity.repeat(len(edits), 1, 1, 1)
    visible = torch.ones(shape, dtype=torch.bool, device=like.device)
    for sample, edit in enumerate(firsts):
        if edit is None:
            continue
        n = edit.marker.shape[-1]
        offset[sample, 0, edit.rows, :n] = edit.offset
        if edit.kind.mixes_rows:
            marker[sample, 0, edit.rows, :n] = edit.marker
        if edit.kind.hides_keys:
            visible[sample, 0, edit.rows, :n] = edit.marker != 0
    chosen = torch.zeros(heads, 1, 1, dtype=torch.bool, device=like.device)
    chosen[present[0].heads] = True
    return BatchEdit(
        marker=None if torch.equal(marker, identity.expand(shape)) else marker,
        offset=offset,
        visible=None if bool(visible.all()) else visible,
        heads=None if bool(chosen.all()) else chosen,
    )


@dataclass
class Batches:
    """The stacked edits of one pass; layers with the same edits share one stack."""

    _made: dict[tuple[int, ...], BatchEdit | None] = field(default_factory=dict)

    def stacked(self, edits: SampleEdits, call: AttentionCall) -> BatchEdit | None:
        """The samples' edits stacked, or None; see `stack_edits`."""
        key = tuple(map(id, edits))
        if key not in self._made:
            self._made[key] = stack_edits(edits, call.query.shape[2], call.heads, call.query)
        return self._made[key]


def edited_output(
    call: AttentionCall, edits: SampleEdits, batches: Batches
) -> Float[Tensor, "batch query head d"]:
    """A call's output with the edited rows of its samples.

    Samples that share their edits (beams, one design for all) are edited together. Samples that
    differ go through one fused call where their edits can be stacked, else row by row.

    Raises:
        DesignError: an edit over more tokens than the call has.
    """
    _check_lengths(call, edits)
    if not any(edits):
        return call.untouched()
    if all(stack is edits[0] for stack in edits):
        return _write_rows(call, [(slice(0, len(edits)), edits[0])])
    if call.softcap is None:
        stacked = batches.stacked(edits, call)
        if stacked is not None:
            return stacked.output(call)
    return _write_rows(call, [(slice(n, n + 1), stack) for n, stack in enumerate(edits)])


def _write_rows(call: AttentionCall, edits: Sequence[tuple[slice, Sequence[RowEdit]]]) -> Tensor:
    """The unedited output, with the edited rows of samples replaced."""
    if len(edits) == 1 and len(edits[0][1]) == 1 and _covers(edits[0][1][0], call):
        return _edited_rows(call, edits[0][1][0], edits[0][0]).contiguous()
    output = call.untouched()
    output = output.clone() if output.requires_grad else output  # autograd needs the original
    for samples, stack in edits:
        for edit in stack:
            rows = _edited_rows(call, edit, samples)
            if len(edit.heads) == call.heads:
                output[samples, edit.rows] = rows
            else:
                output[samples, edit.rows[:, None], edit.heads] = rows
    return output


def _covers(edit: RowEdit, call: AttentionCall) -> bool:
    """Whether an edit recomputes every row of every head."""
    return len(edit.heads) == call.heads and len(edit.rows) == call.query.shape[2]


def _edited_rows(
    call: AttentionCall, edit: RowEdit, samples: slice
) -> Float[Tensor, "sample k h d"]:
    """An edit's output rows in a range of samples."""
    every = call.group == 1 and len(edit.heads) == call.heads
    # Views for all heads: copies would cost more than the edit.
    heads = slice(None) if every else edit.heads
    key_heads = slice(None) if every else edit.heads // call.group
    bias = call.bias
    if bias is not None:
        bias = (bias if len(bias) == 1 else bias[samples])[:, heads]
    count = samples.stop - samples.start
    rows = edit.attend(  # samples and heads are joined into one axis
        call.query[samples, heads].flatten(0, 1),
        call.key[samples, key_heads].flatten(0, 1),
        call.value[samples, key_heads].flatten(0, 1),
        scale=call.scale,
        bias=_joined_axis(bias, count, len(edit.heads)),
        softcap=call.softcap,
        mask=None
        if call.mask is None
        else _joined_axis(call.mask[samples][:, :, edit.rows], count, len(edit.heads)),
    )
    by_sample: Tensor = rows.unflatten(0, (count, -1))
    return by_sample.transpose(1, 2)


def _joined_axis(x: Tensor | None, samples: int, heads: int) -> Tensor | None:
    """Float[Tensor, "sample head query key"] with samples and heads as one axis."""
    return None if x is None else x.expand(samples, heads, -1, -1).flatten(0, 1)


def _check_lengths(call: AttentionCall, edits: SampleEdits) -> None:
    for edit in {id(edit): edit for stack in edits for edit in stack}.values():
        tokens = call.query.shape[2] if edit.kind.mixes_rows else call.key.shape[2]
        if edit.marker.shape[-1] > tokens:
            raise DesignError(
                f"the design is over {edit.marker.shape[-1]} tokens, the call has {tokens}; "
                "give steering() the tokens of the call's own text"
            )


def hide_keys(added: Tensor, visible: Tensor, mask: Tensor | None) -> Tensor:
    """-inf where M hides a key; a row without any visible key stays unedited."""
    seen = (visible if mask is None else visible & mask).any(dim=-1, keepdim=True)
    return torch.where(seen, added.masked_fill(~visible, float("-inf")), 0.0)


def _widened(rows: Tensor, keys: int, neutral: float) -> Tensor:
    """Rows over `keys` keys, neutral where the edit does not reach (padding)."""
    missing = keys - rows.shape[-1]
    return pad(rows, (0, missing), value=neutral) if missing > 0 else rows
