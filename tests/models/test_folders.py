"""Folders that are no whole models, and configs that contradict their weights or themselves."""

from __future__ import annotations

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForTokenClassification

import beaconviz as bv
from tests.models.odd import change_json, refused
from tests.tiny import LABELS, tiny_model


@pytest.fixture
def tagger(tmp_path):
    return tiny_model("bert", tmp_path / "tagger")


@pytest.fixture
def adapter(tagger, tmp_path):
    network = AutoModelForTokenClassification.from_pretrained(tagger)
    settings = LoraConfig(task_type="TOKEN_CLS", target_modules=["query"])
    get_peft_model(network, settings).save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


def test_an_adapter_is_called_one_of_its_base(adapter, tagger):
    refused(adapter, f"only an adapter of {str(tagger)!r}", "merge_and_unload")


def test_an_adapter_beside_a_model_is_not_taken_for_the_model(adapter, tagger):
    (tagger / "adapter_config.json").write_text((adapter / "adapter_config.json").read_text())
    refused(tagger, "holds an adapter beside a model", "move adapter_config.json away")


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("", ["not valid JSON (line 1, column 1)"]),
        ('{"model_type": "bert",}', ["not valid JSON (line 1, column 23)"]),
        ("[1]", ["holds a list"]),
        ('{"hidden_size": 32}', ["has no model_type, such as 'bert'"]),
        ('{"model_type": 3}', ["has no model_type"]),
        ('{"model_type": "bert", "architectures": "BertModel"}', ["expected a list of names"]),
    ],
)
def test_an_odd_config(tagger, content, parts):
    (tagger / "config.json").write_text(content)
    refused(tagger, "config.json", *parts)


def test_a_setting_that_is_unknown_is_named(tagger):
    change_json(tagger / "config.json", hidden_act="gelu_very_new")
    refused(tagger, "'gelu_very_new' is missing or unknown")


def test_a_head_is_not_dropped_for_want_of_an_architecture(tagger):
    change_json(tagger / "config.json", architectures=...)
    refused(tagger, "names no architecture", "classifier.bias")
    model = bv.load(str(tagger), device="cpu", task="feature-extraction")
    assert model.task.name == "feature-extraction"


@pytest.mark.parametrize("names", [["BertModel"], ["MyBertCrfForNer"]])
def test_a_head_is_not_dropped_for_an_architecture_without_one(tagger, names):
    change_json(tagger / "config.json", architectures=names)
    refused(tagger, f"names the architecture {names[0]}", "classifier.bias")
    assert (
        bv.load(str(tagger), device="cpu", task="feature-extraction").task.name
        == "feature-extraction"
    )


@pytest.mark.parametrize(
    ("setting", "size"),
    [("num_hidden_layers", 0), ("num_attention_heads", -4), ("intermediate_size", 0)],
)
def test_sizes_that_no_network_has(tagger, setting, size):
    change_json(tagger / "config.json", **{setting: size})
    refused(tagger, f"{setting} in config.json", f"is {size}; expected 1 or more")


@pytest.mark.parametrize(
    "settings",
    [
        {"return_dict": False},
        {"output_attentions": True},
        {"output_hidden_states": True},
        {"chunk_size_feed_forward": 3},
    ],
)
def test_how_a_network_is_called_is_not_the_configs_business(tagger, settings):
    expected = bv.run(bv.load(str(tagger), device="cpu"), "Ada lived in London").logits
    change_json(tagger / "config.json", **settings)
    found = bv.run(bv.load(str(tagger), device="cpu"), "Ada lived in London").logits
    assert torch.equal(found, expected)


def test_a_byte_order_mark_is_named(tagger):
    config = tagger / "config.json"
    config.write_bytes(b"\xef\xbb\xbf" + config.read_bytes())
    refused(tagger, "config.json", "byte order mark")


def test_the_folder_that_has_the_model_in_it_is_named(tagger):
    refused(tagger.parent, "has no config.json; there is one in tagger: take that folder")
    above = tagger.parent / "above"
    above.mkdir()
    refused(above, "has no config.json; expected a model saved by save_pretrained")


def in_shards(folder):
    network = AutoModelForTokenClassification.from_pretrained(folder)
    (folder / "model.safetensors").unlink()
    network.save_pretrained(folder, max_shard_size="20KB")
    return folder / "model.safetensors.index.json"


def test_shards_without_what_names_them(tagger):
    in_shards(tagger).unlink()
    refused(tagger, "has no model.safetensors, but model-00001-of-", "index.json", "is missing")


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"weight_map": {}}, "has no weight_map"),
        ({"weight_map": ...}, "has no weight_map"),
        ({"metadata": ...}, "has no metadata"),
        ({"weight_map": {"a": "../model.safetensors"}}, "expected files of the folder itself"),
    ],
)
def test_an_index_of_shards_that_is_odd(tagger, changes, part):
    change_json(in_shards(tagger), **changes)
    refused(tagger, part)


def test_weights_under_another_name_and_links_to_nothing(tagger):
    weights = tagger / "model.safetensors"
    weights.rename(tagger / "model.fp16.safetensors")
    refused(tagger, "but model.fp16.safetensors: rename it to model.safetensors")
    (tagger / "model.fp16.safetensors").rename(tagger / "model.onnx")
    refused(tagger, "has no weights", "found config.json, model.onnx")
    weights.symlink_to("nowhere")
    refused(tagger, "is a link to 'nowhere', which is not there")


NAMES = {str(number): label for number, label in enumerate(LABELS)}


@pytest.mark.parametrize(
    ("names", "part"),
    [
        ({**NAMES, "9": NAMES["6"], "6": ...}, "no name for label 6"),
        ({label: number for number, label in NAMES.items()}, "is {'O': '0'"),
        (LABELS, "is ['O', 'B-PER'"),
        ({}, "is {}"),
        (NAMES | {"6": "B-PER"}, "has the name 'B-PER' for labels 1 and 6"),
        (NAMES | {"6": 6}, "calls label 6 6; expected a name"),
        (NAMES | {"6": " "}, "calls label 6 ' '; expected a name"),
    ],
)
def test_names_that_are_not_one_for_each_label(tagger, names, part):
    if isinstance(names, dict):
        names = {number: label for number, label in names.items() if label is not ...}
    change_json(tagger / "config.json", id2label=names)
    refused(tagger, "id2label in config.json", part)


def test_labels_that_contradict_each_other(tagger):
    change_json(tagger / "config.json", num_labels=3)
    refused(tagger, "num_labels 3 and names 7 labels")
    turned = {label: 6 - number for number, label in enumerate(LABELS)}
    change_json(tagger / "config.json", num_labels=..., label2id=turned)
    refused(tagger, "by id2label 'O' is label 0, by label2id 6")
    change_json(tagger / "config.json", id2label=...)
    refused(tagger, "has label2id and no id2label")


def test_remains_in_label2id_and_a_right_count_are_no_contradiction(tagger):
    change_json(tagger / "config.json", num_labels=7, label2id={"LABEL_0": 0, "LABEL_1": 1})
    assert bv.load(str(tagger), device="cpu").labels == tuple(LABELS)


def test_a_kind_of_classes_that_does_not_exist(tagger):
    change_json(tagger / "config.json", problem_type="ranking")
    refused(tagger, "problem_type", "'ranking'; expected regression")


@pytest.mark.parametrize("name", ["x" * 300, "/" + "x" * 300, "a\0b"])
def test_names_that_no_folder_can_have(name):
    refused(name, "there is no ")


def test_labels_of_a_model_that_has_no_use_for_them_are_not_asked_for(tmp_path):
    folder = tiny_model("bert", tmp_path, labels=None)
    change_json(folder / "config.json", id2label={"0": "A", "1": "A"})
    assert bv.load(str(folder), device="cpu").task.name == "feature-extraction"
