"""The attention function that transformers calls, set once: fused, then edited rows written over."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from beaconviz.core.edit import DesignError
from beaconviz.engine.attend import Call, written_out
from beaconviz.engine.late import SeizedError
from beaconviz.engine.passes import SCALED, Pass, _current
from beaconviz.engine.rows import RowEdit
from beaconviz.engine.trace import LayerTrace

ATTENTION = "beaconviz"  # the name of the attention function inside transformers


def steered_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """The attention function that transformers calls: fused, then edited rows written over.

    Shapes as transformers gives them: query (batch, head, query, d), key and value
    (batch, head, key, d); returns (batch, query, head, d).
    """

    def stock() -> Tensor:
        output, _ = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, dropout=dropout, **kwargs
        )
        return output

    one, softcap = _current.get(), kwargs.get("softcap")
    if one is None and softcap is None:
        return stock(), None
    unit = query.shape[-1] ** -0.5
    prescaled = getattr(module, SCALED, False)
    if scaling is not None and not prescaled:
        unit = scaling
    call = Call(
        stock=stock,
        query=query / unit if prescaled else query,
        key=key,
        value=value,
        mask=written_out(attention_mask, module, query, key, kwargs.get("is_causal")),
        unit=unit,
        softcap=softcap,
        dropout=dropout,
        bias=kwargs.get("position_bias"),
    )
    output = call.untouched() if one is None else _in_pass(one, module, call)
    if one is not None and one.watched is not None:
        # The first layer's stands at the root: nothing before it takes a gradient.
        output = output if output.requires_grad else output.requires_grad_()
        one.watched.append((value, output))
    return output, None


def _in_pass(one: Pass, module: nn.Module, call: Call) -> Tensor:
    """What a call gives in a pass: its rows edited, and its queries and keys kept."""
    if one.seizing:
        raise SeizedError(call)
    kind, layer = one.place(module)
    if one.answer is not None:
        answer, one.answer = one.answer, None
        return answer
    fixed, pull = call.bias, None
    if one.learned is not None:
        pull = one.pull(one.learned, layer, call.mask)
        call = call.pulled(pull)
    if one.keep and one.only in (None, layer):
        trace = LayerTrace(call.query, call.key, call.mask, call.unit, pull, call.softcap, fixed)
        if kind == "self":
            one.traces.append(trace)
        else:
            one.apart[kind, layer] = trace
    batch, heads, length, _ = call.query.shape
    if kind != "self" or one.open.get((kind, layer)):
        return call.for_every_sample(one.written_now((kind, layer), length, call.key.shape[2]))
    edits = one.edits_of(layer, batch)
    for edit in (edit for some in edits for edit in some):
        _check_length(edit, length)
    together = None
    if batch > 1 and call.softcap is None:
        together = one.together(edits, length, heads, call.query)
    return call.by_rows(edits) if together is None else call.all_at_once(together)


def _check_length(edit: RowEdit, length: int) -> None:
    if edit.marker.shape[-1] > length:
        raise DesignError(
            f"the design is over {edit.marker.shape[-1]} tokens, the call has {length}; "
            "give steering() the tokens of the call's own text"
        )


AttentionInterface.register(ATTENTION, steered_attention)
AttentionMaskInterface.register(ATTENTION, sdpa_mask)
