"""Gradients through the attention that runs designs, against differences of real runs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

import beaconviz as bv
from beaconviz.optimize.objective import Objective
from beaconviz.optimize.relaxed import Layers, RelaxedRun, select_heads
from beaconviz.optimize.saliency import saliency
from tests.tiny import DECODERS, FAMILIES, tiny_model

TEXT = "Ada Lovelace lived in London, and never saw it."
WORDS = TEXT.split()
STEP = 2**-10  # exact in float32, in which a design's matrices are held
PLACES = [(0, 1), (4, 2), (3, 3), (8, 0)]  # "London," has several tokens
WORD, LABEL = 4, 3


@pytest.fixture(scope="module", params=FAMILIES)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bv.Model:
    return accurate(request.param, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> bv.Model:
    return accurate("bert", tmp_path_factory.mktemp("bert"))


def accurate(family: str, folder: Path) -> bv.Model:
    model = bv.load(str(tiny_model(family, folder)), device="cpu")
    model.network.double()
    return model


def start(reading: bv.attention.Reading) -> bv.Design:
    """A design that is not neutral, so that M and A interact."""
    design = bv.Design.neutral(WORDS, reading=reading).with_cells(beacon=[(4, 1, 2.0), (0, 3, 1.5)])
    return design if reading == "mask" else design.with_cells(marker=[(4, 5, 0.5), (3, 3, 0.25)])


def logit(model: bv.Model, design: bv.Design) -> float:
    run = bv.run(model, TEXT, design)
    return run.logits[run.aligned.deciding[WORD], LABEL].item()


def difference_quotient(
    model: bv.Model, design: bv.Design, name: str, place: tuple[int, int], by: float = STEP
) -> float:
    """The central difference of the logit, from two runs of designs."""
    value = design.value(name, *place)
    above, below = (
        logit(model, design.with_cells(**{name: [(*place, value + step)]})) for step in (by, -by)
    )
    return (above - below) / (2 * by)


@pytest.mark.parametrize(
    ("reading", "name"),
    [
        ("product", "beacon"),
        ("product", "marker"),
        ("gate", "beacon"),
        ("gate", "marker"),
        ("mask", "beacon"),
    ],
)
@pytest.mark.parametrize("layers", ["all", (1, 2)])
def test_gradients_agree_with_differences_of_runs(
    bert: bv.Model, reading: bv.attention.Reading, name: str, layers: Layers
) -> None:
    design = start(reading).targeting(layers=layers)
    baseline = bv.run(bert, TEXT)
    relaxed = RelaxedRun(bert, baseline, reading, select_heads(bert, baseline, layers, "all"))
    neutral = bv.Design.neutral(WORDS, reading=reading).matrix("marker")
    beacon = design.matrix("beacon").double().requires_grad_()
    marker_delta = (design.matrix("marker") - neutral).double().requires_grad_()
    logits = relaxed.logits(beacon, None if reading == "mask" else marker_delta)
    value = logits[baseline.aligned.deciding[WORD], LABEL]
    assert value.item() == pytest.approx(logit(bert, design), abs=1e-9)
    (gradients,) = torch.autograd.grad(value, beacon if name == "beacon" else marker_delta)
    expected = [difference_quotient(bert, design, name, place) for place in PLACES]
    assert max(map(abs, expected)) > 1e-4  # there is something to agree on
    assert [gradients[place].item() for place in PLACES] == pytest.approx(
        expected, rel=1e-3, abs=1e-7
    )


@pytest.mark.parametrize(
    "family", [*FAMILIES, *(name for name in DECODERS if name != "opt")]
)  # OPT labels no tokens
@pytest.mark.parametrize("layers", ["all", (1, 2), (2,)])
def test_a_neutral_edit_gives_the_models_own_logits_in_every_family(
    family: str, layers: Layers, tmp_path: Path
) -> None:
    """Also in families that may not start at a later layer."""
    model = bv.load(str(tiny_model(family, tmp_path)), device="cpu")
    baseline = bv.run(model, TEXT)
    relaxed = RelaxedRun(model, baseline, "product", select_heads(model, baseline, layers, "all"))
    zeros = torch.zeros(len(baseline.words), len(baseline.words))
    assert (relaxed.logits(zeros) - baseline.logits).abs().max() < 1e-5
    cells = [(4, 1, 3.0), (0, 3, -2.0)]
    design = bv.Design.neutral(WORDS).with_cells(beacon=cells).targeting(layers=layers)
    for row, column, value in cells:
        zeros[row, column] = value
    expected = bv.run(model, TEXT, design).logits
    assert (expected - baseline.logits).abs().max() > 1e-4
    assert (relaxed.logits(zeros) - expected).abs().max() < 1e-5


def test_a_gate_that_is_neutral_has_its_gradient(bert: bv.Model) -> None:
    baseline = bv.run(bert, TEXT)
    relaxed = RelaxedRun(bert, baseline, "gate", select_heads(bert, baseline, "all", "all"))
    beacon, marker_delta = (
        torch.zeros(9, 9, dtype=torch.float64, requires_grad=True) for _ in range(2)
    )
    value = relaxed.logits(beacon, marker_delta)[baseline.aligned.deciding[WORD], LABEL]
    (gradients,) = torch.autograd.grad(value, marker_delta)
    expected = difference_quotient(
        bert, bv.Design.neutral(WORDS, reading="gate"), "marker", PLACES[1]
    )
    assert gradients[PLACES[1]].item() == pytest.approx(expected, rel=1e-3, abs=1e-7)


def test_a_heads_gate_scales_the_edit_on_that_head(bert: bv.Model) -> None:
    baseline = bv.run(bert, TEXT)
    relaxed = RelaxedRun(bert, baseline, "product", select_heads(bert, baseline, "all", "all"))
    gates = torch.zeros(bert.layers, bert.heads, dtype=torch.float64)
    gates[1, 2] = 0.5
    beacon = torch.zeros(9, 9, dtype=torch.float64)
    beacon[4, 1] = 6.0
    design = bv.Design.neutral(WORDS).with_cells(beacon=[(4, 1, 3.0)])
    run = bv.run(bert, TEXT, design.targeting(layers=[1], heads=[2]))
    torch.testing.assert_close(relaxed.logits(beacon, gates=gates), run.logits)


def test_saliency_is_what_a_small_beacon_does(model: bv.Model) -> None:
    gradients = saliency(model, TEXT, WORD, "B-ORG", layers=(0, 2), heads=(1, 3))
    neutral = bv.Design.neutral(WORDS).targeting(layers=[0, 2], heads=[1, 3])
    # ModernBERT turns queries and keys in float32, so a smaller step would drown.
    expected = [difference_quotient(model, neutral, "beacon", place, by=2**-4) for place in PLACES]
    assert gradients.shape == (9, 9)
    assert max(map(abs, expected)) > 1e-4
    assert [gradients[place].item() for place in PLACES] == pytest.approx(
        expected, rel=2e-3, abs=1e-6
    )


class TestObjective:
    def test_a_type_begins_or_continues_after_the_words_before(self, bert: bv.Model) -> None:
        baseline = bv.run(bert, TEXT)
        target = Objective({4: "ORG", 5: "ORG", 7: "none"}).target(baseline)
        assert target.tags[4:6] == ("B-ORG", "I-ORG")
        assert target.tags[7] == "O"
        assert target.labels[5] == (4,)  # I-ORG
        assert target.labels[7] == (0,)

    def test_a_verdict_names_the_words_that_lost_their_tags(self, bert: bv.Model) -> None:
        baseline = bv.run(bert, TEXT)
        logits = baseline.logits.clone()
        deciding = baseline.aligned.deciding
        lost = "B-PER" if baseline.tags[7].endswith("ORG") else "B-ORG"  # the model is random
        loc, lost_label = bert.labels.index("B-LOC"), bert.labels.index(lost)
        logits[deciding[4], loc] = 50.0
        logits[deciding[7], lost_label] = 50.0
        target = Objective({4: "LOC"}).target(baseline)
        verdict = target.verdict(replace(baseline, logits=logits))
        assert verdict.labels_reached
        assert 7 in verdict.changed
        assert verdict.probability == pytest.approx(1.0)

    def test_a_bare_encoder_is_refused(self, tmp_path: Path) -> None:
        bare = bv.load(str(tiny_model("bert", tmp_path, labels=None)), device="cpu")
        with pytest.raises(bv.BeaconvizError, match="no labels for words"):
            saliency(bare, TEXT, 0, "PER")
