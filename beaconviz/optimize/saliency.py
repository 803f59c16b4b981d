"""Saliency: how much each cell of A moves a label's logit."""

from __future__ import annotations

import torch
from torch import Tensor

from beaconviz.core.edit import Heads
from beaconviz.models.model import Model
from beaconviz.optimize.objective import Objective
from beaconviz.optimize.relaxed import Layers, RelaxedRun, select_heads
from beaconviz.runs.execute import Text, run
from beaconviz.runs.run import Run


def saliency(
    model: Model,
    text: Text,
    word: int | str,
    label: str,
    *,
    layers: Layers = "all",
    heads: Heads = "all",
    baseline: Run | None = None,
) -> Tensor:
    """The gradient of a label's logit at a word with respect to A at 0, Float[Tensor, "word word"].

    Units: logits of the label per unit of S, on all the chosen heads at once. A is the same in
    every reading while M is neutral. For a type that two labels give (B-, I-), the logit is
    ln Σ exp of their two logits.

    Args:
        label: a type or a label of the model, as in an `Objective`.
        baseline: the text's run without a design, if there is one.

    Raises:
        BeaconvizError: a text, word, label, layer or head that does not exist.
    """
    baseline = run(model, text) if baseline is None else baseline
    target = Objective({word: label}).target(baseline)
    ((number, labels),) = target.labels.items()
    relaxed = RelaxedRun(model, baseline, "mask", select_heads(model, baseline, layers, heads))
    beacon = torch.zeros(len(baseline.words), len(baseline.words), requires_grad=True)
    logits = relaxed.logits(beacon)[baseline.aligned.deciding[number]]
    (gradient,) = torch.autograd.grad(logits[list(labels)].logsumexp(dim=-1), beacon)
    return gradient
