"""Comprehensiveness and sufficiency by hand, and what is said of them."""

from __future__ import annotations

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
)

import beaconviz as bv
from beaconviz.analysis.explain.faithfulness import Faithful, faithful
from beaconviz.analysis.explain.faithfulness_data import belief, judging
from beaconviz.analysis.explain.target import Said, everything, sayings
from beaconviz.analysis.explain.weights import METHODS, word_weights
from tests.tiny import tiny_model

TEXT = "Ada Lovelace was the co-founder of Apple Inc. in London"
HEADS = {
    "classes": AutoModelForSequenceClassification,
    "answers": AutoModelForQuestionAnswering,
    "mask": AutoModelForMaskedLM,
    "vectors": None,
}


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("faithful")
    folders = {"labels": tiny_model("bert", root / "labels")}
    for name, auto in HEADS.items():
        how = {"auto": auto} if auto else {}
        folders[name] = tiny_model("bert", root / name, labels=None, **how)
    folders["writes"] = tiny_model("llama", root / "writes", labels=None, auto=AutoModelForCausalLM)
    return {name: bv.load(str(folder), device="cpu") for name, folder in folders.items()}


def read(models, name):
    model = models[name]
    text = "Ada Lovelace was <mask> in London, the co-founder" if name == "mask" else TEXT
    second = "She was the founder of Apple Inc." if name == "answers" else None
    return bv.run(model, text, second=second, limit=0 if model.task.writes else None)


def counting(run, *worth, about=()):
    """Something said whose strength is the sum of what each word in sight is worth."""
    value = torch.tensor(worth)

    def value_of(logits, seen):
        deciding = list(run.aligned.deciding)
        return (seen[:, deciding] * value).sum(dim=-1)

    return Said("a sum", "probability", None, about, value_of, lambda logits: logits.sum())


def test_both_areas_by_hand(models, monkeypatch):
    run = read(models, "labels")  # ten words
    worth = [0.3, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.0]
    said = counting(run, *worth)
    ranked = {"received": worth, "rollout": worth[::-1]}
    monkeypatch.setattr(
        "beaconviz.analysis.explain.faithfulness.word_weights",
        lambda run, method, **_: torch.tensor(ranked[method]),
    )
    found = faithful(run, ["received", "rollout"], said=said, shares=(0.1, 0.2, 0.5), draws=40)
    assert found.before == pytest.approx(1.0)
    assert found.counts == (1, 2, 5)
    taken, kept = found.comprehensiveness["received"], found.sufficiency["received"]
    assert taken.tolist() == pytest.approx([0.3, 0.5, 0.8])
    assert kept.tolist() == pytest.approx([0.7, 0.5, 0.2])
    assert found.comprehensiveness["rollout"].tolist() == pytest.approx([0.0, 0.05, 0.2])
    table = found.table().set_index("method")
    assert table.loc["received", "comprehensiveness"] == pytest.approx(1.6 / 3)
    assert table.loc["received", "beats"] == 1.0
    assert table.loc["random", "comprehensiveness"] == pytest.approx(0.8 / 3, abs=0.05)
    assert "hangs on these words" in table.loc["received", "verdict"]
    assert "no better than random" in table.loc["rollout", "verdict"]


def test_what_it_is_about_is_never_taken_away(models):
    run = read(models, "labels")
    said = counting(run, *[1.0] * 10, about=(0, 1, 2, 3))
    found = faithful(run, ["received"], said=said, shares=(1.0,), draws=3)
    assert found.counts == (6,)
    assert found.comprehensiveness["received"].tolist() == pytest.approx([6.0])
    assert found.sufficiency["received"].tolist() == pytest.approx([0.0])


@pytest.mark.parametrize("name", ["labels", *HEADS, "writes"])
def test_it_is_measured_on_every_kind_of_model(name, models):
    run = read(models, name)
    said = everything(run)
    own = said.value(run.logits[None], torch.ones(1, len(run.aligned), dtype=torch.bool))
    found = faithful(run, said=said, draws=6, shares=(0.2, 0.5))
    assert found.before == pytest.approx(float(own), abs=1e-5)
    assert list(found.comprehensiveness) == list(METHODS)
    assert len(found.table()) == len(METHODS) + 1
    assert found.random[0].std() > 0


def test_words_are_taken_away_as_by_the_models_own_mask(models):
    run = read(models, "classes")
    said = everything(run)
    found = faithful(run, ["received"], said=said, shares=(0.3,), draws=2)
    top = word_weights(run, "received", said=said).topk(3).indices.tolist()
    seen = torch.tensor([[word not in top for word in run.aligned.word_of]])
    ids = torch.tensor([run.aligned.ids])
    with torch.no_grad():
        logits = run.model.network(input_ids=ids, attention_mask=seen.long()).logits
    best = run.logits.argmax()
    change = run.logits.softmax(-1)[best] - logits[0].softmax(-1)[best]
    assert found.comprehensiveness["received"].item() == pytest.approx(change.item(), abs=1e-5)


def test_an_edited_run_is_tested_as_edited(models):
    design = bv.Design.neutral(TEXT.split()).with_cells(beacon=[("*", 6, 60.0)])
    edited = bv.run(models["classes"], TEXT, design)
    plain = bv.run(models["classes"], TEXT)
    one, two = (faithful(run, ["received"], draws=4) for run in (plain, edited))
    assert one.before != pytest.approx(two.before, abs=1e-6)
    assert not torch.allclose(one.random[0], two.random[0], atol=1e-6)


def test_a_text_that_leaves_nothing_to_take_away_is_refused(models):
    run = bv.run(models["classes"], "Apple")
    with pytest.raises(bv.BeaconvizError, match="fewer than 2 words"):
        faithful(run)


def test_a_text_without_entities_has_nothing_to_explain(models, monkeypatch):
    run = read(models, "labels")
    monkeypatch.setattr(type(run), "entities", [])
    with pytest.raises(bv.BeaconvizError, match="finds no entity"):
        sayings(run)


def data(models, count=8):
    words = TEXT.split()
    return [" ".join(words[n % 3 :] + words[: n % 3]) for n in range(count)]


def test_many_texts_are_compared_in_pairs(models):
    texts = [*data(models), "Apple"]
    judged = list(judging(models["classes"], texts, ["received", "integrated"]))
    assert judged[-1] is None
    found = belief(models["classes"], ["received", "integrated"], judged)
    assert found.left_out == 1
    table = found.table().set_index("method")
    mean = sum(one.comprehensiveness["received"] for one in judged[:-1]) / 8
    chance = sum(one.comprehensiveness["random"] for one in judged[:-1]) / 8
    assert table.loc["received", "comprehensiveness"] == pytest.approx(mean)
    assert table.loc["received", "over_random"] == pytest.approx(mean - chance)
    assert table.loc["received", "low"] <= mean - chance <= table.loc["received", "high"]
    assert 0 <= table.loc["received", "p"] <= 1
    with pytest.raises(bv.BeaconvizError, match="says nothing that could be tested"):
        belief(models["classes"], ["received"], [None])


def verdicts(taken, texts=12):
    """Of methods that take away so much more than random words, with a little noise."""
    from beaconviz.analysis.explain.faithfulness_data import Belief, Judged

    noise = [0.001 * (n % 5) for n in range(texts)]
    judged = [
        Judged("", {name: value + e for name, value in taken.items()} | {"random": 0.1}, taken)
        for e in noise
    ]
    kept = [Judged(one.text, one.comprehensiveness, one.comprehensiveness) for one in judged]
    frame = Belief("any", tuple(taken), tuple(kept)).table()
    return dict(zip(frame["method"], frame["verdict"], strict=True))


def test_verdicts_say_what_the_numbers_do():
    said = verdicts({"received": 0.3, "rollout": 0.05, "gradient": 0.6, "integrated": 0.5})
    assert (
        said["received"]
        == "better than random words; integrated gradients find words that matter more"
    )
    assert said["rollout"].startswith("not shown to be better than random words")
    assert said["gradient"] == "better than random words, and than integrated gradients"
    assert said["integrated"] == "better than random words"
    few = verdicts({"received": 0.3, "integrated": 0.5}, texts=3)
    assert few["received"].startswith("not shown")


def test_curves_have_a_band_of_random_words():
    draws = torch.linspace(0, 1, 21)[:, None].expand(-1, 2)
    some = {"received": torch.tensor([0.1, 0.2])}
    found = Faithful("it", "probability", 0.9, (0.1, 0.5), (1, 2), some, some, (draws, draws))
    frame = found.curves()
    chance = frame[(frame["method"] == "random") & (frame["measure"] == "comprehensiveness")]
    assert chance["low"].tolist() == pytest.approx([0.05, 0.05])
    assert chance["high"].tolist() == pytest.approx([0.95, 0.95])
    assert set(frame["measure"]) == {"comprehensiveness", "sufficiency"}
