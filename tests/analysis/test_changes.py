"""What counts as a change between two answers, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from beaconviz.analysis.changes import changes
from beaconviz.models.tasks import CLASSES


def run(classing, *scores):
    names = [f"class {number}" for number in range(len(scores))]
    model = SimpleNamespace(task=CLASSES, classes=names, classing=classing)
    return SimpleNamespace(
        model=model, class_scores=torch.tensor(scores), aligned=SimpleNamespace(text="a text")
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (0.49, 0.51, ["class 0 no → yes"]),
        (0.51, 0.49, ["class 0 yes → no"]),
        (0.49, 0.5, ["class 0 no → yes"]),  # ½ is yes, as transformers has it
        (0.3, 0.49, []),
        (0.51, 0.9, []),
    ],
)
def test_of_several_classes_those_change_that_cross_a_half(before, after, expected):
    found = changes(run("several", before, 0.9), run("several", after, 0.8))
    assert [str(change) for change in found] == expected


def test_of_one_class_the_likeliest_counts():
    assert changes(run("one", 0.6, 0.4), run("one", 0.51, 0.49)) == []
    (change,) = changes(run("one", 0.51, 0.49), run("one", 0.49, 0.51))
    assert str(change) == "class class 0 → class 1"
    assert (change.score_before, change.score_after) == pytest.approx((0.51, 0.51))


def test_a_number_changes_in_two_digits():
    assert changes(run("numbers", 1.231), run("numbers", 1.234)) == []
    (change,) = changes(run("numbers", 1.234), run("numbers", 1.236))
    assert (change.before, change.after) == ("1.23", "1.24")
