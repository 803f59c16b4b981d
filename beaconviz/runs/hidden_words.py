"""What explanations ask of a model: a text with words out of sight, and gradients."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.extras import extra
from beaconviz.engine.passes import Pass, Plan, Recorder
from beaconviz.runs.decoder import hidden_from_decoder, inputs_from_vectors
from beaconviz.runs.execute import call_network, padded
from beaconviz.runs.run import Run

Slope = Callable[[Tensor], Tensor]  # logits Float["sample …"] → what is explained, Float["sample"]
Read = Callable[[Tensor, Tensor], Tensor]  # logits, and the tokens seen → Float["sample"]
Told = Callable[[int, int], None]

_TOKENS_AT_ONCE = 8192
_WIDE = 8192  # logits of a token: those of a vocabulary, of which fewer tokens fit into memory


def out_of_sight(run: Run, seen: Tensor, read: Read, *, told: Told | None = None) -> Tensor:
    """What a run's text, and its design, says with some tokens that no query may look at.

    The others keep their positions, so that each says what it says without the word; this is the
    model's own padding mask, applied after any edit. Where a decoder reads the text again, the
    positions that read those tokens are out of sight too.

    Args:
        seen: Bool[Tensor, "sample token"], False for a token that is taken away.
        read: what is said, of some samples' logits and what they saw.
        told: called with the samples done and all of them.

    Returns:
        Float[Tensor, "sample"].
    """
    _check(run)
    most = _TOKENS_AT_ONCE // (8 if run.logits.shape[-1] > _WIDE else 1)
    found: list[Tensor] = []
    parts = seen.to(run.model.device).split(max(1, most // len(run.aligned)))
    for some in parts:
        inputs = padded(run.model, [run.aligned] * len(some))
        inputs["attention_mask"] = some.long()
        if run.model.reads_twice:
            inputs["decoder_attention_mask"] = hidden_from_decoder(some).long()
        with torch.inference_mode():
            found.append(
                read(call_network(run.model, Pass(Plan([run.edits])), inputs), some).double()
            )
        if told is not None:
            told(sum(map(len, found)), len(seen))
    return torch.cat(found).cpu()


def attention_slopes(run: Run, slope: Slope) -> Iterator[Callable[[int, slice], Tensor]]:
    """The gradient of what a run says with respect to its attention weights, layer by layer.

    An attention's output is Σⱼ αᵢⱼ vⱼ, so ∂y/∂αᵢⱼ is the gradient of the output times vⱼ: whole
    maps are never held.

    Yields:
        For each layer a function of a head and some query rows: Float[Tensor, "row key"].
    """
    _check(run)
    recorder = Recorder(gradients=True)
    inputs = padded(run.model, [run.aligned])
    with torch.enable_grad():
        said = slope(call_network(run.model, Pass(Plan([run.edits]), recorder), inputs))
        slopes = torch.autograd.grad(said.sum(), [output for _, output in recorder.outputs])
    for (value, _), by in zip(recorder.outputs, slopes, strict=True):
        yield partial(_slope, value[0].detach(), by[0])


def _slope(value: Tensor, by: Tensor, head: int, rows: slice) -> Tensor:
    """∂y/∂α of a head's rows, Float[Tensor, "row key"], of values Float[Tensor, "head key d"] and
    the gradient of the output Float[Tensor, "query head d"]."""
    shared = head * len(value) // by.shape[1]  # several heads may share their values
    return by[rows, head] @ value[shared].T


def integrated_gradients(run: Run, slope: Slope, steps: int = 24) -> Tensor:
    """Integrated gradients of what a run says, Float[Tensor, "token"], from a text whose tokens are
    all masked or unknown ones (Sundararajan et al. 2017, arXiv 1703.01365, by captum).

    Args:
        steps: of the integral.
    """
    with extra("explain", "integrated gradients"):  # a second to import, for those who need it
        from captum.attr import IntegratedGradients

    _check(run)
    model, tokens = run.model, run.aligned
    inputs = padded(model, [tokens])
    ids = inputs.pop("input_ids")
    known = (
        model.tokenizer.mask_token_id,
        model.tokenizer.unk_token_id,
        model.tokenizer.eos_token_id,
    )
    blank = next((one for one in known if one is not None), 0)
    special = torch.tensor([tokens.special], device=ids.device)
    blanks = torch.where(special, ids, blank)

    # From vectors, and not by a hook on the layer that makes them: others run the network
    # meanwhile.
    embed = model.network.get_input_embeddings()
    with torch.no_grad():
        vectors, nothing = embed(ids), embed(blanks)

    def forward(vectors: Tensor) -> Tensor:
        alike = {name: one.expand(len(vectors), -1) for name, one in inputs.items()}
        this = Pass(Plan([run.edits]))
        given: Mapping[str, Any] = {"inputs_embeds": vectors, **alike}
        if model.reads_twice:
            given = inputs_from_vectors(model, tokens, this, vectors, alike)
        return slope(call_network(model, this, given))

    found = IntegratedGradients(forward).attribute(
        vectors,
        baselines=nothing,
        n_steps=steps,
        internal_batch_size=max(1, _TOKENS_AT_ONCE // len(tokens)),
    )
    gradients: Tensor = found[0].sum(dim=-1).detach()
    return gradients


def _check(run: Run) -> None:
    """Raises unless the run can be repeated as it was."""
    if run.model.family.writes_apart:
        raise BeaconvizError(
            f"explanations are of models of one text; {run.model.name} reads one and writes another"
        )
    if any(trace.pull is not None for trace in run.traces):
        raise BeaconvizError(
            "learned beacons cannot be explained as they are; make a design of them first: bv.as_design"
        )
