"""The panel Learn without a browser: what is wished, found, used, stopped and said."""

from __future__ import annotations

from pathlib import Path

import pytest

import beaconviz as bv
from beaconviz.optimize.objective import SearchStep, Verdict
from beaconviz.ui.studio.panels import learn_work
from beaconviz.ui.studio.panels.learn_work import LearnWork, outcome, where
from tests.tiny import tiny_model
from tests.ui.app import Studio

NEVER_ENDS = 1e9  # seconds: one run of the page does it all


@pytest.fixture
def studio() -> Studio:
    return Studio().choose("panel", "learn")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn_work, "SLICE", NEVER_ENDS)


@pytest.fixture
def step_by_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learn_work, "SLICE", 0.0)


def offered(studio: Studio, key: str) -> list[str]:
    boxes = [*studio.app.selectbox, *studio.app.segmented_control]
    return next(box.options for box in boxes if box.key == key)


def charts(studio: Studio) -> int:
    return len(studio.app.get("plotly_chart"))


@pytest.mark.usefixtures("at_once")
class TestLearn:
    def test_what_is_learned_is_said_and_can_be_used_and_undone(self, studio: Studio) -> None:
        before = studio.design
        studio.choose("learn-word", 0).choose("learn-label", "ORG").press("learn-start")
        (said,) = [box.value for box in studio.app.success]
        assert said.startswith("Steve is now ORG")
        assert "All other words keep their tags" in said
        assert charts(studio) == 2  # the loss and A
        studio.press("learn-use")
        assert studio.design != before
        comparison = studio.session.comparison()
        assert comparison.edited.tags[0] == "B-ORG"
        assert comparison.edited.tags[6:] == comparison.baseline.tags[6:]
        studio.send(command={"name": "undo"})
        assert studio.design == before

    def test_learned_heads_and_both_matrices_go_into_the_editors(self, studio: Studio) -> None:
        studio.choose("reading", "gate").choose("learn-where", "learned")
        studio.choose("learn-matrices", "A and M").press("learn-start").press("learn-use")
        assert studio.design.reading == "gate"
        assert studio.design.edits[0].heads != "all"
        assert studio.session.comparison().edited.tags[6] == "B-LOC"
        assert not studio.errors

    def test_the_sidebars_layers_and_heads_are_used(self, studio: Studio) -> None:
        studio.choose("layers", [2, 3]).choose("heads", [1, 8])
        studio.press("learn-flip").press("learn-use")
        edit = studio.design.edits[0]
        assert (edit.layers, edit.heads) == ((2, 3), (1, 8))

    def test_the_smallest_edit_is_one_cell(self, studio: Studio) -> None:
        studio.choose("learn-word", 0).choose("learn-label", "ORG").press("learn-flip")
        assert "with 1 cell on all heads" in studio.app.success[0].value
        studio.press("learn-use")
        assert len(studio.design.edits[0].beacon) == 1

    def test_a_label_that_is_there_needs_nothing(self, studio: Studio) -> None:
        studio.choose("learn-label", "ORG").press("learn-start")
        assert "already" in studio.app.success[0].value

    def test_a_design_on_tokens_makes_way_for_one_on_words(self, studio: Studio) -> None:
        studio.choose("unit", "token").press("learn-flip").press("learn-use")
        assert studio.design.unit == "word"
        assert studio.session.comparison().edited.tags[6] == "B-LOC"
        assert not studio.errors

    def test_another_text_is_another_wish(self, studio: Studio) -> None:
        studio.choose("learn-label", "ORG").press("learn-start").write("Ann saw Bob")
        assert not studio.app.success
        assert offered(studio, "learn-word") == ["0 Ann", "1 saw", "2 Bob"]
        assert not studio.errors


@pytest.mark.usefixtures("step_by_step")
class TestStop:
    def test_it_goes_on_bit_by_bit_until_it_is_stopped(self, studio: Studio) -> None:
        studio.press("learn-start").run().run()
        work: LearnWork = studio.session.page_data[learn_work.KEY]
        assert len(work.losses) == 3
        studio.press("learn-stop")
        for _ in range(12):
            if work.done:
                break
            studio.run()
        assert work.done
        assert len(work.losses) == 3
        assert not [button for button in studio.app.button if button.key == "learn-stop"]

    def test_who_paints_goes_first(self, studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(learn_work, "REST", NEVER_ENDS)
        studio.press("learn-start").paint(beacon=[[0, 6, 13.0]])
        work: LearnWork = studio.session.page_data[learn_work.KEY]
        assert studio.design.edits[0].beacon == ((0, 6, 13.0),)
        assert len(work.losses) == 1
        monkeypatch.setattr(learn_work, "REST", 0.0)
        studio.run()
        assert len(work.losses) == 2


@pytest.mark.usefixtures("step_by_step")
def test_a_search_that_fails_is_one_line_and_is_not_gone_on_with(studio: Studio) -> None:
    studio.press("learn-start")
    studio.session.page_data[learn_work.KEY].steps = (1 / 0 for _ in "?")
    studio.run()
    assert "An internal error occurred" in studio.errors[0]
    assert not studio.run().errors


def test_where_to_paint_is_a_map(studio: Studio) -> None:
    assert charts(studio) == 0
    studio.app.toggle(key="learn-paint").set_value(True)
    studio.run()
    assert charts(studio) == 1


def test_the_mask_reading_learns_a_alone(studio: Studio) -> None:
    assert offered(studio, "learn-matrices") == ["A", "M", "A and M"]
    studio.choose("learn-matrices", "M").choose("reading", "mask")
    assert offered(studio, "learn-matrices") == ["A"]
    assert not studio.errors


def test_a_bare_encoder_has_nothing_to_learn(studio: Studio, tmp_path: Path) -> None:
    studio.load(str(tiny_model("bert", tmp_path, labels=None)))
    assert "no labels for words" in studio.app.info[-1].value
    assert not studio.errors


class TestOutcome:
    baseline = None

    @pytest.fixture(autouse=True)
    def run(self, tmp_path: Path) -> None:
        model = bv.load(str(tiny_model("bert", tmp_path)), device="cpu")
        self.baseline = bv.run(model, "Ada saw <b>Bob")

    def said(self, verdict: Verdict, *cells: tuple[int, int, float]) -> str:
        design = bv.Design.neutral(self.baseline.words).with_cells(beacon=cells)
        work = LearnWork(
            ("model", "text"), 2, "PER", 10, last=SearchStep(0, verdict, design, "done")
        )
        return outcome(work, self.baseline)

    def test_it_came_true(self) -> None:
        said = self.said(Verdict(True, (), 0.9, 0.1), (0, 1, 2.0), (1, 1, 2.0))
        assert said == (
            "<b>Bob is now PER (90%), with 2 cells on all heads. All other words keep their tags."
        )

    def test_it_cost_other_words_their_tags(self) -> None:
        said = self.said(Verdict(True, (0,), 0.9, 0.1), (0, 1, 2.0))
        assert said.endswith("But the tags of other words changed: Ada.")

    def test_it_did_not_come_true(self) -> None:
        said = self.said(Verdict(False, (), 0.2, 1.6), (0, 1, 2.0))
        assert said.startswith("Not reached: PER got to 20% at <b>Bob.")


def test_where_a_design_acts_in_words() -> None:
    design = bv.Design.neutral(["a"])
    assert where(design) == "on all heads"
    assert where(design.targeting(layers=[1, 2])) == "on all heads of layers 1, 2"
    assert where(design.targeting(heads=[3])) == "on 1 head of every layer"
    assert where(design.targeting(heads={0: (1, 2), 4: (3,)})) == "on 3 heads"
