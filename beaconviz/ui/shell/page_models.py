"""The page for each kind of model, and the default model of each page."""

from __future__ import annotations

from typing import Literal

import beaconviz as bv

Kind = Literal["Studio", "Translate", "Write"]

DEFAULTS: dict[Kind, str] = {
    "Studio": "ner-mini",
    "Translate": "translate-mini",
    "Write": "smollm2-135m",
}


def kind_of(model: bv.Model) -> Kind:
    """The page for a model: translators, causal models and all others have different ones."""
    if model.family.writes_apart:
        return "Translate"
    return "Write" if model.task.over_next else "Studio"
