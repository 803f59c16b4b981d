"""What load and tokenize take, and the one line they say when they cannot."""

import json
import shutil
from types import SimpleNamespace
from unittest.mock import MagicMock

import pytest
import sentencepiece
import torch
from huggingface_hub.errors import RepositoryNotFoundError
from transformers import AutoModelForSeq2SeqLM, XLNetConfig, XLNetModel

import beaconviz as bv
from beaconviz.models.checkpoint import files as checkpoint
from beaconviz.models.checkpoint import tokenizer_files
from tests.tiny import CORPUS, tiny_model


def refused(name, message, **options):
    with pytest.raises(bv.BeaconvizError, match=message) as error:
        bv.load(str(name), **options)
    assert "\n" not in str(error.value)


def test_a_folder_without_a_config_is_refused(tmp_path):
    refused(tmp_path, "has no config.json; expected a model saved by save_pretrained")


def test_a_folder_without_weights_is_refused(folders, tmp_path):
    shutil.copytree(folders["bert"], tmp_path / "m", ignore=shutil.ignore_patterns("*.safetensors"))
    refused(tmp_path / "m", "has no weights; expected model.safetensors")


def test_pickled_weights_are_refused(folders, tmp_path):
    shutil.copytree(folders["bert"], tmp_path / "m", ignore=shutil.ignore_patterns("*.safetensors"))
    torch.save({}, tmp_path / "m" / "pytorch_model.bin")
    refused(tmp_path / "m", "only pickled weights, which can run code")


def test_damaged_weights_are_refused(folders, tmp_path):
    shutil.copytree(folders["bert"], tmp_path / "m")
    (tmp_path / "m" / "model.safetensors").write_bytes(b"not weights")
    refused(tmp_path / "m", "could not be read")


def test_a_damaged_config_is_refused(folders, tmp_path):
    shutil.copytree(folders["bert"], tmp_path / "m")
    (tmp_path / "m" / "config.json").write_text("{")
    refused(tmp_path / "m", r"is not valid JSON \(line 1, column 2\)")


def test_an_architecture_that_cannot_be_steered_is_refused_by_name(tmp_path):
    config = XLNetConfig(d_model=8, n_layer=1, n_head=2, d_inner=8, vocab_size=20)
    XLNetModel(config).save_pretrained(tmp_path)
    refused(
        tmp_path, "'xlnet' cannot be steered here; expected one of ALBERT, BART, BERT, DistilBERT"
    )


def test_an_unknown_architecture_is_refused(folders, tmp_path):
    shutil.copytree(folders["bert"], tmp_path / "m")
    config = json.loads((tmp_path / "m" / "config.json").read_text())
    (tmp_path / "m" / "config.json").write_text(json.dumps(config | {"model_type": "nonesuch"}))
    refused(tmp_path / "m", "'nonesuch' cannot be steered here; expected one of ALBERT")


@pytest.mark.parametrize("name", ["foo bar!", "-x", "a..b"])
def test_a_name_that_no_model_can_have(name):
    refused(name, "there is no model")


@pytest.mark.parametrize("name", ["./nowhere", "/no/such/folder", "a/b/c"])
def test_a_folder_that_is_not_there_is_refused(name):
    refused(name, "there is no folder")


class Hub:
    """The Hub, answering what a test wants."""

    def __init__(self, answer):
        self.answer = answer

    def __call__(self):
        return self

    def model_info(self, name, timeout, files_metadata):
        if isinstance(self.answer, Exception):
            raise self.answer
        return SimpleNamespace(siblings=[SimpleNamespace(rfilename=file) for file in self.answer])


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (
            ConnectionError("no route\nto host"),
            r"Hub could not be reached \(no route\); expected ner-mini",
        ),
        (
            RepositoryNotFoundError("404", response=MagicMock()),
            "the Hub has no model 'nobody/nothing', or it is private",
        ),
        (["config.json", "pytorch_model.bin"], "no safetensors on the Hub, and pickled weights"),
    ],
)
def test_names_that_the_hub_cannot_give(monkeypatch, answer, message):
    monkeypatch.setattr(checkpoint, "HfApi", Hub(answer))
    refused("nobody/nothing", message)


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_is_refused(name):
    refused(name, "the model name is")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"device": "toaster"}, "device is 'toaster'; expected one of auto"),
        ({"dtype": "int3"}, "dtype is 'int3'"),
    ],
)
def test_devices_and_types_that_do_not_exist(folders, options, message):
    refused(folders["bert"], message, **options)


def test_cuda_where_there_is_none(folders, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    refused(folders["bert"], "which this machine has not", device="cuda")


def test_half_precision(folders):
    model = bv.load(str(folders["bert"]), device="cpu", dtype="bfloat16")
    design = bv.Design.neutral(["Steve", "Jobs"]).with_cells(beacon=[(0, 1, 5.0)])
    edited = bv.run(model, ["Steve", "Jobs"], design)
    assert edited.logits.dtype == torch.bfloat16
    assert torch.allclose(
        edited.attention().sum(-1), torch.ones(4, dtype=torch.bfloat16), atol=0.02
    )


def test_a_text_longer_than_the_model_takes(models):
    for model in models.values():
        assert model.max_tokens == 150
        with pytest.raises(bv.BeaconvizError, match="takes at most 150: shorten it by about"):
            bv.run(model, "computer " * 149)


def test_positions_bound_the_text_too(models, monkeypatch):
    """RoBERTa loses positions to its padding index; the tokenizer may not know the limit."""
    for name, expected in (("bert", 160), ("roberta", 158)):
        monkeypatch.setattr(models[name].tokenizer, "model_max_length", 10**30)
        assert models[name].max_tokens == expected
        bv.run(models[name], " ".join("a" * (expected - 2)))


@pytest.mark.parametrize(
    "text",
    [
        "🙂 👩‍👩‍👧 🇨🇭",
        "e\u0301te\u0301 Z\u0335\u0321algo",
        "שלום עולם مرحبا",
        "... !!! ??? —",
        "a\x00b \x07 c\u200bd",
        "<script>alert(1)</script> & <b>Apple</b>",
        "<s> </s> <mask> [SEP]",
        "我喜欢吃苹果。",
        "x" * 300,
    ],
)
def test_odd_texts_run_in_every_family(model, text):
    if len(model.tokenizer(text)["input_ids"]) > model.max_tokens:
        with pytest.raises(bv.BeaconvizError, match="shorten"):
            bv.run(model, text)
        return
    one = bv.run(model, text)
    design = bv.Design.neutral(one.words).with_cells(beacon=[("*", 0, 5.0)])
    comparison = bv.compare(model, text, design)
    assert len(comparison.edited.tags) == len(one.words)
    weights = comparison.edited.attention(unit="word")
    assert torch.allclose(weights.sum(-1), torch.ones(len(one.words)), atol=1e-5)
    assert comparison.metrics().notna().all().all()


def test_tokens_lie_on_their_words(model):
    tokens = model.tokenize("Ada Lovelace, (who) was Apple")
    assert tokens.special == tuple(word is None for word in tokens.word_of)
    for token, word in enumerate(tokens.word_of):
        if word is not None:
            start, end = tokens.spans[token]
            assert tokens.words[word].start <= end
            assert start < tokens.words[word].end
    assert tokens.spans[tokens.deciding[2]] != (14, 15)  # not the bracket of "(who)"
    assert [len(pieces) > 0 for pieces in tokens.pieces] == [True] * 5


def test_a_slow_tokenizer_is_refused(folders, monkeypatch):
    class Slow:
        is_fast = False
        all_special_tokens = ()
        model_max_length = 10

        def get_vocab(self):
            return {"a": 0}

    reader = tokenizer_files.PreTrainedTokenizerFast
    monkeypatch.setattr(reader, "from_pretrained", lambda name: Slow())
    refused(folders["bert"], "has no fast tokenizer")


def test_a_marian_tokenizer_says_where_its_tokens_lie(tmp_path):
    """Marian's own tokenizer is two SentencePiece models, which know nothing of places."""
    tiny_model("marian", tmp_path, labels=None, auto=AutoModelForSeq2SeqLM)
    for file in tmp_path.glob("tokenizer*"):
        file.unlink()
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("\n".join(CORPUS * 3))
    for name in ("source", "target"):
        sentencepiece.SentencePieceTrainer.train(
            input=str(corpus), model_prefix=str(tmp_path / name), vocab_size=80, minloglevel=2
        )
        (tmp_path / f"{name}.model").rename(tmp_path / f"{name}.spm")
    spm = sentencepiece.SentencePieceProcessor(model_file=str(tmp_path / "source.spm"))
    pieces = [spm.id_to_piece(number) for number in range(3, spm.get_piece_size())]
    own = {"<pad>": 0, "<s>": 1, "</s>": 2, "<unk>": 3}
    vocabulary = own | {piece: number for number, piece in enumerate(pieces, start=4)}
    (tmp_path / "vocab.json").write_text(json.dumps(vocabulary))
    (tmp_path / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "MarianTokenizer", "source_lang": "en", "target_lang": "zh"})
    )
    model = bv.load(str(tmp_path), device="cpu")
    assert not model.tokenizer.is_fast
    text = "Steve Jobs was the  co-founder of Apple Inc."
    tokens = model.tokenize(text)
    for token, (start, end), alone in zip(tokens.tokens, tokens.spans, tokens.special, strict=True):
        if not alone:
            assert token == (text[start:end].strip() or "␣")
    assert [word.text for word in tokens.words] == text.split()
    assert all(tokens.pieces)
    run = bv.run(model, text, limit=5)
    assert run.text is not None
    assert bv.run(model, text, forced="Ada lived in London").text == "Ada lived in London"
