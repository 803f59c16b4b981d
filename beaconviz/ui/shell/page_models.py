"""Which page is for which kind of model, and the model that a page starts with."""

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
    """The page that shows a model: by what it does with a text."""
    if model.family.writes_apart:
        return "Translate"
    return "Write" if model.task.over_next else "Studio"
