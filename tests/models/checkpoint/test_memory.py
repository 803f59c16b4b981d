"""Models that are too large are refused before their weights are read."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import save_file
from transformers import AutoModel

import beaconviz as bv
from beaconviz.models import loading
from beaconviz.models.checkpoint import files as checkpoint
from beaconviz.models.checkpoint import memory, tokenizer_files, weights
from tests.tiny import tiny_model

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_model("bert", tmp_path_factory.mktemp("bert"), labels=None, auto=AutoModel)


@pytest.fixture
def halves(folder, tmp_path):
    """The same model in half precision."""
    network = AutoModel.from_pretrained(folder).half()
    network.save_pretrained(tmp_path)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (tmp_path / name).write_text((folder / name).read_text())
    return tmp_path


def leave(monkeypatch, count):
    monkeypatch.setattr(memory, "free", lambda device: count)


def test_weights_are_counted_from_the_heads_of_files(folder, halves):
    network = AutoModel.from_pretrained(folder)
    count = sum(weight.numel() for weight in network.parameters())
    assert memory.weights_in(folder) == {"F32": count}
    assert memory.weights_in(halves) == {"F16": count}


def test_shards_are_counted_once_and_other_files_not_at_all(folder, tmp_path):
    network = AutoModel.from_pretrained(folder)
    network.save_pretrained(tmp_path, max_shard_size="20KB")
    assert len(list(tmp_path.glob("model-*.safetensors"))) > 1
    save_file({"more": torch.zeros(1000)}, tmp_path / "adapter.safetensors")
    assert memory.weights_in(tmp_path) == memory.weights_in(folder)


def test_a_model_that_does_not_fit_is_refused_unread(folder, monkeypatch):
    need = memory.bytes_of(memory.weights_in(folder), torch.float32)
    leave(monkeypatch, need)
    assert bv.load(str(folder), device="cpu").layers == 3
    leave(monkeypatch, need - 1)
    monkeypatch.setattr(loading, "make_steerable", lambda *args: pytest.fail("it was read"))
    with pytest.raises(
        bv.BeaconvizError, match=r"the model .* needs .* MB of memory in float32, and"
    ) as told:
        bv.load(str(folder), device="cpu")
    assert 'take a smaller model, or load it with dtype="bfloat16", which needs' in str(told.value)
    assert "\n" not in str(told.value)


def test_half_precision_takes_half_and_is_doubled_on_the_cpu(halves, monkeypatch):
    stored = memory.bytes_of(memory.weights_in(halves), "auto")
    leave(monkeypatch, stored)
    with pytest.raises(bv.BeaconvizError, match="in float32"):
        bv.load(str(halves), device="cpu")
    assert bv.load(str(halves), device="cpu", dtype="bfloat16").dtype == torch.bfloat16
    leave(monkeypatch, stored - 1)
    with pytest.raises(bv.BeaconvizError, match=r"free on cpu: take a smaller model$"):
        bv.load(str(halves), device="cpu", dtype="bfloat16")


def test_an_accelerator_and_the_way_to_it(monkeypatch):
    room = {"cpu": 100, "cuda": 50}
    monkeypatch.setattr(memory, "free", lambda device: room[device.type])
    cuda = torch.device("cuda")
    memory.check_fits("x", {"F32": 25}, torch.float16, cuda)
    with pytest.raises(bv.BeaconvizError, match=r"free on cuda: .*bfloat16"):
        memory.check_fits("x", {"F32": 25}, "auto", cuda)
    room["cpu"] = 49
    with pytest.raises(bv.BeaconvizError, match="free on cpu"):
        memory.check_fits("x", {"F32": 25}, torch.float16, cuda)


def on_hub(**sizes):
    files = [
        SimpleNamespace(rfilename=name.replace("__", ".").replace("_", "/"), size=size)
        for name, size in sizes.items()
    ]
    return SimpleNamespace(siblings=files, safetensors=None)


def test_what_the_hub_says():
    info = on_hub(model__safetensors=400)
    assert memory.weights_on_hub(info) == {"F32": 100}
    info = on_hub(a__safetensors=400, b__safetensors=200, onnx_c__safetensors=900, d__bin=900)
    assert memory.weights_on_hub(info) == {"F32": 150}
    info.safetensors = SimpleNamespace(parameters={"BF16": 7_000_000_000}, total=7_000_000_000)
    assert memory.weights_on_hub(info) == {"BF16": 7_000_000_000}


def test_a_model_on_the_hub_is_refused_before_it_is_fetched(folder, monkeypatch):
    info = on_hub(config__json=600, model__safetensors=14_000_000_000)
    info.safetensors = SimpleNamespace(parameters={"BF16": 7_000_000_000})
    hub = SimpleNamespace(model_info=lambda name, timeout, files_metadata: info)
    monkeypatch.setattr(checkpoint, "HfApi", lambda: hub)
    read = loading.read_part
    asked = []

    def reading(name, what, *args, **options):
        asked.append(what.__qualname__)
        return read(name, what, str(folder), **options)

    for module in (loading, tokenizer_files, weights):
        monkeypatch.setattr(module, "read_part", reading)
    leave(monkeypatch, 16_000_000_000)
    with pytest.raises(bv.BeaconvizError) as told:
        bv.load("some/seven-billion", device="cpu")
    assert str(told.value) == (
        "the model 'some/seven-billion' needs 28.0 GB of memory in float32, and 16.0 GB are free "
        'on cpu: take a smaller model, or load it with dtype="bfloat16", which needs 14.0 GB'
    )
    assert asked == [
        "PreTrainedConfig.get_config_dict",
        "AutoConfig.from_pretrained",
        "AutoTokenizer.from_pretrained",
    ]


@pytest.mark.parametrize(
    ("bound", "left"), [("1000", 450), ("400", 0), ("max", None), (None, None)]
)
def test_a_container_has_less_than_the_machine(tmp_path, monkeypatch, bound, left):
    monkeypatch.setattr(memory, "_CONTAINER", tmp_path)
    if bound is not None:
        (tmp_path / "memory.max").write_text(f"{bound}\n")
        (tmp_path / "memory.current").write_text("600\n")
        (tmp_path / "memory.stat").write_text("anon 550\ninactive_file 50\n")
    machine = SimpleNamespace(available=100_000)
    monkeypatch.setattr(memory.psutil, "virtual_memory", lambda: machine)
    assert memory.free(CPU) == (100_000 if left is None else left)


def test_what_is_free_here():
    assert 0 < memory.free(CPU) < 1e15
