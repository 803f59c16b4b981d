"""Figures of an evaluation hold its numbers."""

import pandas as pd
import pytest

from beaconviz.figures.charts.evaluation import (
    change_figure,
    evaluation_html,
    score_bars,
    slice_figure,
)

ROW = {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2}


@pytest.fixture
def result():
    run = ROW | {"types": {"PER": ROW, "<b>": ROW}, "macro": ROW, "partial": ROW, "type": ROW}
    slices = [
        {"by": "words", "part": part, "measure": "F1", "entities": 3}
        | {"baseline": 0.25, "edited": edited, "change": edited - 0.25}
        for part, edited in (("1–10", 0.75), ("11–20", 0.0))
    ]
    return {
        "data": "<i>data</i>", "model": "tiny", "edit": "preset", "sentences": 2, "of": 2,
        "baseline": run, "edited": run | {"f1": 0.6, "types": {"PER": ROW}},
        "change": {"f1": 0.1, "interval": [-0.2, 0.3], "p": 0.5},
        "fixed": [1], "broken": [], "slices": slices, "verdict": "No difference", "remarks": ["a"],
    }  # fmt: skip


def test_bars_before_and_after(result):
    before, after = score_bars(result).data
    assert list(before.y) == [0.5, 0.5, 0.5]
    assert list(after.y) == [0.6, 0.5, 0.0]  # a type that the edit lost altogether
    assert before.x[2] == "&lt;b&gt;"


def test_the_interval_is_around_the_change(result):
    (dot,) = change_figure(result).data
    assert dot.x == (0.1,)
    assert dot.error_x.array[0] == pytest.approx(0.2)
    assert dot.error_x.arrayminus[0] == pytest.approx(0.3)


def test_a_line_a_slice(result):
    *lines, before, after = slice_figure(pd.DataFrame(result["slices"])).data
    assert [tuple(line.x) for line in lines] == [(0.25, 0.75), (0.25, 0.0)]
    assert list(before.x) == [0.25, 0.25]
    assert list(after.x) == [0.75, 0.0]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_is_whole_and_escapes(result, theme):
    page = evaluation_html(result, theme=theme)
    assert "No difference" in page
    assert "<i>data</i>" not in page
    assert "&lt;i&gt;data" in page
    assert "1 sentences fixed and 0 broken" in page
    assert '<script src="http' not in page


def test_nothing_to_slice(result):
    assert "No entities." in evaluation_html(result | {"slices": []})
