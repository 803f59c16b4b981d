"""Figures of a profile hold its numbers."""

import math

import pytest

from beaconviz.figures.charts.head_profile import curve_figure, heads_alone, profile_html

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
    "verdict": "The best 2 heads did better than <all>.",
    "remarks": ["Only 3 sentences."],
}


def test_each_head_is_in_its_place():
    figure = heads_alone(RESULT)
    (shown,) = [trace for trace in figure.data if trace.type == "heatmap"]
    assert shown.z[1][0] == pytest.approx(0.1)
    assert shown.z[0][2] == pytest.approx(-0.1)
    assert figure.layout.coloraxis.cmin == -figure.layout.coloraxis.cmax
    assert math.isnan(shown.z[0][0])  # never tried


def test_a_map_of_some_heads_has_the_shape_of_all():
    (shown, _) = heads_alone(RESULT, shape=(3, 4)).data
    assert shown.z.shape == (3, 4)
    assert shown.z[1][0] == pytest.approx(0.1)
    assert math.isnan(shown.z[2][3])


def test_the_best_heads_have_a_frame():
    (frame,) = heads_alone(RESULT, best=1).layout.shapes
    assert ((frame.x0 + frame.x1) / 2, (frame.y0 + frame.y1) / 2) == pytest.approx((0, 1))


def test_the_curve_has_its_controls():
    figure = curve_figure(RESULT)
    drawn, best = figure.data
    assert list(best.y) == [0.45, 0.5]
    assert list(drawn.y) == pytest.approx([0.4, 0.3])
    assert drawn.error_y.array[0] == pytest.approx(0.1)
    assert {line.y0 for line in figure.layout.shapes} == {0.4, 0.3}


def test_the_page_says_it_and_escapes():
    page = profile_html("<b>rule</b>", RESULT)
    assert "did better than &lt;all&gt;." in page
    assert "Only 3 sentences." in page
    assert "<b>rule</b>" not in page
    assert "&lt;b&gt;rule" in page
