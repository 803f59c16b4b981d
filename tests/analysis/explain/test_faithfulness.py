"""Comprehensiveness and sufficiency by hand, and the verdicts on them."""

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
from beaconviz.analysis.explain.faithfulness_data import (
    LeftOut,
    TextResult,
    TextsResult,
    reasons,
    results_by_text,
    texts_result,
)
from beaconviz.analysis.explain.weights import METHODS, word_weights
from beaconviz.models.tasks.values import Statement
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

    return Statement("a sum", "probability", None, about, value_of, lambda logits: logits.sum())


def test_both_areas_by_hand(models, monkeypatch):
    run = read(models, "labels")  # ten words
    worth = [0.3, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.0]
    said = counting(run, *worth)
    ranked = {"received": worth, "rollout": worth[::-1]}
    monkeypatch.setattr(
        "beaconviz.analysis.explain.faithfulness.word_weights",
        lambda run, method, **_: torch.tensor(ranked[method]),
    )
    found = faithful(run, ["received", "rollout"], statement=said, shares=(0.1, 0.2, 0.5), draws=40)
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
    assert table.loc["received", "verdict"].startswith("faithful: ")
    assert "no better than random" in table.loc["rollout", "verdict"]


def test_what_it_is_about_is_never_taken_away(models):
    run = read(models, "labels")
    said = counting(run, *[1.0] * 10, about=(0, 1, 2, 3))
    found = faithful(run, ["received"], statement=said, shares=(1.0,), draws=3)
    assert found.counts == (6,)
    assert found.comprehensiveness["received"].tolist() == pytest.approx([6.0])
    assert found.sufficiency["received"].tolist() == pytest.approx([0.0])


@pytest.mark.parametrize("name", ["labels", *HEADS, "writes"])
def test_it_is_measured_on_every_kind_of_model(name, models):
    run = read(models, name)
    said = run.output.whole_statement()
    own = said.value(run.logits[None], torch.ones(1, len(run.aligned), dtype=torch.bool))
    found = faithful(run, statement=said, draws=6, shares=(0.2, 0.5))
    assert found.before == pytest.approx(float(own), abs=1e-5)
    assert list(found.comprehensiveness) == list(METHODS)
    assert len(found.table()) == len(METHODS) + 1
    assert found.random[0].std() > 0


def test_words_are_taken_away_as_by_the_models_own_mask(models):
    run = read(models, "classes")
    said = run.output.whole_statement()
    found = faithful(run, ["received"], statement=said, shares=(0.3,), draws=2)
    top = word_weights(run, "received", statement=said).topk(3).indices.tolist()
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
    monkeypatch.setattr(type(run.output), "entities", [])
    with pytest.raises(bv.BeaconvizError, match="finds no entity"):
        run.output.statements()


def data(models, count=8):
    words = TEXT.split()
    return [" ".join(words[n % 3 :] + words[: n % 3]) for n in range(count)]


def test_many_texts_are_compared_in_pairs(models):
    texts = [*data(models), "Apple"]
    methods = ["received", "integrated"]
    judged = list(results_by_text(models["classes"], texts, methods))
    assert "fewer than 2 words" in judged[-1].reason
    found = texts_result(models["classes"], methods, judged)
    assert found.left_out == (judged[-1],)
    table = found.table().set_index("method")
    mean = sum(one.comprehensiveness["received"] for one in judged[:-1]) / 8
    chance = sum(one.comprehensiveness["random"] for one in judged[:-1]) / 8
    assert table.loc["received", "comprehensiveness"] == pytest.approx(mean)
    assert table.loc["received", "over_random"] == pytest.approx(mean - chance)
    assert table.loc["received", "low"] <= mean - chance <= table.loc["received", "high"]
    assert 0 <= table.loc["received", "p"] <= 1


def test_texts_that_cannot_be_tested_are_left_out_with_the_reason(models):
    model = models["classes"]
    texts = ["Apple", "", TEXT, "London", " ".join(["Ada"] * 400)]
    found = texts_result(model, ["received"], list(results_by_text(model, texts, ["received"])))
    (fewer, twice), *others = found.to_dict()["left_out_because"].items()
    assert "fewer than 2 words" in fewer  # "Apple" and "London" are one reason
    assert twice == 2
    assert [count for _, count in others] == [1, 1]
    assert {"empty", "takes at most"} == {
        part for part in ("empty", "takes at most") for why, _ in others if part in why
    }


def test_errors_of_every_text_come_through(models):
    model = models["classes"]

    def too_far(words):
        return bv.presets.boost(words, word=50)

    results = list(results_by_text(model, data(models), ["received"], design_for=too_far))
    with pytest.raises(bv.BeaconvizError, match=r"none of 8 texts could.*: word is 50") as error:
        texts_result(model, ["received"], results)
    assert "\n" not in str(error.value)


def test_reasons_are_counted_whatever_their_numbers():
    left = [LeftOut("has 7 words"), LeftOut("is empty"), LeftOut("has 12 words")]
    assert reasons(left) == {"has 7 words": 2, "is empty": 1}


def one_text(area, *, before=1.0, draws, reference=None):
    """The verdict on a method that takes away `area`, beside random choices that take away
    `draws`."""
    areas = {"received": torch.tensor([area])}
    if reference is not None:
        areas["integrated"] = torch.tensor([reference])
    chance = torch.tensor(draws)[:, None]
    found = Faithful("it", "probability", before, (0.1,), (1,), areas, areas, (chance, chance))
    return found.verdict("received")


@pytest.mark.parametrize(("beaten", "faithful"), [(19, True), (18, False), (10, False)])
def test_faithful_beats_95_percent_of_random_choices(beaten, faithful):
    draws = [0.1] * beaten + [0.9] * (20 - beaten)
    assert one_text(0.5, draws=draws).startswith("faithful") == faithful


@pytest.mark.parametrize(
    ("before", "area", "faithful"),
    [(0.998, 0.014, False), (0.998, 0.098, False), (0.998, 0.101, True), (-4.0, 0.5, True)],
)
def test_faithful_is_a_fall_that_counts(before, area, faithful):
    told = one_text(area, before=before, draws=[0.001] * 20)
    assert told.startswith("faithful") == faithful
    assert f"{area:.3f} of {before:.3f}" in told


@pytest.mark.parametrize(("reference", "faithful"), [(0.62, True), (0.63, False), (0.4, True)])
def test_faithful_is_near_to_the_reference(reference, faithful):
    """Of the reference's lead over random words (0.52, 0.53) a fifth may be missing."""
    told = one_text(0.52, draws=[0.1] * 20, reference=reference)
    assert told.startswith("faithful") == faithful
    assert ("matter more" in told) == (not faithful)


def row(**changes):
    """Of the table of many texts: a method that is better than random words."""
    told = {"method": "received", "p": 0.001, "over_random": 0.1, "p_gradients": 0.56}
    told |= {"over_gradients": -0.009, "low_gradients": -0.02, "high_gradients": 0.003}
    return told | {"equal_within": 0.021} | changes


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        (
            {},
            "equal to integrated gradients within 0.021 (p = 0.56, 90 % interval -0.020 to 0.003)",
        ),
        ({"low_gradients": -0.022}, "undecided"),
        ({"high_gradients": 0.022}, "undecided"),
        ({"equal_within": 0.0}, "undecided"),
        ({"p_gradients": 0.049, "high_gradients": -0.001}, "find words that matter more"),
        ({"p_gradients": 0.051, "high_gradients": -0.001}, "equal to"),
        ({"p_gradients": 0.049, "low_gradients": 0.001}, "and than integrated gradients"),
        ({"p_gradients": 0.051, "low_gradients": 0.001}, "equal to"),
        ({"p_gradients": 0.01, "low_gradients": -0.003, "high_gradients": 0.04}, "undecided"),
        ({"p": 0.051}, "not shown to be better than random words (p = 0.051)"),
        ({"over_random": -0.1}, "not shown to be better than random words"),
        ({"method": "integrated"}, "better than random words"),
    ],
)
def test_what_was_not_found_is_not_called_equal(changes, verdict):
    from beaconviz.analysis.explain.faithfulness_data import verdict as verdict_on

    assert verdict in verdict_on(row(**changes))


def verdicts(taken, texts=12, noise=0.001):
    """Of methods that take away so much more than random words, with a little noise."""
    spread = [noise * (n % 5) for n in range(texts)]
    each = [
        {name: value + (n % 2 or -1) * e for name, value in taken.items()}
        for n, e in enumerate(spread)
    ]
    results = [TextResult("", areas | {"random": 0.1}, areas | {"random": 0.1}) for areas in each]
    frame = TextsResult("any", tuple(taken), tuple(results)).table()
    return frame.set_index("method")["verdict"]


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


def test_the_bound_is_a_fifth_of_the_references_lead():
    areas = [{"received": 0.49, "integrated": 0.5, "random": 0.1} for _ in range(12)]
    result = TextsResult(
        "any", ("received", "integrated"), tuple(TextResult("", a, a) for a in areas)
    )
    table = result.table().set_index("method")
    assert table.loc["received", "equal_within"] == pytest.approx(0.2 * 0.4)


def test_curves_have_a_band_of_random_words():
    draws = torch.linspace(0, 1, 21)[:, None].expand(-1, 2)
    some = {"received": torch.tensor([0.1, 0.2])}
    found = Faithful("it", "probability", 0.9, (0.1, 0.5), (1, 2), some, some, (draws, draws))
    frame = found.curves()
    chance = frame[(frame["method"] == "random") & (frame["measure"] == "comprehensiveness")]
    assert chance["low"].tolist() == pytest.approx([0.05, 0.05])
    assert chance["high"].tolist() == pytest.approx([0.95, 0.95])
    assert set(frame["measure"]) == {"comprehensiveness", "sufficiency"}
