import numpy as np
import pytest
import torch

from beaconviz.core.design import Design
from beaconviz.core.errors import BeaconvizError
from beaconviz.figures import attention_maps, layer_head_map, matrix_figure
from beaconviz.figures.theme import axis_names


def test_before_and_after_share_a_range_and_the_change_is_symmetric(comparison):
    figure = attention_maps(comparison, layer=1, head=2)
    baseline, edited, change = (trace.z for trace in figure.data)
    np.testing.assert_allclose(edited - baseline, change)
    assert figure.data[0].coloraxis == figure.data[1].coloraxis == "coloraxis"
    assert figure.layout.coloraxis.cmin == 0
    assert figure.layout.coloraxis.cmax == pytest.approx(max(baseline.max(), edited.max()))
    assert -figure.layout.coloraxis2.cmin == figure.layout.coloraxis2.cmax > 0


def test_a_map_shows_rows_as_queries_with_the_first_at_the_top(comparison):
    figure = attention_maps(comparison, layer=0, head=1)
    expected = comparison.baseline.attention(0, 1, unit="word").numpy()
    np.testing.assert_allclose(figure.data[0].z, expected)
    assert list(figure.data[0].y) == comparison.baseline.words
    assert figure.layout.yaxis.autorange == "reversed"


@pytest.mark.parametrize(("unit", "special"), [("token", None), ("token", False), ("word", True)])
def test_names_follow_unit_and_special_tokens(comparison, unit, special):
    figure = attention_maps(comparison, unit=unit, special=special)
    size = comparison.baseline.attention(unit=unit, special=special).shape[0]
    assert len(figure.data[0].x) == size


def test_hover_gives_baseline_edited_and_change(comparison):
    figure = attention_maps(comparison)
    values = figure.data[2].customdata
    np.testing.assert_allclose(values[..., 1] - values[..., 0], values[..., 2], atol=1e-7)


def test_each_head_has_a_point_to_click():
    figure = layer_head_map(torch.tensor([[0.0, 0.1, 0.2], [0.3, 0.4, 0.5]]), selected=(1, 0))
    heat, points = figure.data
    assert heat.z.shape == (2, 3)
    assert points.customdata[4].tolist() == pytest.approx([1, 1, 0.4])
    assert (points.x[4], points.y[4]) == (1, 1)
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].y0) == (-0.5, 0.5)


def test_nothing_changed_still_has_a_range():
    assert layer_head_map(torch.zeros(2, 2)).layout.coloraxis.cmax == 1


@pytest.mark.parametrize("reading", ["product", "gate", "mask"])
def test_a_neutral_matrix_has_no_colour(reading):
    figure = matrix_figure(Design.neutral(["a", "b", "a"], reading=reading), "marker")
    assert not figure.data[0].z.any()


def test_a_matrix_shows_values_and_colours_the_distance_to_neutral():
    design = Design.neutral(["a", "b"]).with_cells(marker=[(0, 0, 0.0), (0, 1, 1.0)])
    heat = matrix_figure(design, "marker").data[0]
    assert heat.text.tolist() == [[0, 1], [0, 1]]
    assert heat.z.tolist() == [[-1, 1], [0, 0]]


def test_names_are_escaped_and_never_joined():
    names = axis_names(["Jordan", "<i>", "Jordan"])
    assert len(set(names)) == 3
    assert names[1] == "&lt;i&gt;"


def test_an_unknown_theme_is_refused(comparison):
    with pytest.raises(BeaconvizError, match="light, dark"):
        attention_maps(comparison, theme="sepia")
