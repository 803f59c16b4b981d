"""Models that every session shares."""

from __future__ import annotations

from pathlib import Path

import torch

from beaconviz.ui.shell import cache
from tests.tiny import tiny_model
from tests.ui.app import Studio


def test_a_folder_that_was_trained_again_is_loaded_again(tmp_path: Path) -> None:
    folder = tiny_model("bert", tmp_path)
    studio = Studio().load(str(folder))
    model, before = cache.model(str(folder)), studio.session.comparison()
    assert cache.model(str(folder)) is model
    with torch.no_grad():
        model.network.classifier.bias += torch.arange(len(model.labels), dtype=torch.float)
    model.network.save_pretrained(folder)
    assert cache.model(str(folder)) is not model
    after = studio.run().session.comparison()
    moved = after.baseline.logits - before.baseline.logits
    assert torch.allclose(moved[0], torch.arange(7.0), atol=1e-4)
