"""Weights that a checkpoint lacks, has in another shape, or that are no numbers."""

from __future__ import annotations

import pytest
import torch
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
)

import beaconviz as bv
from tests.models.odd import change_json, change_weights, refused, without
from tests.tiny import DECODERS, FAMILIES, tiny_model

TEXT = "Ada Lovelace lived in London"


@pytest.fixture
def tagger(tmp_path):
    return tiny_model("bert", tmp_path / "tagger")


@pytest.mark.parametrize(
    ("part", "named"),
    [
        ("classifier", "classifier.bias, classifier.weight"),
        (".layer.1.", "bert.encoder.layer.1.attention.output.LayerNorm.bias"),
        ("word_embeddings", "bert.embeddings.word_embeddings.weight"),
        ("query.bias", "lacks 3 of the 55 weights"),
    ],
)
def test_what_is_missing_is_named(tagger, part, named):
    change_weights(tagger, lambda weights: without(weights, part))
    refused(tagger, named, "would be made up at random")


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "base_model.model."])
def test_the_prefix_of_a_wrapper_is_named(tagger, prefix):
    change_weights(tagger, lambda weights: {prefix + name: w for name, w in weights.items()})
    refused(tagger, f"names begin with {prefix!r}", "rename the weights")


def test_a_pooler_counts_where_the_answer_depends_on_it(tmp_path):
    states = tiny_model("bert", tmp_path / "states", labels=None)
    change_weights(states, lambda weights: without(weights, "pooler"))
    own = AutoModel.from_pretrained(states, add_pooling_layer=False).eval()
    run = bv.run(bv.load(str(states), device="cpu"), TEXT)
    expected = own(torch.tensor([run.aligned.ids])).last_hidden_state[0]
    assert torch.allclose(run.logits, expected, atol=1e-5)
    auto = AutoModelForSequenceClassification
    classes = tiny_model("bert", tmp_path / "classes", labels=None, auto=auto)
    change_weights(classes, lambda weights: without(weights, "pooler"))
    refused(classes, "bert.pooler.dense.bias, bert.pooler.dense.weight")


@pytest.mark.parametrize("family", FAMILIES)
def test_tied_weights_are_no_loss(tmp_path, family):
    folder = tiny_model(family, tmp_path, labels=None, auto=AutoModelForMaskedLM)
    assert bv.load(str(folder), device="cpu").task.name == "fill-mask"


def test_weights_of_layers_that_the_config_does_not_count(tmp_path, tagger):
    change_json(tagger / "config.json", num_hidden_layers=2)
    refused(tagger, "layers that its config.json does not count (bert.encoder.layer.2.")
    t5 = tiny_model("t5", tmp_path / "t5", labels=None, auto=AutoModelForSeq2SeqLM)
    change_json(t5 / "config.json", num_decoder_layers=2)
    refused(t5, "decoder.block.2.")


def test_another_shape_is_said_with_both(tagger):
    change_json(tagger / "config.json", vocab_size=500)
    refused(tagger, "word_embeddings.weight", "400 × 32 in the file and 500 × 32 by config.json")


def test_a_head_of_other_labels_is_said_with_both_numbers(tagger):
    change_json(tagger / "config.json", id2label=..., label2id=...)
    refused(tagger, "has 7 labels (classifier.bias), and config.json 2")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_values_that_are_no_numbers(tagger, value):
    def spoil(weights):
        weights["classifier.weight"][3, 5] = value
        return weights

    change_weights(tagger, spoil)
    refused(tagger, "classifier.weight", "1 values that are no numbers")


def test_values_beyond_half_precision(tagger):
    def enlarge(weights):
        weights["classifier.weight"][3, 5] = 1e6
        return weights

    change_weights(tagger, enlarge)
    assert bv.load(str(tagger), device="cpu").dtype == torch.float32
    refused(tagger, "in float16, whose largest number is 65,504", dtype="float16")


def test_a_file_that_is_cut_short_is_named(tagger):
    file = tagger / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    refused(tagger, "model.safetensors of the folder", "cut short")


@pytest.fixture
def shards(tagger):
    network = AutoModelForTokenClassification.from_pretrained(tagger)
    (tagger / "model.safetensors").unlink()
    network.save_pretrained(tagger, max_shard_size="20KB")
    return sorted(tagger.glob("model-*.safetensors"))


def test_shards_load_while_they_are_all_there(tagger, shards):
    assert bv.load(str(tagger), device="cpu").layers == 3
    shards[1].unlink()
    refused(tagger, f"lacks {shards[1].name}, one of the {len(shards)} files")


@pytest.mark.parametrize("files", [..., [1], {"x": 3}, None])
def test_an_index_without_files(tagger, shards, files):
    change_json(tagger / "model.safetensors.index.json", weight_map=files)
    refused(tagger, "model.safetensors.index.json", "has no weight_map")


@pytest.mark.parametrize("family", [*FAMILIES, *DECODERS])
def test_a_missing_layer_is_noticed_in_every_family(tmp_path, family):
    folder = tiny_model(family, tmp_path, labels=None)

    def halve(weights):  # of every matrix, those whose name sorts last
        names = sorted(name for name in weights if weights[name].dim() > 1)
        return {name: weight for name, weight in weights.items() if name != names[len(names) // 2]}

    change_weights(folder, halve)
    refused(folder, "lacks 1 of the")


def test_weights_of_a_layer_that_the_network_has_not_are_no_ornament(tmp_path):
    """transformers leaves them out with a warning, and the answers are another network's."""
    part = "bert.encoder.layer.0.attention.self.distance_embedding.weight"
    bert = tiny_model("bert", tmp_path / "bert")
    change_weights(bert, lambda weights: weights | {part: torch.zeros(9, 8)})
    refused(bert, part, "BertForTokenClassification does not have", "another network")
    llama = tiny_model("llama", tmp_path / "llama", labels=None, auto=AutoModelForCausalLM)
    part = "model.layers.0.self_attn.q_proj.bias"
    change_weights(llama, lambda weights: weights | {part: torch.ones(32)})
    refused(llama, part, "LlamaForCausalLM does not have")


def test_an_adapter_that_is_not_merged_is_no_ornament(tagger):
    part = "bert.encoder.layer.0.attention.self.query.lora_A.default.weight"
    change_weights(tagger, lambda weights: weights | {part: torch.ones(2, 32)})
    refused(tagger, "adapter beside the network", "merge_and_unload")


@pytest.mark.parametrize(
    ("family", "extra"),
    [
        ("bert", {"bert.embeddings.position_ids": (1, 160)}),
        ("bert", {"embeddings.position_ids": (1, 160)}),
        ("gpt2", {"transformer.h.0.attn.bias": (1, 1, 8, 8)}),
        ("gpt2", {"transformer.h.0.attn.masked_bias": ()}),
        ("llama", {"model.layers.0.self_attn.rotary_emb.inv_freq": (4,)}),
    ],
)
def test_what_a_network_counts_by_itself_is_passed_over(tmp_path, family, extra):
    folder = tiny_model(family, tmp_path, labels=None)
    expected = bv.run(bv.load(str(folder), device="cpu"), TEXT).logits
    zeros = {name: torch.zeros(shape) for name, shape in extra.items()}
    change_weights(folder, lambda weights: weights | zeros)
    model = bv.load(str(folder), device="cpu")
    assert model.remarks == ()
    assert torch.equal(bv.run(model, TEXT).logits, expected)


def test_weights_of_a_head_that_is_not_used_are_named_in_a_remark(tagger):
    change_weights(tagger, lambda weights: weights | {"crf.transitions": torch.zeros(7, 7)})
    (remark,) = bv.load(str(tagger), device="cpu").remarks
    assert "crf.transitions" in remark
    assert "BertForTokenClassification does not use" in remark


@pytest.mark.parametrize("dtype", [torch.int8, torch.int64, torch.bool, torch.complex64])
def test_weights_that_are_stored_as_other_than_real_numbers(tagger, dtype):
    part = "classifier.weight"
    change_weights(tagger, lambda weights: weights | {part: (weights[part] * 10).to(dtype)})
    refused(tagger, part, "is stored as", "quantized or damaged")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_weights_of_any_real_type_are_read(tagger, dtype):
    change_weights(tagger, lambda weights: {key: w.to(dtype) for key, w in weights.items()})
    assert bv.load(str(tagger), device="cpu").dtype == torch.float32


def test_a_bias_of_two_axes_is_no_head_of_one_label(tagger):
    change_weights(tagger, lambda w: w | {"classifier.bias": w["classifier.bias"][None]})
    refused(tagger, "classifier.bias", "is 1 × 7 in the file and 7 by config.json")


def test_a_head_that_another_task_is_said_to_have_is_missing(tagger):
    change_json(tagger / "config.json", architectures=["BertForQuestionAnswering"])
    refused(tagger, "lacks 2 of the", "qa_outputs.bias")


@pytest.mark.parametrize("value", [3e38, -1.0])
def test_logits_that_are_no_numbers_are_no_answer(tagger, value):
    """Weights that are finite, and a config, may still lead to NaN."""
    if value > 0:
        part = "classifier.weight"
        change_weights(tagger, lambda w: w | {part: torch.full_like(w[part], value)})
    else:
        change_json(tagger / "config.json", layer_norm_eps=value)
    model = bv.load(str(tagger), device="cpu")
    with pytest.raises(bv.BeaconvizError, match="logits that are no numbers"):
        bv.run(model, TEXT)
