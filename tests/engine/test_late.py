"""Layers that give some of their rows, against runs in which they give all of them."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoModelForSequenceClassification

import beaconviz as bv
from beaconviz.core.interventions import READINGS
from beaconviz.engine.late import put_back
from beaconviz.runs.execute import run_logits
from beaconviz.runs.steer import compile_for
from tests.tiny import DECODERS, FAMILIES, tiny_model

TEXT = "Ada Lovelace was the co-founder of Apple Inc."
WORDS = TEXT.split()
LAYERS = 3
CELLS = {"one row": [(3, 1, 9.0)], "every row": [("*", 0, 6.0), (3, 1, 9.0)]}


@pytest.fixture(scope="module", params=[*FAMILIES, *DECODERS])
def model(request, tmp_path_factory):
    folder = tiny_model(request.param, tmp_path_factory.mktemp("tiny"), labels=None)
    return bv.load(str(folder), device="cpu")


@pytest.fixture(scope="module")
def baseline(model):
    return bv.run(model, TEXT)


def edited(beacon, *, layer, head, reading="gate"):
    design = bv.Design.neutral(WORDS, reading=reading).with_cells(
        marker=[(2, 0, 0.0), (3, 2, 0.0)], beacon=beacon
    )
    return design.targeting(layers=[layer], heads=[head])


@pytest.mark.parametrize("layer", range(LAYERS))
@pytest.mark.parametrize("cells", CELLS)
def test_the_logits_are_those_of_a_whole_run(model, baseline, cells, layer):
    designs = [edited(CELLS[cells], layer=layer, head=head) for head in (0, 2)]
    edits = [compile_for(model, design, baseline.aligned) for design in designs]
    expected = torch.stack([bv.run(model, TEXT, design).logits for design in designs])
    assert (expected - baseline.logits).abs().max() > 1e-4
    assert (run_logits(model, baseline, edits) - expected).abs().max() < 1e-5
    for rows in ([1, 4, 5], [0], list(range(len(baseline.aligned)))):
        found = run_logits(model, baseline, edits, rows)
        assert found.shape == expected.shape
        assert (found - expected)[:, rows].abs().max() < 1e-5


@pytest.mark.parametrize("reading", READINGS)
def test_rows_that_take_the_scores_of_others_are_seen(model, baseline, reading):
    design = edited(CELLS["one row"], layer=0, head=1, reading=reading)
    if reading == "product":  # row 5 attends the way of row 2
        design = design.with_cells(marker=[(5, 2, 1.0), (5, 5, 0.5)])
    expected = bv.run(model, TEXT, design).logits
    edits = [compile_for(model, design, baseline.aligned)]
    assert (run_logits(model, baseline, edits, [2, 6])[0] - expected)[[2, 6]].abs().max() < 1e-5


@pytest.mark.parametrize("layers", [(0, 2), (2, 0), (1, 2), (2, 1)])
def test_a_call_starts_at_the_lowest_layer_that_any_sample_edits(model, baseline, layers):
    designs = [edited(CELLS["one row"], layer=layer, head=1) for layer in layers]
    edits = [compile_for(model, design, baseline.aligned) for design in designs]
    expected = torch.stack([bv.run(model, TEXT, design).logits for design in designs])
    assert (run_logits(model, baseline, edits) - expected).abs().max() < 1e-5
    stack = designs[0].stacked(designs[1].edits[0])
    whole = bv.run(model, TEXT, stack)
    late = bv.run(model, TEXT, stack, baseline=baseline)
    assert (late.logits - whole.logits).abs().max() < 1e-5


def test_nothing_that_is_asked_for_is_edited(model, baseline):
    design = edited(CELLS["one row"], layer=LAYERS - 1, head=1)
    edits = [compile_for(model, design, baseline.aligned)] * 2
    found = run_logits(model, baseline, edits, [0])
    assert (found[:, 0] - baseline.logits[0]).abs().max() < 1e-5


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("auto", [AutoModelForMaskedLM, AutoModelForSequenceClassification])
def test_heads_over_few_tokens_or_over_the_whole_text(family, auto, tmp_path):
    model = bv.load(str(tiny_model(family, tmp_path, labels=None, auto=auto)), device="cpu")
    baseline = bv.run(model, TEXT)
    rows = None if model.task.name == "text-classification" else [1, 2]
    for layer in range(LAYERS):
        design = edited(CELLS["every row"], layer=layer, head=1)
        edits = [compile_for(model, design, baseline.aligned)] * 2
        found, expected = run_logits(model, baseline, edits, rows), bv.run(model, TEXT, design)
        some = slice(None) if rows is None else rows
        assert (found[1] - expected.logits)[some].abs().max() < 1e-5


def test_a_call_that_fails_leaves_nothing_behind(model, baseline, monkeypatch):
    design = edited(CELLS["one row"], layer=0, head=1)
    edits = [compile_for(model, design, baseline.aligned)]
    before = run_logits(model, baseline, edits)

    def broken(*_, **__):
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr("beaconviz.engine.attend.AttentionCall.untouched", broken)
        with pytest.raises(RuntimeError, match="broken"):
            run_logits(model, baseline, edits)
    assert torch.equal(run_logits(model, baseline, edits), before)
    assert torch.equal(bv.run(model, TEXT).logits, baseline.logits)


def test_as_many_rows_as_a_state_has_numbers_are_put_back_between_the_others():
    around, rows = torch.zeros(3, 2), torch.tensor([0, 2])
    states = torch.tensor([[[1.0, 2.0], [3.0, 4.0]]])
    assert put_back(states, rows, around).tolist() == [[[1.0, 2.0], [0.0, 0.0], [3.0, 4.0]]]
