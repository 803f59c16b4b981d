"""Models that every browser session shares are those of their folders as they are now."""

from __future__ import annotations

import torch
from transformers import AutoModelForMaskedLM

from beaconviz.ui.shell import cache
from tests.tiny import tiny_model

TEXT = "Ada lived in London"


def test_the_app_reads_a_folder_that_was_trained_again(tmp_path):
    folder = tiny_model("bert", tmp_path, labels=None, auto=AutoModelForMaskedLM)
    first = cache.model(str(folder), "cpu")
    assert cache.model(str(folder), "cpu") is first
    before = cache.baseline(str(folder), TEXT)
    network = AutoModelForMaskedLM.from_pretrained(folder)
    with torch.no_grad():
        network.cls.predictions.bias[7] += 3
    network.save_pretrained(folder)
    assert cache.model(str(folder), "cpu") is not first
    after = cache.baseline(str(folder), TEXT)
    assert torch.allclose(after.logits[:, 7], before.logits[:, 7] + 3, atol=1e-4)
