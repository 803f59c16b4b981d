"""Fixtures of more than one room: tiny random models, and small data; and shapes are checked."""

import signal
from collections.abc import Iterator
from pathlib import Path

from jaxtyping import install_import_hook

# Before beaconviz is imported: where tensors go in and out, their shapes are checked at every call,
# in tests alone.
CHECKED = [
    *(f"beaconviz.core.{name}" for name in ("attention", "expand", "indicator", "maps")),
    *(f"beaconviz.engine.{name}" for name in ("attend", "rows", "trace")),
    "beaconviz.analysis.metrics",
]
install_import_hook(CHECKED, "beartype.beartype")

import pytest
import torch
from transformers import BertConfig, BertForTokenClassification

import beaconviz as bv
from tests.tiny import FAMILIES, tiny_model
from tests.word_pieces import PIECES, SENTENCES, tokenizer


@pytest.fixture(scope="session")
def folders(tmp_path_factory):
    """A tiny random token classifier of every family, and a bare BERT encoder."""
    root = tmp_path_factory.mktemp("models")
    folders = {family: tiny_model(family, root / family) for family in FAMILIES}
    return folders | {"bare": tiny_model("bert", root / "bare", labels=None)}


@pytest.fixture(scope="session")
def models(folders):
    return {name: bv.load(str(folder), device="cpu") for name, folder in folders.items()}


@pytest.fixture(scope="session", params=FAMILIES)
def model(request, models):
    return models[request.param]


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl+C stops what runs, also where the tests were started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def conll(tmp_path: Path) -> Path:
    path = tmp_path / "three.conll"
    path.write_text(SENTENCES, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def uncased_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random BERT with a word-piece tokenizer that lower-cases."""
    folder = tmp_path_factory.mktemp("uncased")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(PIECES),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=32,
    )
    BertForTokenClassification(config).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder
