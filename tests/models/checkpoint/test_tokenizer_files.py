"""Tokenizers: those of the folder's files, never a stand-in; each token has an embedding."""

from __future__ import annotations

import json

import pytest
from tokenizers import Tokenizer, normalizers
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    BertTokenizer,
    PreTrainedTokenizerFast,
)

import beaconviz as bv
from tests.models.odd import change_json, refused
from tests.tiny import DECODERS, FAMILIES, TRANSLATORS, tiny_model, tiny_tokenizer

TEXT = "Ada Lovelace lived in London, and Élan"
AUTOS = {
    **dict.fromkeys(FAMILIES, AutoModelForMaskedLM),
    **dict.fromkeys(DECODERS, AutoModelForCausalLM),
    **dict.fromkeys(TRANSLATORS, AutoModelForSeq2SeqLM),
}


@pytest.fixture(params=AUTOS)
def folder(request, tmp_path):
    family = request.param
    return tiny_model(family, tmp_path / family, labels=None, auto=AUTOS[family])


@pytest.fixture
def bert(tmp_path):
    return tiny_model("bert", tmp_path / "bert", labels=None, auto=AutoModelForMaskedLM)


def leave_only(folder, *kept):
    for file in folder.glob("*token*"):
        if file.name not in kept:
            file.unlink()


def test_a_folder_without_a_tokenizer(folder):
    leave_only(folder)
    refused(folder, "has no tokenizer", "tokenizer.save_pretrained")


def test_settings_alone_are_no_tokenizer(folder):
    leave_only(folder, "tokenizer_config.json")
    refused(folder, "has no tokenizer")


@pytest.mark.parametrize("settings", [None, {}, {"model_max_length": 77}])
def test_tokenizer_json_gives_the_tokens_that_it_gives(folder, settings):
    leave_only(folder, "tokenizer.json")
    if settings is not None:
        (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    model = bv.load(str(folder), device="cpu")
    own = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(TEXT)
    tokens = model.tokenize(TEXT)
    assert list(tokens.ids) == own.ids[: len(tokens)]
    assert len(tokens) >= len(own.ids) - 1  # what ends a text that goes on is left out
    names = model.tokenizer.special_tokens_map
    expected = {"pad": "<pad>", "unk": "<unk>", "mask": "<mask>", "bos": "<s>", "eos": "</s>"}
    assert {role: names[f"{role}_token"] for role in expected} == expected
    limit = 77 if settings else (158 if folder.name == "roberta" else 160)
    assert model.max_tokens == (limit if settings or folder.name != "t5" else 1_000_000)


def test_settings_that_name_a_class_are_followed(bert):
    """`do_lower_case` is BertTokenizer's own, by whatever tokenizer.json does."""
    change_json(bert / "tokenizer_config.json", tokenizer_class="BertTokenizer", do_lower_case=True)
    tokens = bv.load(str(bert), device="cpu").tokenize("ADA")
    assert "".join(tokens.tokens).replace("##", "").replace("<s>", "").startswith(("a", "<unk>"))


def test_a_normalizer_of_the_file_is_kept(bert):
    own = Tokenizer.from_file(str(bert / "tokenizer.json"))
    own.normalizer = normalizers.Sequence([normalizers.Replace("Ada", "Steve")])
    own.save(str(bert / "tokenizer.json"))
    leave_only(bert, "tokenizer.json")
    assert "Steve" in bv.load(str(bert), device="cpu").tokenize("Ada").tokens


@pytest.mark.parametrize(
    ("file", "content", "part"),
    [
        ("tokenizer.json", "", "tokenizer.json is empty"),
        ("tokenizer.json", "{", "tokenizer.json of the folder"),
        ("tokenizer.json", "[]", "holds a list"),
        ("tokenizer.json", "{}", "could not be read"),
        ("tokenizer_config.json", "{", "tokenizer_config.json of the folder"),
    ],
)
def test_damaged_files(bert, file, content, part):
    (bert / file).write_text(content)
    refused(bert, part)


def test_a_stand_in_that_was_saved_is_none(bert):
    BertTokenizer().save_pretrained(bert)
    refused(bert, "knows no word", "vocabulary of 5")


@pytest.mark.parametrize("content", ["\n", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n"])
def test_a_vocabulary_without_words(bert, content):
    leave_only(bert)
    (bert / "vocab.txt").write_text(content)
    refused(bert, "knows no word")


@pytest.mark.parametrize("length", [0, -1, "many"])
def test_a_length_that_is_none(bert, length):
    change_json(bert / "tokenizer_config.json", model_max_length=length)
    refused(bert, "model_max_length", repr(length))


def more_tokens(folder, count):
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    tokenizer.add_tokens([f"zork{number}" for number in range(count)])
    tokenizer.save_pretrained(folder)
    return len(tokenizer)


def test_tokens_without_an_embedding(bert):
    size = more_tokens(bert, 400 - len(tiny_tokenizer(byte_level=False)))
    assert size == 400
    assert bv.load(str(bert), device="cpu").tokenizer.vocab_size <= 400
    tokenizer = PreTrainedTokenizerFast.from_pretrained(bert)
    tokenizer.add_tokens(["zorkzork"])
    tokenizer.save_pretrained(bert)
    refused(
        bert, "has 401 tokens, the last 'zork", "400 embeddings", "resize_token_embeddings(401)"
    )


def test_tokens_of_what_is_written_without_an_embedding(tmp_path):
    folder = tiny_model("bart", tmp_path, labels=None, auto=AutoModelForSeq2SeqLM)
    target = folder / "target"
    target.mkdir()
    refused(folder, "target", "has no tokenizer")
    tiny_tokenizer(byte_level=True).save_pretrained(target)
    assert bv.load(str(folder), device="cpu").target.vocab_size > 300
    more_tokens(target, 60)
    refused(folder, "for what it writes has 440 tokens", "400 embeddings")
