"""Loads wait for each other; a folder that was written again is told apart."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from transformers import AutoModelForMaskedLM

import beaconviz as bv
from beaconviz.models.checkpoint.identity import content_of
from beaconviz.models.shipped import minilm
from beaconviz.training.backbone import load_backbone
from beaconviz.training.settings import Settings
from tests.tiny import tiny_model

TEXT = "Ada lived in London"


@pytest.fixture
def folder(tmp_path):
    return tiny_model("bert", tmp_path / "bert", labels=None, auto=AutoModelForMaskedLM)


def test_models_that_are_loaded_at_once_are_whole(folder, tmp_path):
    """transformers' from_pretrained alone fails or makes weights up when two threads call it."""
    tagger = tiny_model("roberta", tmp_path / "roberta")
    settings = Settings(train=tmp_path, dev=tmp_path, out=tmp_path, backbone=str(tagger))
    expected = bv.run(bv.load(str(folder), device="cpu"), TEXT).logits
    shipped = minilm.build()[0].state_dict()

    def masked(_):
        return torch.equal(bv.run(bv.load(str(folder), device="cpu"), TEXT).logits, expected)

    def packaged(_):
        own = bv.load("minilm", device="cpu").network.state_dict()
        return all(torch.equal(own[name], weight) for name, weight in shipped.items())

    def trained(_):
        return load_backbone(settings, ["O", "B-PER"]).network.device.type == "cpu"

    with ThreadPoolExecutor(6) as threads:
        jobs = [threads.submit(job, n) for n in range(4) for job in (masked, packaged, trained)]
        assert all(job.result() for job in jobs)


def test_a_folder_that_was_written_again_is_another_one(folder):
    before = content_of(str(folder))
    assert before == content_of(str(folder))
    assert {name for name, _, _ in before} >= {"config.json", "model.safetensors"}
    (folder / "target").mkdir()
    (folder / "target" / "tokenizer.json").write_text("{}")
    assert content_of(str(folder)) != before


@pytest.mark.parametrize("name", ["ner-mini", "nobody/nothing", "x" * 300, "~nobody/x"])
def test_a_name_without_a_folder_has_no_content(name):
    assert content_of(name) == ()
