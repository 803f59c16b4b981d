"""The steps of one row end at the weights that the model used."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

import beaconviz as bv
from beaconviz.analysis.arithmetic import describe_row, row_steps
from beaconviz.core.interventions import READINGS
from beaconviz.engine.elastic import ElasticBeacons, Options
from tests.tiny import tiny_model

TEXT = "Ada Lovelace lived in <b>London</b>."
AUTO = {"gemma2": AutoModelForCausalLM, "t5": AutoModelForSeq2SeqLM}


@pytest.fixture(scope="module", params=["bert", "gemma2", "t5"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bv.Model:
    """A plain network, one that caps its logits, and one that adds a bias by position."""
    auto = AUTO.get(request.param)
    options = {} if auto is None else {"labels": None, "auto": auto}
    folder = tiny_model(request.param, tmp_path_factory.mktemp(request.param), **options)
    return bv.load(str(folder), device="cpu")


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> bv.Model:
    return bv.load(str(tiny_model("bert", tmp_path_factory.mktemp("bert"))), device="cpu")


def design(reading: str, unit: str, model: bv.Model) -> bv.Design:
    """Two stacked edits, the second on some heads only."""
    names = model.tokenize(TEXT).names(unit)
    first = bv.Design.neutral(names, reading=reading, unit=unit).with_cells(
        marker=[(0, 1, 1.0), (0, 0, 0.0)], beacon=[("*", 2, 3.0), (0, 3, -2.0)]
    )
    stacked = first.stacked(bv.Edit(heads=(1, 2)))
    return stacked.with_cells(marker=[(1, 0, 1.0), (1, 1, 0.0)], beacon=[(1, 1, 4.0)], edit=1)


def check(comparison: bv.Comparison, head: int) -> None:
    for row in range(len(comparison.edited.aligned)):
        table = row_steps(comparison, layer=1, head=head, row=row)
        for column, run in (("softmax", comparison.edited), ("baseline", comparison.baseline)):
            expected = run.attention(1, head)[row]
            torch.testing.assert_close(torch.tensor(table[column].to_numpy()), expected)


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("unit", ["word", "token"])
@pytest.mark.parametrize("head", [0, 2])
def test_the_steps_end_at_what_the_model_did(
    model: bv.Model, reading: str, unit: str, head: int
) -> None:
    comparison = bv.compare(model, TEXT, design(reading, unit, model), limit=3)
    assert not torch.equal(comparison.edited.traces[1].query, comparison.baseline.traces[1].query)
    check(comparison, head)


@pytest.mark.parametrize("gate", [False, True])
def test_learned_beacons_are_a_step(bert: bv.Model, gate: bool) -> None:
    learned = ElasticBeacons(bert.made_for, Options(query=2, frozen=True, marker=gate))
    comparison = bv.compare(bert, TEXT, design("gate", "word", bert))
    edited = bv.run(bert, TEXT, comparison.design, learned=learned)
    assert (edited.logits - comparison.edited.logits).abs().max() > 1e-3
    comparison = replace(comparison, edited=edited)
    assert "+ learned beacons" in row_steps(comparison, 1, 0, 1)
    check(comparison, 0)


def test_the_description_says_which_rows_are_mixed(bert: bv.Model) -> None:
    names = bert.tokenize(TEXT).names("token")
    swapped = bv.Design.neutral(names, unit="token").with_cells(marker=[(1, 1, 0.0), (1, 2, 0.5)])
    comparison = bv.compare(bert, TEXT, swapped)
    assert describe_row(comparison, 1) == f"M makes this row of scores 0.5 × “{names[2]}”"
    assert describe_row(comparison, 2) == "M leaves this row as it is"
