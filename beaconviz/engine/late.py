"""A layer for some of its rows: attention sees all of them, what follows it only those asked for.

After attention a layer treats each row alone. Where an edit touches few rows, or few are asked for,
most of its work is for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from beaconviz.engine.attend import Call
from beaconviz.engine.passes import Pass
from beaconviz.engine.rows import RowEdit

_BY_ROW = "position_embeddings"  # of what a layer is called with beside its states


class SeizedError(Exception):
    """Ends a layer's call at its attention, with what that was called with."""

    def __init__(self, call: Call) -> None:
        super().__init__("a layer was called for its queries, keys and values alone")
        self.call = call


def narrowed(
    one: Pass,
    layer: int,
    module: nn.Module,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """What to call a layer with, so that it gives the rows `one.rows[layer]` alone.

    Its attention is computed here, from every row, and waits in the pass for the layer's own call. One
    sample that enters stands for all.
    """
    rows, batch = one.rows[layer], len(one.edits)
    call = _seized(one, module, args, kwargs)
    edits = one.edits_of(layer, batch)
    one.answer = _answer(call.expanded(batch), edits, rows)
    if _BY_ROW in kwargs:
        kwargs = kwargs | {_BY_ROW: tuple(each[:, rows] for each in kwargs[_BY_ROW])}
    return (args[0][:, rows].expand(batch, -1, -1), *args[1:]), kwargs


def put_back(states: Tensor, rows: Tensor, around: Tensor) -> Tensor:
    """Float[Tensor, "sample token d"]: the rows of every sample, between those of the one text,
    Float[Tensor, "token d"]."""
    if len(rows) == len(around):
        return states
    whole = around.expand(len(states), -1, -1).clone()
    whole[:, rows] = states
    return whole


def _seized(one: Pass, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
    one.seizing = True
    try:
        module.forward(*args, **kwargs)
    except SeizedError as seized:
        return seized.call
    finally:
        one.seizing = False
    raise AssertionError("a layer ended without calling its attention")


def _answer(call: Call, edits: Sequence[Sequence[RowEdit]], rows: Tensor) -> Tensor:
    if any(edits):
        return call.by_rows(edits)[:, rows]
    return call.of_rows(rows).untouched()
