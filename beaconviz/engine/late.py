"""Start where the edit starts, and compute only the token rows that are needed.

Layers below the first edited one give what they gave without the edit, so a call can start at that
layer with the baseline's hidden states. After attention a layer treats each token row alone, so the
first and the last layer can compute their feed-forward part for some rows only; attention still
uses all rows. This is the only file that asks whether a network allows either.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from beaconviz.engine.attend import AttentionCall
from beaconviz.engine.families import Family
from beaconviz.engine.passes import LayerEdits, Pass, Resume, current_pass
from beaconviz.engine.rows import Batches, SampleEdits, edited_output

_BY_ROW = "position_embeddings"  # the layer argument that has one entry per token row


def can_start_late(family: Family) -> bool:
    """Whether a run can reuse the baseline's layers below its first edited one."""
    return family.can_start_late and family.layers is not None


def late_start(
    family: Family, edits: Sequence[LayerEdits], hidden: Sequence[Tensor]
) -> Resume | None:
    """The first edited layer and its input; None where the network has to run from the start.

    Args:
        edits: of every sample; at least one sample has an edit.
        hidden: the input of each layer in the run without an edit, Float[Tensor, "token d"].
    """
    if not can_start_late(family) or not hidden:
        return None
    layer = first_edited(edits)
    return Resume(layer, hidden[layer].expand(len(edits), -1, -1))


def late_start_batch(
    family: Family, edits: Sequence[LayerEdits], hidden: Sequence[Sequence[Tensor]]
) -> Resume | None:
    """As `late_start`, for a batch of different texts, each with the inputs of its layers; padded
    with zeros on the right."""
    if not can_start_late(family) or not all(hidden):
        return None
    layer = first_edited(edits)
    states = pad_sequence([text_states[layer] for text_states in hidden], batch_first=True)
    return Resume(layer, states)


def first_edited(edits: Sequence[LayerEdits]) -> int:
    """The lowest layer that any sample edits."""
    # Networks that can start late have no decoder, so all keys are layer numbers.
    return min(layer for by_layer in edits for layer in by_layer if isinstance(layer, int))


def skip_rows(
    resume: Resume,
    family: Family,
    edits: Sequence[LayerEdits],
    hidden: Sequence[Tensor],
    rows: Sequence[int] | None,
) -> Resume:
    """The same start, but the first layer computes only its edited rows, and the last layer only
    the requested rows.

    Args:
        edits, hidden: as in `late_start`. rows: the requested rows; None is all.
    """
    first, last = resume.layer, len(hidden) - 1
    touched = [edit.rows for by_layer in edits for edit in by_layer.get(first, ())]
    edited = torch.cat(touched).unique()
    requested = None
    if rows is not None and family.last_layer_can_skip_rows:
        requested = torch.tensor(sorted(set(rows)), device=edited.device)
    if first < last:
        required = {first: edited} if requested is None else {first: edited, last: requested}
        return replace(resume, states=hidden[first][None], rows=required, around=hidden[first + 1])
    if requested is None:
        return resume
    required = {last: requested[torch.isin(requested, edited)]}
    return replace(resume, states=hidden[first][None], rows=required)


class Layers(nn.ModuleList):
    """A model's list of layers. In a pass that starts late, iteration skips the layers below."""

    def __iter__(self) -> Iterator[nn.Module]:
        forward_pass = current_pass()
        layers = super().__iter__()
        for _ in range(0 if forward_pass is None else forward_pass.plan.start):
            next(layers)
        return layers


def enter_layer(
    forward_pass: Pass, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a layer's call: the states to resume from, and only the required rows."""
    cursor, resume = forward_pass.cursor, forward_pass.plan.resume
    layer = forward_pass.plan.start + cursor.layers
    if resume is not None and cursor.layers == 0:
        args = (resume.states, *args[1:])
    if resume is not None and resume.around is not None and cursor.layers == 1:
        args = (put_back(args[0], resume.rows[resume.layer], resume.around), *args[1:])
    cursor.layers += 1
    cursor.states = args[0]
    if forward_pass.recorder is not None:
        forward_pass.recorder.keep_states(args[0])
    if resume is None or layer not in resume.rows:
        return args, kwargs
    return _for_rows(forward_pass, layer, resume.rows[layer], module, args, kwargs)


class AttentionReachedError(Exception):
    """Raised inside attention to stop the layer once Q, K and V are known."""

    def __init__(self, call: AttentionCall) -> None:
        super().__init__("a layer was called for its queries, keys and values alone")
        self.call = call


def _for_rows(
    forward_pass: Pass,
    layer: int,
    rows: Tensor,
    module: nn.Module,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments of a layer's call that computes only these rows.

    Its attention is computed here, from all rows, and stored in the pass for the layer's own call.
    The one input sample stands for all.
    """
    batch = len(forward_pass.plan.edits)
    call = _attention_inputs(forward_pass, module, args, kwargs).expanded(batch)
    forward_pass.cursor.output = _rows_of_output(
        call, forward_pass.plan.edits_in(layer, batch), rows
    )
    if _BY_ROW in kwargs:
        kwargs = kwargs | {_BY_ROW: tuple(embedding[:, rows] for embedding in kwargs[_BY_ROW])}
    return (args[0][:, rows].expand(batch, -1, -1), *args[1:]), kwargs


def put_back(states: Tensor, rows: Tensor, around: Tensor) -> Tensor:
    """Fills computed rows into full states, Float[Tensor, "sample token d"]; all other rows are
    those of `around`, Float[Tensor, "token d"]."""
    if len(rows) == len(around):
        return states
    whole = around.expand(len(states), -1, -1).clone()
    whole[:, rows] = states
    return whole


def _attention_inputs(
    forward_pass: Pass, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> AttentionCall:
    forward_pass.cursor.stop_at_attention = True
    try:
        module.forward(*args, **kwargs)
    except AttentionReachedError as reached:
        return reached.call
    finally:
        forward_pass.cursor.stop_at_attention = False
    raise AssertionError("a layer ended without calling its attention")


def _rows_of_output(call: AttentionCall, edits: SampleEdits, rows: Tensor) -> Tensor:
    if any(edits):
        return edited_output(call, edits, Batches())[:, rows]
    return call.of_rows(rows).untouched()
