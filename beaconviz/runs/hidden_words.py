"""What explanations need of a model: runs with hidden words, and gradients."""

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

Slope = Callable[
    [Tensor], Tensor
]  # logits Float["sample …"] → the explained score, Float["sample"]
Read = Callable[[Tensor, Tensor], Tensor]  # logits, and the tokens seen → Float["sample"]
Progress = Callable[[int, int], None]

_TOKENS_AT_ONCE = 8192
_WIDE = 8192  # more logits a token than this means a vocabulary: fewer tokens fit into memory


def out_of_sight(run: Run, seen: Tensor, read: Read, *, progress: Progress | None = None) -> Tensor:
    """Scores a run's text, under its design, with some tokens hidden from all queries.

    Hidden tokens are masked by the model's own padding mask, applied after any edit, so the others
    keep their positions. Where a decoder reads the text again, the positions that read the hidden
    tokens are hidden too.

    Args:
        seen: Bool[Tensor, "sample token"], False for a hidden token.
        read: the score of each sample, from the logits and the visible tokens.
        progress: called with the number of samples done and the total.

    Returns:
        Float[Tensor, "sample"].
    """
    _check(run)
    most = _TOKENS_AT_ONCE // (8 if run.logits.shape[-1] > _WIDE else 1)
    values: list[Tensor] = []
    parts = seen.to(run.model.device).split(max(1, most // len(run.aligned)))
    for visible in parts:
        inputs = padded(run.model, [run.aligned] * len(visible))
        inputs["attention_mask"] = visible.long()
        if run.model.reads_twice:
            inputs["decoder_attention_mask"] = hidden_from_decoder(visible).long()
        with torch.inference_mode():
            values.append(
                read(call_network(run.model, Pass(Plan([run.edits])), inputs), visible).double()
            )
        if progress is not None:
            progress(sum(map(len, values)), len(seen))
    return torch.cat(values).cpu()


def attention_slopes(run: Run, slope: Slope) -> Iterator[Callable[[int, slice], Tensor]]:
    """The gradient of a run's explained score with respect to its attention weights, by layer.

    An attention's output is Σⱼ αᵢⱼ vⱼ, so ∂y/∂αᵢⱼ is the gradient of the output times vⱼ: whole
    maps are never held.

    Yields:
        For each layer a function of a head and some query rows: Float[Tensor, "row key"].
    """
    _check(run)
    recorder = Recorder(gradients=True)
    inputs = padded(run.model, [run.aligned])
    with torch.enable_grad():
        explained = slope(call_network(run.model, Pass(Plan([run.edits]), recorder), inputs))
        slopes = torch.autograd.grad(explained.sum(), [output for _, output in recorder.outputs])
    for (value, _), gradient in zip(recorder.outputs, slopes, strict=True):
        yield partial(_slope, value[0].detach(), gradient[0])


def _slope(value: Tensor, gradient: Tensor, head: int, rows: slice) -> Tensor:
    """∂y/∂α of a head's rows, Float[Tensor, "row key"], of values Float[Tensor, "head key d"] and
    the gradient of the output Float[Tensor, "query head d"]."""
    shared = head * len(value) // gradient.shape[1]  # several heads may share their values
    return gradient[rows, head] @ value[shared].T


def integrated_gradients(run: Run, slope: Slope, steps: int = 24) -> Tensor:
    """Integrated gradients of a run's explained score, Float[Tensor, "token"] (Sundararajan et al.
    2017, arXiv 1703.01365, by captum). They start from a text whose tokens are all replaced by the
    mask or unknown token.

    Args:
        steps: of the numerical integral.
    """
    with extra("explain", "integrated gradients"):  # optional, and takes a second to import
        from captum.attr import IntegratedGradients

    _check(run)
    model, tokens = run.model, run.aligned
    inputs = padded(model, [tokens])
    ids = inputs.pop("input_ids")
    fillers = (
        model.tokenizer.mask_token_id,
        model.tokenizer.unk_token_id,
        model.tokenizer.eos_token_id,
    )
    blank = next((filler for filler in fillers if filler is not None), 0)
    special = torch.tensor([tokens.special], device=ids.device)
    blanks = torch.where(special, ids, blank)

    # Embeddings are passed in, not changed by a hook: other threads may run the same network.
    embed = model.network.get_input_embeddings()
    with torch.no_grad():
        vectors, nothing = embed(ids), embed(blanks)

    def forward(vectors: Tensor) -> Tensor:
        repeated = {name: rows.expand(len(vectors), -1) for name, rows in inputs.items()}
        forward_pass = Pass(Plan([run.edits]))
        arguments: Mapping[str, Any] = {"inputs_embeds": vectors, **repeated}
        if model.reads_twice:
            arguments = inputs_from_vectors(model, tokens, forward_pass, vectors, repeated)
        return slope(call_network(model, forward_pass, arguments))

    attributions = IntegratedGradients(forward).attribute(
        vectors,
        baselines=nothing,
        n_steps=steps,
        internal_batch_size=max(1, _TOKENS_AT_ONCE // len(tokens)),
    )
    gradients: Tensor = attributions[0].sum(dim=-1).detach()
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
