"""What classifiers, models that answer and models of states say, drawn."""

from __future__ import annotations

import html
from typing import get_args

import pytest
from transformers import (
    AutoModel,
    AutoModelForQuestionAnswering,
    AutoModelForSequenceClassification,
)

import beaconviz as bv
from beaconviz.figures import attention_maps, bertviz_html, report_html, says_html
from beaconviz.figures.html.bars import bars_html, score_bars_html
from beaconviz.figures.html.numbers import probability
from beaconviz.figures.html.output import DRAWN
from beaconviz.models.tasks.values import Bar, Bars, Shown
from tests.figures.html.test_entities import Page
from tests.tiny import tiny_model

QUESTION = "Who saw </div><script>alert(1)</script> ?"
PASSAGE = "Ada <b>Lovelace</b> lived in London, and Steve Jobs never saw a computer."
AUTO = {
    "classes": AutoModelForSequenceClassification,
    "spans": AutoModelForQuestionAnswering,
    "states": AutoModel,
}


@pytest.fixture(scope="module")
def comparisons(tmp_path_factory):
    found = {}
    for over, auto in AUTO.items():
        folder = tmp_path_factory.mktemp(over)
        model = bv.load(
            str(
                tiny_model(
                    "bert", folder, labels=None, auto=auto, num_labels=5 - 3 * (over == "spans")
                )
            )
        )
        tokens = model.tokenize(QUESTION, PASSAGE)
        design = bv.Design.neutral(tokens.names("word")).with_cells(beacon=[("*", 1, 300.0)])
        found[over] = bv.compare(model, tokens, design)
    return found


@pytest.fixture(params=AUTO)
def comparison(request, comparisons):
    return comparisons[request.param]


def test_every_kind_of_value_is_drawn():
    assert set(DRAWN) == set(get_args(Shown))


def test_people_s_text_is_escaped_everywhere(comparison):
    for page in (says_html(comparison), comparison._repr_html_(), report_html(comparison)):
        assert "<script>alert" not in page
        assert "<b>Lovelace" not in page


def test_the_report_and_the_record_have_both_texts(comparison):
    assert html.escape(QUESTION) in report_html(comparison)
    assert comparison.to_dict()["texts"] == [QUESTION, PASSAGE]


def test_a_classifier_shows_its_highest_classes_before_and_after(comparisons):
    comparison = comparisons["classes"]
    page = says_html(comparison)
    frame = comparison.tables()["classes"].frame
    best = frame.iloc[0]
    assert best["class"] in page
    assert f"{probability(best['baseline'])} → {probability(best['edited'])}" in page
    shown = page.count('bv-track">')
    assert 3 <= shown < 6
    assert f"and {5 - shown} lower one" in page or shown == 5
    assert "<h2>Classes</h2>" in report_html(comparison)


def test_an_answer_is_marked_in_the_passage_before_and_after(comparisons):
    comparison = comparisons["spans"]
    page = Page(says_html(comparison))
    for run in (comparison.baseline, comparison.edited):
        assert f"{run.output.answer.text}{probability(run.output.answer.score)}" in page.text
    assert page.tags.count("mark") == 2
    assert ("bv-new" in page.classes) == bool(comparison.changes)
    assert "<h2>Answers</h2>" in report_html(comparison)


def test_of_a_long_passage_what_is_around_the_answer_is_shown(comparisons):
    model = comparisons["spans"].baseline.model
    tokens = model.tokenize("Who ?", "a " * 100)
    page = says_html(bv.compare(model, tokens, bv.Design.neutral(tokens.names("word"))))
    assert "The answer is the same" in page
    far = model.tokenize("Who ?", " " * 400 + "Ada" + " " * 400 + ".")
    page = says_html(bv.compare(model, far, bv.Design.neutral(far.names("word"))))
    assert "…" in page


def test_two_texts_are_as_alike_as_the_cosine_says(comparisons):
    comparison = comparisons["states"]
    assert (
        f"{comparison.baseline.output.cosine:.3f} → {comparison.edited.output.cosine:.3f}"
        in says_html(comparison)
    )
    model = comparison.baseline.model
    alone = bv.compare(model, "Ada lived", bv.Design.neutral(["Ada", "lived"]))
    assert "With a second text" in says_html(alone)


@pytest.mark.parametrize(
    ("value", "limits", "drawn"),
    [
        (0.25, (0.0, 1.0), "--from:0.0%;--long:25.0%"),
        (-0.5, (-1.0, 1.0), "--from:25.0%;--long:25.0%"),
        (3.0, (0.0, 1.0), "--from:0.0%;--long:100.0%"),
    ],
)
def test_bars_are_on_one_scale_from_zero(value, limits, drawn):
    assert drawn in bars_html([Bar("x", value, value)], limits=limits, written=str)


def test_a_bar_says_how_its_rank_moved_or_its_note():
    bars = Bars([Bar("x", 0.1, 0.9, ranks=(2, 1)), Bar("y", 0.5, 0.4, "its note")], digits=2)
    shown = Page(score_bars_html(bars)).text
    assert "0.10 → 0.90▲ 2. → 1." in shown
    assert "0.50 → 0.40its note" in shown


@pytest.mark.parametrize("pair", ["all", "a→a", "a→b", "b→a", "b→b"])
def test_a_part_of_a_map_of_two_texts(comparisons, pair):
    comparison = comparisons["classes"]
    count = len(QUESTION.split())
    second = len(PASSAGE.split())
    sizes = {"a": count, "b": second, "all": count + second}
    wanted = tuple(sizes[name] for name in (("all", "all") if pair == "all" else pair.split("→")))
    figure = attention_maps(comparison, pair=pair)
    assert figure.data[0].z.shape == wanted
    assert bool(figure.layout.shapes) == (pair == "all")


def test_parts_that_are_not_there_are_refused(comparisons):
    with pytest.raises(bv.BeaconvizError, match="expected one of all, a→a"):
        attention_maps(comparisons["classes"], pair="c→a")
    with pytest.raises(bv.BeaconvizError, match="the map is of one text"):
        attention_maps(comparisons["states"], pair="a→b")


def test_bertviz_has_its_own_filter_for_pairs(comparisons):
    assert "Sentence A" in bertviz_html(comparisons["classes"].baseline)
    assert "Sentence A" not in bertviz_html(comparisons["states"].baseline)
