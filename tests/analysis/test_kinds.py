"""A comparison of a translator tells of the kinds of attention that its design edits."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from transformers import AutoModelForSeq2SeqLM

import beaconviz as bv
from beaconviz.analysis.generations import source_weights
from beaconviz.core.edit import Edit
from beaconviz.figures import notebook_html, report_html
from tests.tiny import tiny_head, tiny_model

TEXT = "Ada lived in London"
LAYERS = {"self": (2, 4), "cross": (3, 2), "decoder": (3, 2)}  # tiny BART: layers and heads


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bart")
    return tiny_model("bart", folder, labels=None, auto=AutoModelForSeq2SeqLM)


@pytest.fixture(scope="module")
def model(folder):
    return bv.load(str(folder), device="cpu")


def compared(model, *kinds):
    edits = tuple(Edit(beacon=(("*", 3, 60.0),), attention=kind) for kind in kinds)
    neutral = bv.Design.neutral(TEXT.split())
    return bv.compare(
        model,
        TEXT,
        replace(neutral, edits=edits or neutral.edits),
        limit=6 if model.task.writes else None,
    )


@pytest.mark.parametrize(
    ("edited", "shown"),
    [
        (("cross",), ("cross",)),
        (("self",), ("self",)),
        (("cross", "self"), ("self", "cross")),
        ((), ("self", "cross", "decoder")),
    ],
)
def test_metrics_are_of_what_was_edited(model, edited, shown):
    comparison = compared(model, *edited)
    assert comparison.kinds == shown  # in the same order in every process
    table = comparison.metrics()
    for kind in shown:
        layers, heads = LAYERS[kind]
        part = table[table["attention"] == kind]
        assert list(zip(part["layer"], part["head"], strict=True)) == [
            (layer, head) for layer in range(layers) for head in range(heads)
        ]
        assert (part["divergence"].max() > 0.01) == (kind in edited)
    assert set(table["attention"]) == set(shown)


def test_an_edit_that_changes_nothing_edits_no_kind(model):
    neutral = Edit(beacon=((0, 3, 0.0),), attention="cross")
    other = Edit(beacon=(("*", 3, 9.0),), attention="decoder")
    design = replace(bv.Design.neutral(TEXT.split()), edits=(neutral, other))
    assert bv.compare(model, TEXT, design, limit=4).kinds == ("decoder",)


def test_cross_numbers_are_those_of_the_maps(model):
    comparison = compared(model, "cross")
    table = comparison.metrics()
    before, after = comparison.baseline, comparison.edited
    for row in table.itertuples():
        maps = [run.attention(row.layer, row.head, attention="cross") for run in (before, after)]
        entropies = [-(each * each.clamp(min=1e-30).log()).sum(dim=-1).mean() for each in maps]
        assert row.entropy_baseline == pytest.approx(float(entropies[0]), abs=1e-5)
        assert row.entropy_edited == pytest.approx(float(entropies[1]), abs=1e-5)
        assert row.entropy_change == pytest.approx(float(entropies[1] - entropies[0]), abs=1e-5)
        expected = comparison.divergence("cross")[row.layer, row.head]
        assert row.divergence == pytest.approx(float(expected))
    assert table["distance_change"].isna().all()


def test_json_holds_them_and_the_information_weights(model):
    comparison = compared(model, "cross")
    data = json.loads(json.dumps(comparison.to_dict(), allow_nan=False))
    assert {row["attention"] for row in data["metrics"]} == {"cross"}
    assert max(row["divergence"] for row in data["metrics"]) > 0.01
    assert data["metrics"][0]["distance_edited"] is None
    weights = data["information_weights"]
    assert [row["word"] for row in weights] == TEXT.split()
    for run, name in ((comparison.baseline, "baseline"), (comparison.edited, "edited")):
        expected = source_weights(run)["weight"].tolist()
        assert [row[f"weight_{name}"] for row in weights] == pytest.approx(expected)
    assert weights[3]["weight_change"] > 0.5  # the word that the edit points at
    assert len(comparison.to_dict(layer=2, head=1)["metrics"]) == 1
    with pytest.raises(bv.BeaconvizError, match="layer is 3"):
        comparison.to_dict(layer=3)


def test_pages_hold_them(model):
    comparison = compared(model, "cross")
    shown = notebook_html(comparison)
    assert shown.count("<td") == 3 * 2
    assert "what is written to the words" in shown
    page = report_html(comparison)
    assert "Heads, attention of what is written to the words" in page
    assert "Heads, attention between the words" not in page
    assert "weight_edited" in page
    assert "Heads, attention between the words" in report_html(compared(model, "self"))


def test_pages_of_a_decoder_that_reads_the_text_again(tmp_path):
    folder = tiny_head("bart", "BartForSequenceClassification", tmp_path)
    comparison = compared(bv.load(str(folder), device="cpu"), "cross")
    assert not comparison.translates
    assert "the decoder, which reads the text again, to the words" in notebook_html(comparison)
    assert comparison.through_decoder
    weights = comparison.to_dict()["information_weights"]
    assert [row["word"] for row in weights] == TEXT.split()
    assert weights[3]["weight_change"] > 0.1
    own = compared(comparison.baseline.model, "cross", "self")
    assert not own.through_decoder
    assert "information_weights" not in own.to_dict()
    page = report_html(comparison)
    assert "weight_edited" in page
    assert "Heads, attention of the decoder, which reads the text again, to the words" in page
    assert "written" not in page.split("<body")[1].split("<script")[0]
