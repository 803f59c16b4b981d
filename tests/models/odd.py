"""Folders of models with something wrong in them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file, save_file
from torch import Tensor

import beaconviz as bv

Weights = dict[str, Tensor]


def change_json(file: Path, **changes: Any) -> None:
    """Sets values of a JSON file; `...` takes one out."""
    settings = json.loads(file.read_text()) | changes
    kept = {name: value for name, value in settings.items() if value is not ...}
    file.write_text(json.dumps(kept))


def change_weights(folder: Path, change: Callable[[Weights], Weights]) -> None:
    weights = change(load_file(folder / "model.safetensors"))
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def without(weights: Weights, part: str) -> Weights:
    return {name: weight for name, weight in weights.items() if part not in name}


def refused(folder: Path | str, *parts: str, **options: Any) -> None:
    """Loading says every part of its reason in one line."""
    with pytest.raises(bv.BeaconvizError) as error:
        bv.load(str(folder), device="cpu", **options)
    assert "\n" not in str(error.value)
    for part in parts:
        assert part in str(error.value)
