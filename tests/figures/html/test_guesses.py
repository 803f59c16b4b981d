"""What a model over a vocabulary says, drawn."""

from __future__ import annotations

import html

import pytest
from transformers import AutoModelForMaskedLM

import beaconviz as bv
from beaconviz.figures import report_html, says_html
from beaconviz.figures.html.numbers import probability
from tests.tiny import tiny_model

TEXT = "Ada <mask> lived in <mask> ."


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("mask")
    return bv.load(str(tiny_model("bert", folder, labels=None, auto=AutoModelForMaskedLM)))


@pytest.fixture(scope="module")
def comparison(model):
    design = bv.Design.neutral(TEXT.split()).with_cells(beacon=[("*", 0, 200.0)])
    return bv.compare(model, TEXT, design)


def test_both_runs_say_their_guesses_at_each_mask(comparison):
    page = says_html(comparison)
    frame = comparison.tables()["guesses"].frame
    for place, some in frame.groupby("place"):
        assert f"token {place}" in page
        for name in ("baseline", "edited"):
            best = some.nlargest(1, name).iloc[0]
            assert html.escape(probability(best[name])) in page
    assert page.count(">baseline<") == page.count(">edited<") == 2
    assert "<mask>" not in page  # guesses are escaped, and so is the mask's name


def test_an_edit_that_does_nothing_is_said(model):
    same = bv.compare(model, TEXT, bv.Design.neutral(TEXT.split()))
    assert says_html(same).count("No guess changed.") == 2
    assert "bv-new'" not in says_html(same).split("</style>")[-1]


def test_without_a_mask_it_says_how_to_ask(model):
    page = says_html(bv.compare(model, "Ada lived", bv.Design.neutral(["Ada", "lived"])))
    assert "Write &lt;mask&gt; where" in page


def test_the_report_has_them(comparison):
    assert "<h2>Guesses</h2>" in report_html(comparison)
    assert comparison.to_dict()["guesses"][0]["rank_edited"] == 1
