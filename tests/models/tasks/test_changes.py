"""What counts as a change between two outputs, by hand."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from beaconviz.models.tasks.entities import Entity
from beaconviz.models.tasks.text_classification import ClassOutput
from beaconviz.models.tasks.token_classification import LabelOutput

TEXT = SimpleNamespace(text="Steve Jobs of Apple Inc.")


class Scored(ClassOutput):
    """Classes with these scores."""

    scores = property(lambda self: self.logits)


def scored(classing, *scores):
    names = [f"class {number}" for number in range(len(scores))]
    model = SimpleNamespace(classes=names, classing=classing)
    return Scored(model, TEXT, torch.tensor(scores))


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
    found = scored("several", before, 0.9).changes(scored("several", after, 0.8))
    assert [str(change) for change in found] == expected


def test_of_one_class_the_likeliest_counts():
    assert scored("one", 0.6, 0.4).changes(scored("one", 0.51, 0.49)) == []
    (change,) = scored("one", 0.51, 0.49).changes(scored("one", 0.49, 0.51))
    assert str(change) == "class class 0 → class 1"
    assert (change.score_before, change.score_after) == pytest.approx((0.51, 0.51))


def test_a_number_changes_in_two_digits():
    assert scored("numbers", 1.231).changes(scored("numbers", 1.234)) == []
    (change,) = scored("numbers", 1.234).changes(scored("numbers", 1.236))
    assert (change.before, change.after) == ("1.23", "1.24")


class Named(LabelOutput):
    """A text with these names."""

    entities = property(lambda self: self.logits)


def test_entities_change_by_place():
    jobs, apple = Entity("Steve Jobs", "PER", 0, 10, 0.9), Entity("Apple Inc.", "ORG", 14, 24, 0.8)
    person, short = Entity("Apple Inc.", "PER", 14, 24, 0.5), Entity("Apple", "ORG", 14, 19, 0.6)
    before = Named(None, TEXT, [jobs, apple])

    def changes(*after):
        found = before.changes(Named(None, TEXT, list(after)))
        return [(str(change), change.score_before, change.score_after) for change in found]

    assert changes(jobs, apple) == []
    assert changes(jobs, person) == [("Apple Inc. ORG → PER", 0.8, 0.5)]
    assert changes(jobs) == [("Apple Inc. ORG → none", 0.8, None)]
    assert changes(jobs, short) == [
        ("Apple none → ORG", None, 0.6),
        ("Apple Inc. ORG → none", 0.8, None),
    ]
