"""translate-mini: what ships, and how a run of training becomes it."""

import json

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForSeq2SeqLM, EncoderDecoderModel

import beaconviz as bv
from beaconviz.core.errors import BeaconvizError
from beaconviz.models.shipped import minilm, translate_mini
from beaconviz.training.ship_translator import adapter, ship
from beaconviz.training.translator import train_translator
from beaconviz.training.translator_settings import TranslatorSettings

TEXT = "I like to eat apples."
PAIRS = "I like apples.\t我喜欢苹果。\nI like tea.\t我喜欢茶。\nYou are here.\t你在这里。\n"
RANK = 2


@pytest.fixture(scope="module")
def built():
    return translate_mini.build()


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a run of a few seconds, and its settings."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "pairs.tsv").write_text(PAIRS, "utf-8")
    settings = TranslatorSettings(
        folder / "pairs.tsv", folder / "pairs.tsv", folder / "out", subwords=60, layers=1,
        feed_forward=16, rank=RANK, epochs=3, lr=5e-3, batch_size=4, averaged=1,
    )  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ACCELERATE_USE_CPU", "true")
        train_translator(settings)
    return settings.out


@pytest.fixture(scope="module")
def shipped(trained, tmp_path_factory):
    """What it ships as: the file, and the folder of subwords."""
    folder = tmp_path_factory.mktemp("shipped")
    return ship(trained, folder / "learned.safetensors", folder / "target"), folder / "target"


def test_it_is_a_plain_encoder_decoder(built):
    network, source, target = built
    assert type(network) is EncoderDecoderModel
    assert {weight.dtype for weight in network.parameters()} == {torch.float32}
    assert not network.training
    assert len(source) == network.config.encoder.vocab_size
    assert source.model_max_length == translate_mini.LONGEST
    assert len(target) == network.config.decoder.vocab_size
    assert network.generation_config.decoder_start_token_id is not None


def test_it_translates_until_a_word_is_dropped():
    model = bv.load("translate-mini", device="cpu")
    assert bv.run(model, TEXT).text == "我喜欢吃苹果。"
    edit = bv.Edit(beacon=(("*", 4, -200.0),), attention="cross")
    muted = bv.Design(tuple(TEXT.split()), (edit,), reading="gate")
    assert bv.run(model, TEXT, muted).text != "我喜欢吃苹果。"


def test_its_tokenizers_are_of_english_and_of_chinese(built):
    _, source, target = built
    assert source.tokenize("apples") == ["apples"]
    ids = target("我喜欢吃苹果。")["input_ids"]
    assert ids[-1] == target.eos_token_id
    assert target.unk_token_id not in ids
    assert target.decode(ids, skip_special_tokens=True) == "我喜欢吃苹果。"


def test_what_ships_is_small_and_half_precision():
    files = [translate_mini.SHIPPED, *translate_mini.SUBWORDS.iterdir()]
    assert sum(file.stat().st_size for file in files) <= 12e6
    assert {one.dtype for one in load_file(translate_mini.SHIPPED).values()} == {torch.float16}


def test_missing_subwords_are_named(tmp_path):
    with pytest.raises(BeaconvizError, match="install beaconviz again"):
        translate_mini.build(subwords=tmp_path / "absent")


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(minilm, "PACKAGE", "no-such-package")
    with pytest.raises(BeaconvizError, match="pip install no-such-package"):
        translate_mini.build()


@torch.no_grad()
def test_a_run_that_is_shipped_says_what_it_said(trained, shipped):
    network, source, target = translate_mini.build("sdpa", *shipped)
    own = AutoModelForSeq2SeqLM.from_pretrained(trained).eval()
    start = network.generation_config.decoder_start_token_id
    assert start == own.generation_config.decoder_start_token_id
    ids = [start, *target("我喜欢茶。")["input_ids"]]
    batch = source(["I like tea."], return_tensors="pt") | {
        "decoder_input_ids": torch.tensor([ids])
    }
    expected = own(**batch).logits
    torch.testing.assert_close(network(**batch).logits, expected, atol=2e-2, rtol=1e-2)
    assert expected.std() > 0.1


def test_what_is_shipped_is_half_precision_and_has_its_facts(shipped):
    learned, facts = minilm.read_shipped(shipped[0], "translate-mini")
    assert {one.dtype for one in load_file(shipped[0]).values()} == {torch.float16}
    assert {name.split(".")[0] for name in learned} == {"encoder", "decoder"}
    assert all(".lora_" in name for name in learned if name.startswith("encoder."))
    assert facts["decoder"]["num_hidden_layers"] == 1
    assert set(facts["tokens"]) >= {"decoder_start_token_id", "eos_token_id", "pad_token_id"}


def test_the_factors_of_the_adapter_are_found_again(trained):
    network = EncoderDecoderModel.from_pretrained(trained)
    rank = json.loads((trained / "settings.json").read_text("utf-8"))["rank"]
    factors = adapter(network, rank)
    before = load_file(minilm.package_folder() / "model.safetensors")
    after = network.encoder.state_dict()
    layers = [name.removesuffix(".lora_A") for name in factors if name.endswith(".lora_A")]
    changed = {f"encoder.{name}" for name in before if name in after
               and not torch.equal(before[name], after[name])}  # fmt: skip
    assert {f"{layer}.weight" for layer in layers} == changed
    for layer in layers:
        one, other = factors[f"{layer}.lora_B"], factors[f"{layer}.lora_A"]
        name = f"{layer.removeprefix('encoder.')}.weight"
        assert one.shape[1] == other.shape[0] == rank == RANK
        change = after[name] - before[name]
        assert change.abs().max() > 1e-5
        torch.testing.assert_close(one @ other, change, atol=1e-6, rtol=1e-3)
