"""Long texts in windows, on every family and with every kind of tokenizer."""

import pytest
import torch

import beaconviz as bv
from beaconviz.analysis.explain.keywords import key_words
from beaconviz.analysis.explain.windows import windows, words_in
from beaconviz.core.words import split_words
from tests.tiny import DECODERS, FAMILIES, tiny_model
from tests.tokenizers import TOKENIZERS

LONG = " ".join(
    f"Ada Lovelace lived in London, {number}, and never saw it." for number in range(60)
)
CHINESE = "安娜住在奥斯陆。" * 60


@pytest.fixture(scope="module", params=[*FAMILIES, *DECODERS])
def any_model(request, tmp_path_factory):
    folder = tiny_model(request.param, tmp_path_factory.mktemp(request.param), labels=None)
    return bv.load(str(folder), device="cpu", task="feature-extraction")


@pytest.fixture(scope="module", params=sorted(TOKENIZERS))
def tokenized(request, tmp_path_factory):
    """A tiny BERT with a tokenizer of each kind."""
    folder = tiny_model("bert", tmp_path_factory.mktemp(request.param), labels=None)
    TOKENIZERS[request.param]().save_pretrained(folder)
    return bv.load(str(folder), device="cpu")


def check(model, text):
    """Windows that the model takes, of all words, each as the model reads it by itself."""
    parts = windows(model, text)
    assert len(parts) > 1
    for part in parts:
        assert len(part.tokens) <= model.max_tokens
        assert part.tokens.text == text[part.start : part.start + len(part.tokens.text)]
        assert part.tokens.tokens == model.tokenize(part.tokens.text).tokens
    assert [part.first for part in parts[1:]] == [part.numbers.stop for part in parts[:-1]]
    words = words_in(parts)
    assert "".join(word.text for word in words) == "".join(text.split())
    assert all(text[word.start : word.end] == word.text for word in words)
    return parts


def test_windows_are_all_words_in_order_and_end_with_sentences(any_model):
    parts = check(any_model, LONG)
    assert words_in(parts) == split_words(LONG)
    assert all(part.tokens.text.endswith(".") for part in parts)


@pytest.mark.parametrize("text", [LONG, CHINESE])
def test_windows_with_every_kind_of_tokenizer(tokenized, text):
    check(tokenized, text)
    found = key_words(tokenized, text)
    assert found.weights.sum().item() == pytest.approx(1, abs=1e-5)


def test_the_first_word_of_a_window_has_more_tokens_than_after_a_space(tmp_path):
    """The fault that counting tokens in the whole text has: " a" is one token, "a" at the start of
    a window is another; here the windows are as full as can be."""
    folder = tiny_model("gpt2", tmp_path, labels=None)
    TOKENIZERS["byte-level, words after a space"]().save_pretrained(folder)
    model = bv.load(str(folder), device="cpu", task="feature-extraction")
    text = " ".join(["Lovelace"] * 400)
    parts = check(model, text)
    assert len(model.tokenize("Lovelace")) == 2 + 8
    assert len(model.tokenize("Ada Lovelace")) == 2 + 3 + 1
    assert max(len(part.tokens) for part in parts) == model.max_tokens


def test_a_word_above_the_window_says_so(any_model):
    with pytest.raises(bv.BeaconvizError, match=r"characters at a time: put a space into it"):
        windows(any_model, f"{LONG} {'a-' * 400} {LONG}")


def test_one_window_where_the_text_fits(any_model):
    (part,) = windows(any_model, "Ada lived in London.")
    assert part.numbers == slice(0, 4)
    assert torch.equal(
        bv.run(any_model, part.tokens, limit=0).logits,
        bv.run(any_model, "Ada lived in London.", limit=0).logits,
    )
