from pathlib import Path

import pytest
import torch
from peft import get_peft_model_state_dict
from safetensors.torch import load_file
from transformers import AutoModelForTokenClassification, AutoTokenizer

from beaconviz.core.errors import BeaconvizError
from beaconviz.evaluate.scores import predict_tags
from beaconviz.models.shipped import minilm, ner_mini
from beaconviz.training.backbone import load_backbone, make_plain, make_trainable
from beaconviz.training.settings import Settings
from beaconviz.training.ship_ner import ship

LABELS = ["O", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-PER", "I-PER"]


@pytest.fixture(scope="module")
def built():
    return ner_mini.build("sdpa")


def tags(built, text):
    return predict_tags(*built, [text.split()])[0]


def test_the_seed_sentence(built):
    assert tags(built, "Steve Jobs was the co-founder of Apple Inc.") == [
        *("B-PER", "I-PER", "O", "O", "O", "O", "B-ORG", "I-ORG")
    ]


def test_case_tells_a_firm_from_a_fruit(built):
    assert tags(built, "She works for Apple in Paris.")[3] == "B-ORG"
    assert tags(built, "She ate an apple in Paris.")[3] == "O"


def test_it_is_a_plain_bert(built):
    network, tokenizer = built
    assert type(network).__name__ == "BertForTokenClassification"
    assert type(network.get_input_embeddings()) is torch.nn.Embedding
    assert [network.config.id2label[n] for n in range(7)] == LABELS
    assert {weight.dtype for weight in network.parameters()} == {torch.float32}
    assert len(tokenizer) == network.config.vocab_size == len(network.get_input_embeddings().weight)
    assert tokenizer.model_max_length == 512
    assert not network.training


def test_saved_it_loads_anywhere(built, tmp_path):
    network, tokenizer = built
    network.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    loaded = AutoModelForTokenClassification.from_pretrained(tmp_path)
    batch = AutoTokenizer.from_pretrained(tmp_path)("Ann met Bob in ROME", return_tensors="pt")
    with torch.no_grad():
        assert torch.equal(loaded(**batch).logits, network(**batch).logits)


def test_what_ships_is_small_and_half_precision():
    assert ner_mini.SHIPPED.stat().st_size < 5e6
    assert {tensor.dtype for tensor in load_file(ner_mini.SHIPPED).values()} == {torch.float16}


def test_shipping_a_run_is_merging_it(tmp_path):
    """ship and build, by hand, give what peft's own merge and the fold give, up to half
    precision."""
    settings = Settings(Path(), Path(), tmp_path, rank=4)
    backbone = load_backbone(settings, LABELS)
    network = make_trainable(backbone.network, settings)
    torch.manual_seed(0)
    with torch.no_grad():
        for weight in network.parameters():
            if weight.requires_grad:  # numbers that half precision holds exactly
                weight.copy_((torch.randn_like(weight) * 0.02).half())
        network.base_model.model.get_input_embeddings().case.modules_to_save.default.weight[0] = 0
    assert get_peft_model_state_dict(network)
    network.save_pretrained(tmp_path / "adapter")
    backbone.network.config.save_pretrained(tmp_path)
    plain = make_plain(network, backbone).state_dict()
    built, tokenizer = ner_mini.build(shipped=ship(tmp_path, tmp_path / "learned.safetensors"))
    assert tokenizer.get_vocab() == backbone.tokenizer.get_vocab()
    for name, weight in built.state_dict().items():
        torch.testing.assert_close(weight, plain[name], atol=1e-6, rtol=1e-5)


def test_other_weights_in_the_package_are_refused(monkeypatch):
    monkeypatch.setattr(minilm, "SHA256", "0" * 64)
    with pytest.raises(
        BeaconvizError, match=r"not the ones beaconviz was trained on .*53aa51172d14"
    ):
        ner_mini.build()


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(minilm, "PACKAGE", "no-such-package")
    with pytest.raises(BeaconvizError, match="pip install no-such-package"):
        ner_mini.build()
