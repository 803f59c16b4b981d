"""Figures of a profile hold its numbers."""

import pytest

from beaconviz.figures.profile import curve_figure, heads_alone, profile_html

RESULT = {
    "baseline": {"tried": 0.5, "held_out": 0.4},
    "every": 0.3,
    "heads": [
        {"layer": 1, "head": 0, "f1": 0.6, "change": 0.1},
        {"layer": 0, "head": 2, "f1": 0.4, "change": -0.1},
    ],
    "curve": [
        {"k": 1, "best": 0.45, "random": [0.3, 0.4, 0.5]},
        {"k": 2, "best": 0.5, "random": [0.3, 0.3, 0.3]},
    ],
}


def test_each_head_is_in_its_place():
    figure = heads_alone(RESULT)
    (shown,) = [trace for trace in figure.data if trace.type == "heatmap"]
    assert shown.z[1][0] == pytest.approx(0.1)
    assert shown.z[0][2] == pytest.approx(-0.1)
    assert figure.layout.coloraxis.cmin == -figure.layout.coloraxis.cmax


def test_the_curve_has_its_controls():
    figure = curve_figure(RESULT)
    drawn, best = figure.data
    assert list(best.y) == [0.45, 0.5]
    assert list(drawn.y) == pytest.approx([0.4, 0.3])
    assert drawn.error_y.array[0] == pytest.approx(0.1)
    assert {line.y0 for line in figure.layout.shapes} == {0.4, 0.3}


def test_the_page_escapes():
    page = profile_html("<b>rule</b>", RESULT)
    assert "<b>rule</b>" not in page
    assert "&lt;b&gt;rule" in page
