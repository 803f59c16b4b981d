"""Logits that are no numbers are refused: every answer made of them would look like one."""

from __future__ import annotations

import torch
from torch import Tensor

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.model import Model


def checked(model: Model, logits: Tensor) -> Tensor:
    """The logits, of any shape.

    Raises:
        BeaconvizError: NaN or infinity among them.
    """
    total = logits.sum(dtype=torch.float64 if logits.device.type == "cpu" else torch.float32)
    if not torch.isfinite(total):  # one reduction, which any NaN or infinity shows in
        raise BeaconvizError(
            f"{model.name} gives logits that are no numbers (NaN or infinity) for this text: a value "
            "of its weights, its config or the design is too large or damaged; take another "
            "checkpoint, or smaller values"
        )
    return logits
