"""A design learned for one sentence meets its objective, and leaves the model unchanged."""

from __future__ import annotations

import threading

import pytest
import torch

import beaconviz as bv
from beaconviz.optimize import flip
from beaconviz.optimize.flip import smallest_flip
from beaconviz.optimize.learn import learn
from beaconviz.optimize.objective import Objective, SearchStep

APPLE = "Steve Jobs was the co-founder of Apple Inc."
WASHINGTON = "George Washington visited Washington in spring."


@pytest.fixture(scope="module")
def model() -> bv.Model:
    return bv.load("ner-mini", device="cpu")


def last(*args: object, **options: object) -> SearchStep:
    *_, step = learn(*args, **options)
    return step


@pytest.mark.parametrize(
    ("text", "word", "label", "options"),
    [
        (APPLE, 6, "LOC", {}),
        (APPLE, 6, "none", {"matrices": ["marker"], "reading": "gate"}),
        (APPLE, 0, "ORG", {"matrices": ["marker", "beacon"]}),
        (WASHINGTON, 3, "PER", {"heads": "learned"}),
        (WASHINGTON, 3, "PER", {"reading": "mask", "sparsity": 0.6}),
    ],
)
def test_the_label_changes_and_all_other_words_keep_their_tags(
    model: bv.Model, text: str, word: int, label: str, options: dict
) -> None:
    step = last(model, text, Objective({word: label}), **options)
    before, after = bv.run(model, text), bv.run(model, text, step.design)
    assert step.done
    assert step.verdict.met
    assert after.tags[word] == ("O" if label == "none" else f"B-{label}") != before.tags[word]
    kept = [number for number in range(len(before.words)) if number != word]
    assert [kind(after.tags[n]) for n in kept] == [kind(before.tags[n]) for n in kept]
    edit = step.design.edits[0]
    assert 0 < len(edit.marker) + len(edit.beacon) <= 10  # a person can read it
    assert step.design.reading == options.get("reading", "product")
    assert (edit.heads != "all") == (options.get("heads") == "learned")


def kind(tag: str) -> str:
    return tag.partition("-")[2]


def test_loss_falls_and_each_step_reports_its_design(model: bv.Model) -> None:
    steps = list(learn(model, WASHINGTON, Objective({3: "PER"}), steps=30))
    assert [step.number for step in steps] == list(range(len(steps)))
    assert steps[29].verdict.loss < 0.5 * steps[0].verdict.loss
    run = bv.run(model, WASHINGTON, steps[20].design)
    assert run.output.probabilities[3, [5, 6]].sum().item() == pytest.approx(
        steps[20].verdict.probability, abs=0.02
    )  # cells that are all but neutral are not in a design


def test_the_same_seed_gives_the_same_design(model: bv.Model) -> None:
    def once(seed: int) -> list[bv.Design]:
        return [
            s.design for s in learn(model, WASHINGTON, Objective({3: "PER"}), steps=12, seed=seed)
        ]

    assert once(3) == once(3)
    assert once(3)[5] != once(4)[5]


def test_layers_and_heads_are_those_that_were_given(model: bv.Model) -> None:
    step = last(model, WASHINGTON, Objective({3: "PER"}), layers=(2, 3), heads=(1, 8), steps=10)
    assert (step.design.edits[0].layers, step.design.edits[0].heads) == ((2, 3), (1, 8))
    step = last(model, WASHINGTON, Objective({3: "PER"}), layers=(3,), heads="learned", steps=30)
    assert step.design.edits[0].heads_in(2, 12) == ()
    assert 0 < len(step.design.edits[0].heads_in(3, 12)) < 12


def test_it_stops_when_asked_and_finishes_what_it_has(model: bv.Model) -> None:
    steps = []
    for step in learn(model, WASHINGTON, Objective({3: "PER"}), stopped=lambda: len(steps) >= 25):
        steps.append(step)
    assert sum(step.phase == "search" for step in steps) == 25
    assert steps[-1].done
    assert steps[-1].verdict.labels_reached == (
        bv.run(model, WASHINGTON, steps[-1].design).tags[3] == "B-PER"
    )


def test_an_objective_that_is_met_already_needs_no_design(model: bv.Model) -> None:
    (step,) = learn(model, APPLE, Objective({"Apple": "ORG"}))
    assert step.done
    assert step.design.is_neutral


def test_an_objective_that_cannot_be_met_is_reported_as_not_met(model: bv.Model) -> None:
    step = last(model, APPLE, Objective({"the": "LOC"}), steps=5)
    assert step.done
    assert not step.verdict.met
    assert bv.run(model, APPLE, step.design).tags[3] == "O"


def test_the_model_is_as_it_was(model: bv.Model) -> None:
    before = bv.run(model, APPLE).logits.clone()
    asks = [parameter.requires_grad for parameter in model.network.parameters()]
    last(
        model, APPLE, Objective({6: "LOC"}), matrices=["beacon", "marker"], heads="learned", steps=6
    )
    assert all(parameter.grad is None for parameter in model.network.parameters())
    assert [parameter.requires_grad for parameter in model.network.parameters()] == asks
    assert torch.equal(bv.run(model, APPLE).logits, before)
    neutral = bv.run(model, APPLE, bv.Design.neutral(APPLE.split()))
    assert torch.equal(neutral.logits, before)


def test_two_threads_learn_at_once(model: bv.Model) -> None:
    objectives = [(APPLE, Objective({6: "LOC"})), (WASHINGTON, Objective({3: "PER"}))]
    alone = [last(model, text, goal, steps=15) for text, goal in objectives]
    together: dict[int, SearchStep] = {}

    def work(number: int) -> None:
        together[number] = last(model, *objectives[number], steps=15)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [together[number].design for number in range(2)] == [step.design for step in alone]


class TestSmallestFlip:
    def test_it_flips_the_label_and_nothing_smaller_does(self, model: bv.Model) -> None:
        design = smallest_flip(model, APPLE, "Steve", "ORG")
        assert design is not None
        (cell,) = design.edits[0].beacon
        assert bv.run(model, APPLE, design).tags[0] == "B-ORG"
        row, column, value = cell
        smaller = bv.Design.neutral(design.words).with_cells(beacon=[(row, column, 0.95 * value)])
        assert bv.run(model, APPLE, smaller).tags[0] != "B-ORG"

    def test_it_takes_more_cells_where_one_is_not_enough(self, model: bv.Model) -> None:
        design = smallest_flip(model, WASHINGTON, 3, "PER")
        assert design is not None
        assert 1 < len(design.edits[0].beacon) <= 8
        assert bv.run(model, WASHINGTON, design).tags[3] == "B-PER"

    @pytest.mark.parametrize("most", [8, 0])
    def test_no_cell_can_be_left_out(
        self, model: bv.Model, most: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With no cell to be added one by one, the search starts from what `learn` finds."""
        monkeypatch.setattr(flip, "MOST", most)
        design = smallest_flip(model, WASHINGTON, 3, "PER")
        assert design is not None
        assert bv.run(model, WASHINGTON, design).tags[3] == "B-PER"
        cells = design.edits[0].beacon
        assert len(cells) > 1
        for left_out in cells:
            fewer = design.without(beacon=[left_out[:2]])
            assert bv.run(model, WASHINGTON, fewer).tags[3] != "B-PER"

    def test_a_label_that_is_there_needs_nothing(self, model: bv.Model) -> None:
        design = smallest_flip(model, APPLE, "Apple", "ORG")
        assert design is not None
        assert design.is_neutral

    def test_none_is_found_where_one_head_cannot_do_it(self, model: bv.Model) -> None:
        assert smallest_flip(model, APPLE, "the", "LOC", layers=(5,), heads=(0,)) is None


@pytest.mark.parametrize(
    ("labels", "options", "says"),
    [
        ({"Pear": "ORG"}, {}, "'Pear' is not in the text"),
        ({8: "ORG"}, {}, "expected a number from 0 to 7"),
        ({6: "CAR"}, {}, "knows none, LOC, ORG, PER"),
        ({6: "ORG", "Apple": "LOC"}, {}, "names the word 6 twice"),
        ({}, {}, "the objective is empty"),
        ({6: "LOC"}, {"matrices": ["A"]}, "expected some of"),
        ({6: "LOC"}, {"matrices": ["marker"], "reading": "mask"}, "only 0 and 1"),
        ({6: "LOC"}, {"layers": (9,)}, "expected a number from 0 to 5"),
        ({6: "LOC"}, {"heads": ()}, "no head is chosen"),
        ({6: "LOC"}, {"steps": 0}, "at least 1"),
        ({6: "LOC"}, {"sparsity": 1.0}, "below 1"),
    ],
)
def test_wrong_arguments_are_refused_in_one_line_at_once(
    model: bv.Model, labels: dict, options: dict, says: str
) -> None:
    with pytest.raises(bv.BeaconvizError, match=says) as error:
        learn(model, APPLE, Objective(labels), **options)
    assert "\n" not in str(error.value)
