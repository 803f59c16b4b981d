"""A scan against separate runs, and its measures against sums by hand."""

import pytest
import torch
from transformers import AutoModelForSeq2SeqLM

import beaconviz as bv
from beaconviz.analysis.scan import (
    Divergence,
    LabelScore,
    Scan,
    at_heads,
    effect_of,
    entity_score,
    scan,
    scanning,
)
from beaconviz.core.interventions import READINGS
from beaconviz.models.tasks.entities import Entity
from tests.tiny import FAMILIES, tiny_head, tiny_model

TEXT = "Ada Lovelace was the co-founder of Apple Inc."
WORDS = TEXT.split()
ORG = LabelScore("ORG", (6, 7))


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    folders = {family: tiny_model(family, root / family) for family in FAMILIES}
    folders["bare"] = tiny_model("bert", root / "bare", labels=None)
    return {name: bv.load(str(folder), device="cpu") for name, folder in folders.items()}


@pytest.fixture(scope="module")
def bert(models):
    return models["bert"]


def lopsided(reading):
    """Two stacked edits of unlike rows, aimed at heads that a scan does not look at."""
    design = bv.Design.neutral(WORDS, reading=reading).stacked(bv.Edit(heads=(1, 2)))
    design = design.targeting(layers=[1])
    value = 0.0 if reading == "mask" else 0.5
    design = design.with_cells(marker=[(1, 3, value), (0, 5, 0.0)], beacon=[(2, 6, 9.0)])
    return design.with_cells(marker=[(6, 2, value)], beacon=[("*", 0, -6.0)], edit=1)


def by_hand(one, label, words):
    columns = [n for n, name in enumerate(one.model.labels) if name.endswith(label)]
    return one.output.probabilities[list(words)][:, columns].sum(dim=1).mean().item()


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("family", FAMILIES)
def test_a_scan_equals_separate_runs(models, family, reading):
    model, design = models[family], lopsided(reading)
    found = scan(model, TEXT, design, ORG)
    baseline = bv.run(model, TEXT)
    assert found.before == pytest.approx(by_hand(baseline, "ORG", (6, 7)), abs=1e-6)
    expected = torch.zeros(model.layers, model.heads)
    for layer in range(model.layers):
        for head in range(model.heads):
            one = bv.run(model, TEXT, at_heads(design, {layer: (head,)}))
            expected[layer, head] = by_hand(one, "ORG", (6, 7)) - found.before
    assert torch.allclose(found.effect, expected, atol=1e-6)
    assert expected.abs().max() > 3e-5
    assert found.effect.flatten().unique().numel() > model.heads  # not one value for all


@pytest.mark.parametrize("name", ["bert", "bare"])
def test_divergence_of_all_outputs_equals_separate_runs(models, name):
    model, design = models[name], lopsided("product")
    found = scan(model, TEXT, design, Divergence())
    assert (found.before, found.signed) == (pytest.approx(0, abs=1e-9), False)
    assert found.unit == ("nats" if name == "bert" else "cosine distance")
    baseline = bv.run(model, TEXT)
    for layer, head in [(0, 3), (2, 1)]:
        one = bv.run(model, TEXT, at_heads(design, {layer: (head,)}))
        if name == "bert":
            p, q = baseline.output.probabilities.double(), one.output.probabilities.double()
            middle = (p + q) / 2
            pulls = [(x * (x / middle).log()).sum(dim=1) for x in (p, q)]
            expected = (sum(pulls) / 2).mean()
        else:
            rows = list(baseline.aligned.deciding)
            p, q = baseline.logits[rows], one.logits[rows]
            expected = (1 - (p * q).sum(1) / p.norm(dim=1) / q.norm(dim=1)).mean()
        assert found.effect[layer, head].item() == pytest.approx(expected.item(), abs=1e-6)
        assert effect_of(Divergence(), baseline, one) == pytest.approx(expected.item(), abs=1e-6)
    assert found.effect.min() > -1e-7


@pytest.mark.parametrize("batch", [1, 3, 100])
def test_how_many_heads_go_at_once_changes_nothing(bert, batch):
    told = []
    design = lopsided("gate")
    found = scan(bert, TEXT, design, ORG, batch=batch, progress=lambda *done: told.append(done))
    assert torch.allclose(found.effect, scan(bert, TEXT, design, ORG).effect, atol=1e-6)
    assert told[-1] == (12, 12)
    assert len(told) == {1: 12, 3: 6, 100: 3}[batch]


def test_a_design_on_tokens_is_scanned_too(bert):
    names = bert.tokenize(TEXT).names("token")
    design = bv.Design.neutral(names, unit="token").with_cells(beacon=[("*", 0, 30.0)])
    assert scan(bert, TEXT, design, ORG).effect.abs().max() > 1e-3


def test_a_model_that_writes_another_text_is_refused(tmp_path):
    folder = tiny_model("bart", tmp_path, labels=None, auto=AutoModelForSeq2SeqLM)
    with pytest.raises(bv.BeaconvizError, match="a scan is for models of one text"):
        scan(bv.load(str(folder), device="cpu"), TEXT, bv.Design.neutral(WORDS), Divergence())


def test_a_neutral_design_does_nothing(bert):
    found = scan(bert, TEXT, bv.Design.neutral(WORDS), ORG)
    assert found.effect.tolist() == [[0.0] * 4] * 3


def test_it_grows_layer_by_layer(bert):
    parts = list(scanning(bert, bv.run(bert, TEXT), lopsided("product"), ORG))
    assert [part.done for part in parts] == [4, 8, 12]
    assert parts[0].effect[1:].isnan().all()
    assert len(parts[0].ranked()) == 4
    assert torch.equal(parts[0].effect[0], parts[2].effect[0])


def test_labels_are_types_or_the_models_own(bert):
    one = bv.run(bert, TEXT)
    probabilities = dict(zip(one.model.labels, one.output.probabilities[6].tolist(), strict=True))
    for label, expected in {
        "B-ORG": probabilities["B-ORG"],
        "ORG": probabilities["B-ORG"] + probabilities["I-ORG"],
        "O": probabilities["O"],
    }.items():
        value = LabelScore(label, (6,)).values(one, one.logits[None])
        assert value.tolist() == pytest.approx([expected], abs=1e-6)


def test_an_entity_is_its_words(bert):
    tokens = bert.tokenize('He left "Apple Inc.", then')
    entity = Entity("Apple Inc.", "ORG", 9, 19, 0.9)
    assert entity_score(tokens, entity) == LabelScore("ORG", (2, 3))
    assert tokens.words_between(0, 3) == (0,)


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        (LabelScore("BIRD", (0,)), "'BIRD'; .* has O, PER, ORG, LOC"),
        (LabelScore("ORG", (8,)), "8; expected a number from 0 to 7"),
        (LabelScore("ORG", (-1,)), "-1; expected"),
        (LabelScore("ORG", (True,)), "True; expected"),
        (LabelScore("ORG", ()), "expected at least one"),
    ],
)
def test_what_does_not_exist_is_told_in_one_line(bert, measure, message):
    with pytest.raises(bv.BeaconvizError, match=message) as error:
        scan(bert, TEXT, lopsided("product"), measure)
    assert "\n" not in str(error.value)


def test_a_word_the_model_does_not_see_and_a_model_without_labels(models):
    text = "Ada \ufffd Apple"
    with pytest.raises(bv.BeaconvizError, match="has no token"):
        scan(models["bert"], text, bv.Design.neutral(text.split()), LabelScore("PER", (1,)))
    with pytest.raises(bv.BeaconvizError, match="has no token for any word"):
        scan(models["bert"], "\ufffd", bv.Design.neutral(["\ufffd"]), Divergence())
    with pytest.raises(bv.BeaconvizError, match="measure all outputs instead"):
        scan(models["bare"], TEXT, lopsided("product"), ORG)


def test_another_texts_design_is_refused(bert):
    with pytest.raises(bv.DesignError, match="words"):
        scan(bert, "Somebody else", lopsided("product"), Divergence())


class TestRanking:
    found = Scan("", "", True, 0.5, torch.tensor([[0.1, -0.4, 0.0], [float("nan"), 0.3, -0.2]]))

    def ranks(self, direction):
        return [(layer, head) for layer, head, _ in self.found.ranked(direction)]

    def test_by_size_or_by_direction(self):
        assert self.ranks("either") == [(0, 1), (1, 1), (1, 2), (0, 0), (0, 2)]
        assert self.ranks("up") == [(1, 1), (0, 0)]
        assert self.ranks("down") == [(0, 1), (1, 2)]

    def test_the_best_are_a_target(self):
        assert self.found.best(3) == {0: (1,), 1: (1, 2)}
        assert self.found.best(9, "up") == {0: (0,), 1: (1,)}
        with pytest.raises(bv.BeaconvizError, match="0; expected 1 or more"):
            self.found.best(0)

    def test_a_design_at_the_best_does_what_they_do_together(self, bert):
        design = lopsided("product")
        found = scan(bert, TEXT, design, ORG)
        ((layer, head, effect),) = found.ranked()[:1]
        aimed = at_heads(design, found.best(1))
        assert [edit.heads for edit in aimed.edits] == [{layer: (head,)}] * 2
        one = bv.compare(bert, TEXT, aimed)
        assert effect_of(ORG, one.baseline, one.edited) == pytest.approx(effect, abs=1e-5)


def test_edits_of_a_decoder_are_not_scanned(tmp_path):
    folder = tiny_head("bart", "BartForSequenceClassification", tmp_path)
    model, words = bv.load(str(folder), device="cpu"), ("Ada", "saw", "London")
    own = bv.Edit(beacon=(("*", 0, 9.0),))
    cross = bv.Edit(beacon=(("*", 0, 9.0),), attention="cross")
    with pytest.raises(bv.BeaconvizError, match=r"edits\[1\] acts on attention 'cross'"):
        scan(model, " ".join(words), bv.Design(words, (own, cross)), Divergence())
    neutral = bv.Design(words, (own, bv.Edit(attention="cross")))
    assert scan(model, " ".join(words), neutral, Divergence()).effect.max() > 0
