"""The attention function that transformers calls: the fused kernel, then edited rows replaced."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from beaconviz.core.errors import BeaconvizError
from beaconviz.engine.attend import AttentionCall, written_out
from beaconviz.engine.elastic import Pull
from beaconviz.engine.late import AttentionReachedError
from beaconviz.engine.passes import Pass, current_pass
from beaconviz.engine.rows import SampleEdits, edited_output
from beaconviz.engine.steps import Place
from beaconviz.engine.trace import LayerTrace

ATTENTION = "beaconviz"  # the name of the attention function inside transformers
SCALED = "beaconviz_scaled"  # set on modules whose queries arrive scaled by 1/√d


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
    """The attention function that transformers calls.

    Shapes as transformers gives them: query (batch, head, query, d), key and value
    (batch, head, key, d); returns (batch, query, head, d).
    """

    def stock() -> Tensor:
        output: Tensor = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, dropout=dropout, **kwargs
        )[0]
        return output

    forward_pass, softcap = current_pass(), kwargs.get("softcap")
    if forward_pass is None and softcap is None:
        return stock(), None
    if forward_pass is not None and (output := forward_pass.take_output(module)) is not None:
        return output, None
    scale = query.shape[-1] ** -0.5
    scaled_already = getattr(module, SCALED, False)
    if scaling is not None and not scaled_already:
        scale = scaling
    call = AttentionCall(
        stock=stock,
        query=query / scale if scaled_already else query,
        key=key,
        value=value,
        mask=written_out(attention_mask, module, query, key, kwargs.get("is_causal")),
        scale=scale,
        softcap=softcap,
        dropout=dropout,
        bias=kwargs.get("position_bias"),
    )
    if forward_pass is None:
        return call.untouched(), None
    output = _output_in(forward_pass, module, call)
    return output if forward_pass.recorder is None else forward_pass.recorder.keep_output(
        value, output
    ), None


def _output_in(forward_pass: Pass, module: nn.Module, call: AttentionCall) -> Tensor:
    """A call's output in a pass, with edited rows; its queries and keys are recorded."""
    if forward_pass.cursor.stop_at_attention:
        raise AttentionReachedError(call)
    place = forward_pass.place(module)
    model_bias, pull = call.bias, _pull(forward_pass, place, call)
    call = call if pull is None else call.with_beacons(pull)
    if forward_pass.recorder is not None:
        trace = LayerTrace(
            call.query, call.key, call.mask, call.scale, pull, call.softcap, model_bias
        )
        forward_pass.recorder.keep_attention(place, trace)
    return edited_output(call, _edits(forward_pass, place, call), forward_pass.plan.batches)


def _pull(forward_pass: Pass, place: Place, call: AttentionCall) -> Pull | None:
    """The learned beacons of the present layer, computed from its input."""
    if forward_pass.plan.learned is None:
        return None
    if forward_pass.cursor.states is None:
        raise BeaconvizError(
            "nothing says what enters this network's layers, so no beacons can be made; "
            "expected a network that beaconviz.load gave"
        )
    pull: Pull = forward_pass.plan.learned(place[1], forward_pass.cursor.states, call.mask)
    return pull


def _edits(forward_pass: Pass, place: Place, call: AttentionCall) -> SampleEdits:
    """The row edits of every sample of a call."""
    kind, layer = place
    batch, queries, keys = len(call.query), call.query.shape[2], call.key.shape[2]
    if place in forward_pass.plan.open or (kind != "self" and forward_pass.plan.open):
        return [forward_pass.plan.open.of_call(place, queries, keys)] * batch
    return forward_pass.plan.edits_in(layer if kind == "self" else place, batch)


AttentionInterface.register(ATTENTION, steered_attention)
AttentionMaskInterface.register(ATTENTION, sdpa_mask)
