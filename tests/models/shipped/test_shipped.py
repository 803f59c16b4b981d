"""What holds of both models whose weights are in the package."""

from __future__ import annotations

import socket

import pytest
import torch
from safetensors.torch import save_file

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.shipped import ner_mini, translate_mini

pytestmark = pytest.mark.parametrize("shipped", [ner_mini, translate_mini])


def test_it_needs_no_network(shipped, monkeypatch):
    def connect(*_):
        raise AssertionError("it asked the network")

    monkeypatch.setattr(socket.socket, "connect", connect)
    shipped.build()


def test_a_broken_or_foreign_file_is_named(shipped, tmp_path):
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"nothing")
    foreign = tmp_path / "foreign.safetensors"
    save_file({"a": torch.zeros(1)}, foreign)
    for path in (broken, foreign, tmp_path / "absent.safetensors"):
        with pytest.raises(BeaconvizError, match=f"{path.name}.*install beaconviz again"):
            shipped.build(shipped=path)
