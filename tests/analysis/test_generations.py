"""Two texts side by side, and where each word's information went."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM

import beaconviz as bv
from beaconviz.analysis.generations import DROPPED, source_weights, steps
from beaconviz.core.words import Tokens, find_words
from beaconviz.models.generation import Generation
from beaconviz.models.tasks.rewrites import Rewrite, rewrites
from tests.tiny import TRANSLATORS, tiny_model

TEXT = "Ada Lovelace was the co-founder of Apple Inc. in London"
FORCED = "Apple fell over the lazy computer"  # words of several tokens


@pytest.fixture(scope="module", params=TRANSLATORS)
def run(request, tmp_path_factory):
    folder = tiny_model(
        request.param,
        tmp_path_factory.mktemp(request.param),
        labels=None,
        auto=AutoModelForSeq2SeqLM,
    )
    return bv.run(bv.load(str(folder), device="cpu"), TEXT, forced=FORCED)


def written(text: str, ended: bool = True) -> Generation:
    """A text whose tokens are its characters, with the token that ends it."""
    count = len(text)
    tokens = Tokens(
        text=text,
        words=find_words(text),
        tokens=(*text, *["</s>"] * ended),
        ids=(*map(ord, text), *[0] * ended),
        word_of=(*[None] * count, *[None] * ended),
        spans=(*((n, n + 1) for n in range(count)), *[(count, count)] * ended),
        special=(*[False] * count, *[True] * ended),
    )
    return Generation(tokens, tokens, torch.zeros(len(tokens), 1))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("abc", "abc", []),
        ("abcd", "axyd", [Rewrite("bc", "xy", (1, 3), (1, 3))]),
        ("ab", "aXb", [Rewrite("", "X", (1, 1), (1, 2))]),
        ("aXbYc", "abc", [Rewrite("X", "", (1, 2), (1, 1)), Rewrite("Y", "", (3, 4), (2, 2))]),
        ("", "ab", [Rewrite("", "ab", (0, 0), (0, 2))]),
        ("a b", "a", [Rewrite("b", "", (1, 3), (1, 1))]),
    ],
)
def test_what_was_written_otherwise(before, after, expected):
    assert rewrites(written(before), written(after)) == expected


def test_a_text_that_only_ends_otherwise():
    assert rewrites(written("ab"), written("ab", ended=False)) == [Rewrite("", "", (2, 3), (2, 2))]


def test_a_rewrite_is_said():
    assert str(Rewrite("猫", "狗", (0, 1), (0, 1))) == "猫 → 狗"
    assert str(Rewrite("", "狗", (0, 0), (0, 1))) == "nothing → 狗"


@pytest.mark.parametrize("place", [(None, None), (1, None), (2, 1)])
def test_information_weights_are_attention_summed_over_steps(run, place):
    layer, head = place
    frame = source_weights(run, layer, head)
    assert list(frame["word"]) == run.words
    own = [step for step, special in enumerate(run.generation.tokens.special) if not special]
    assert len(own) > len(run.generation.tokens.words)  # it is steps that count, not words
    assert frame["weight"].sum() == pytest.approx(len(own), abs=1e-4)
    layers = range(run.model.sizes["cross"].layers) if layer is None else [layer]
    heads = range(run.model.sizes["cross"].heads) if head is None else [head]
    paid = sum(run.weights(n, [h], attention="cross")[0] for n in layers for h in heads)
    direct = []
    for word in range(len(run.words)):
        total = 0.0
        for step in own:
            to_words = sum(
                float(paid[step, t]) for t, w in enumerate(run.aligned.word_of) if w is not None
            )
            to_word = sum(
                float(paid[step, t]) for t, w in enumerate(run.aligned.word_of) if w == word
            )
            total += to_word / to_words
        direct.append(total)
    assert frame["weight"].tolist() == pytest.approx(direct, abs=1e-4)
    even = len(own) / len(run.words)
    assert frame["dropped"].tolist() == [weight < DROPPED * even for weight in direct]


def test_a_word_that_nobody_looks_at_is_dropped(run):
    cut = bv.Edit(beacon=(("*", 4, -500.0),), attention="cross")
    design = bv.Design(TEXT.split(), (cut,))
    frame = source_weights(bv.run(run.model, TEXT, design, forced=FORCED))
    assert frame.loc[4, "weight"] < 1e-6
    assert frame.loc[4, "dropped"]
    assert frame["weight"].sum() == pytest.approx(
        sum(not special for special in run.generation.tokens.special), abs=1e-4
    )


def test_every_step_with_what_was_likely_there(run):
    frame = steps(run, 3)
    assert list(frame.columns) == ["step", "written", "token", "probability", "rank"]
    for step, number in enumerate(run.generation.tokens.ids):
        chances = torch.softmax(run.generation.logits[step], dim=-1)
        some = frame[frame["step"] == step]
        best = chances.topk(3)
        assert list(some["probability"][:3]) == pytest.approx(best.values.tolist(), abs=1e-6)
        assert list(some["token"][:3]) == [run.model.spell(int(one)) for one in best.indices]
        assert list(some["rank"][:3]) == [1, 2, 3]
        assert set(some["written"]) == {run.model.spell(number)}
        if number in best.indices:
            assert len(some) == 3
            continue
        assert len(some) == 4
        assert some["probability"].iloc[3] == pytest.approx(float(chances[number]), abs=1e-6)
        assert some["rank"].iloc[3] == 1 + int((chances > chances[number]).sum())


def test_steps_of_a_run_that_wrote_nothing(tmp_path):
    run = bv.run(bv.load(str(tiny_model("bert", tmp_path)), device="cpu"), TEXT)
    assert steps(run).empty
    with pytest.raises(bv.BeaconvizError, match="attention is 'cross'"):
        source_weights(run)
