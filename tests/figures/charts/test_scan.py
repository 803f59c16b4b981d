import numpy as np
import pytest
import torch

from beaconviz.analysis.scan import Scan
from beaconviz.figures import scan_map
from beaconviz.figures.theme import palette

EFFECT = torch.tensor([[0.1, -0.4, 0.0], [0.2, 0.3, float("nan")]])


def scanned(*, signed=True, measured="ORG at “Apple”"):
    return Scan(measured, "probability" if signed else "nats", signed, 0.5, EFFECT)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_signed_effects_are_symmetric_about_zero_and_others_start_there(theme):
    signed = scan_map(scanned(), theme=theme).layout.coloraxis
    assert (signed.cmin, signed.cmax) == pytest.approx((-0.4, 0.4))
    assert signed.colorscale[0][1] == palette(theme).change[0]
    plain = scan_map(scanned(signed=False), theme=theme).layout.coloraxis
    assert (plain.cmin, plain.cmax) == pytest.approx((0, 0.3))
    assert plain.colorscale[-1][1] == palette(theme).divergence[-1]
    assert (signed.colorbar.title.text, plain.colorbar.title.text) == ("probability", "nats")


def test_every_head_has_its_value_and_a_point_to_click():
    heat, points = scan_map(scanned(), selected=(0, 1)).data
    np.testing.assert_allclose(heat.z, EFFECT.numpy())
    assert points.customdata[1].tolist() == pytest.approx([0, 1, -0.4])
    assert "probability" in points.hovertemplate


def test_the_selected_head_is_framed():
    (frame,) = scan_map(scanned(), selected=(0, 1)).layout.shapes
    assert (frame.x0, frame.x1, frame.y0, frame.y1) == (0.5, 1.5, -0.5, 0.5)
    assert not scan_map(scanned()).layout.shapes


def test_what_was_measured_is_escaped_and_cut():
    title = scan_map(scanned(measured="PER at “<b>x</b>”" + " word" * 99)).layout.title.text
    assert "&lt;b&gt;" in title
    assert len(title) < 120
