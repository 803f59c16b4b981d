"""The figures of learning say what they were given."""

import torch

from beaconviz.figures.charts.optimize import loss_curve, saliency_map
from beaconviz.figures.theme import palette


def test_the_loss_curve_has_room_for_the_steps_to_come():
    figure = loss_curve([8.0, 2.0, 0.5], steps=120)
    assert list(figure.data[0].y) == [8.0, 2.0, 0.5]
    assert tuple(figure.layout.xaxis.range) == (0, 120)
    assert figure.layout.yaxis.type == "log"


def test_the_saliency_map_is_asymmetric_and_symmetric_about_zero():
    slopes = torch.tensor([[0.0, 0.5], [-0.25, 0.0]])
    figure = saliency_map(slopes, ["<b>", "was"], "<b> as ORG", theme="dark")
    heat = figure.data[0]
    assert heat.z.tolist() == [[0.0, 0.5], [-0.25, 0.0]]
    assert list(heat.y) == ["&lt;b&gt;", "was"]
    axis = figure.layout.coloraxis
    assert (axis.cmin, axis.cmax) == (-0.5, 0.5)
    assert axis.colorscale[0][1] == palette("dark").change[0]
    assert "<b>" not in figure.layout.title.text


def test_a_map_of_nothing_has_a_scale():
    figure = saliency_map(torch.zeros(2, 2), ["a", "b"], "a as ORG")
    assert figure.layout.coloraxis.cmax == 1.0
