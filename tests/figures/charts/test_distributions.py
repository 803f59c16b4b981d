import numpy as np
import pytest

from beaconviz.core.errors import BeaconvizError
from beaconviz.figures import received_bars
from beaconviz.figures.charts.distributions import distributions


@pytest.mark.parametrize("measure", ["entropy", "distance"])
def test_every_head_is_a_point_before_and_after(comparison, measure):
    before, after = distributions(comparison, measure).data
    metrics = comparison.metrics()
    np.testing.assert_allclose(before.y, metrics[f"{measure}_baseline"])
    np.testing.assert_allclose(after.y, metrics[f"{measure}_edited"])
    assert len(before.y) == comparison.baseline.layers * comparison.baseline.heads


def test_an_unknown_measure_is_refused(comparison):
    with pytest.raises(BeaconvizError, match="entropy, distance"):
        distributions(comparison, "speed")


def test_information_weights_add_up_to_the_number_of_words(comparison):
    before, after = received_bars(comparison, layer=1, head=0).data
    assert before.y.sum() == pytest.approx(len(comparison.baseline.words))
    assert after.y.sum() == pytest.approx(len(comparison.baseline.words))
