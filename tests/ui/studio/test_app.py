"""The Studio page without a browser: every control, and every bad input, does what it says."""

from __future__ import annotations

import pytest

from beaconviz.core.presets import PRESETS
from beaconviz.ui.shell.examples import first_view
from beaconviz.ui.studio.panels.registry import panels_of
from tests.ui.app import WORDS, Studio


@pytest.fixture
def studio() -> Studio:
    return Studio()


class TestScreen:
    def test_it_opens_on_a_row_that_changes_an_answer(self) -> None:
        studio = Studio(view=None)
        assert studio.session.view == first_view()
        comparison = studio.session.comparison()
        assert [str(change) for change in comparison.changes] == ["Barcelona ORG → LOC"]
        (edit,) = studio.design.edits
        assert {row for row, *_ in edit.marker} == {0}
        assert not edit.beacon
        assert not studio.errors
        studio.send(command={"name": "undo"})
        assert studio.design.is_neutral
        assert not studio.session.comparison().changes

    def test_it_shows_the_worked_example(self, studio: Studio) -> None:
        assert "Steve Jobs" in studio.says
        assert studio.bench["document"]["words"] == WORDS
        assert not studio.errors

    @pytest.mark.parametrize("panel", panels_of("Studio"))
    def test_every_panel_opens(self, studio: Studio, panel: str) -> None:
        studio.choose("panel", panel)
        assert studio.app.segmented_control(key="panel").value == panel
        assert not studio.errors

    def test_the_model_is_told_with_its_device(self, studio: Studio) -> None:
        assert "runs on" in studio.says
        assert "float32" in studio.says


class TestWorkbench:
    def test_a_painted_cell_is_in_the_design(self, studio: Studio) -> None:
        studio.paint(beacon=[[0, 6, 13.0], ["*", 2, -5.0]])
        assert studio.design.edits[0].beacon == ((0, 6, 13.0), ("*", 2, -5.0))
        assert studio.design.edits[0].marker == ()

    def test_painting_keeps_the_number_of_the_document(self, studio: Studio) -> None:
        before = studio.bench["document"]["generation"]
        studio.paint(beacon=[[0, 6, 13.0]])
        assert studio.bench["document"]["generation"] == before
        assert studio.bench["echo"] == studio.seq

    def test_a_stroke_is_undone_at_once(self, studio: Studio) -> None:
        before = studio.design
        for value in (1.0, 2.0, 3.0):
            studio.paint(stroke=5, beacon=[[0, 1, value]])
        generation = studio.bench["document"]["generation"]
        studio.send(command={"name": "undo"})
        assert studio.design == before
        assert studio.bench["document"]["generation"] == generation + 1
        studio.send(command={"name": "redo"})
        assert studio.design.edits[0].beacon == ((0, 1, 3.0),)

    def test_an_edit_of_a_document_that_is_gone_is_left_out(self, studio: Studio) -> None:
        old = studio.bench["document"]["generation"]
        studio.write("Ada Lovelace")
        design = studio.design
        edit = {"generation": old, "stroke": 1, "marker": [], "beacon": [[0, 6, 1.0]]}
        studio.send(edit=edit)
        assert studio.design == design

    @pytest.mark.parametrize(
        ("cells", "message"),
        [
            ([[0, 99, 1.0]], "column is 99"),
            ([[0, 1, 1e5]], "finite number"),
            ([[0, 1, float("nan")]], "finite number"),
            ([[0, 1, float("inf")]], "finite number"),
        ],
    )
    def test_a_bad_cell_is_told_and_taken_back(
        self, studio: Studio, cells: list, message: str
    ) -> None:
        design, generation = studio.design, studio.bench["document"]["generation"]
        studio.paint(beacon=cells)
        assert studio.design == design
        assert message in studio.bench["document"]["notice"]
        assert studio.bench["document"]["generation"] == generation + 1

    def test_reset_makes_the_shown_edit_neutral(self, studio: Studio) -> None:
        studio.send(command={"name": "reset"})
        assert studio.design.is_neutral

    def test_a_look_at_a_head_is_no_step_of_undo(self, studio: Studio) -> None:
        studio.send(view={"layer": 2, "head": 3})
        assert (studio.bench["maps"]["layer"], studio.bench["maps"]["head"]) == (2, 3)
        assert not studio.session.history.past

    def test_a_head_that_is_not_there_shows_the_mean(self, studio: Studio) -> None:
        studio.send(view={"layer": 99, "head": -1})
        assert studio.bench["maps"]["layer"] is None
        assert not studio.errors


class TestEmptyChoice:
    """A control that always has a choice is empty for a moment, after a run that was cut short."""

    @pytest.mark.parametrize("key", ["panel", "reading", "unit"])
    def test_it_changes_nothing(self, studio: Studio, key: str) -> None:
        view = studio.choose("panel", "heads").session.view
        studio.choose(key, None)
        assert studio.session.view == view
        assert not studio.errors


class TestAtOnce:
    """What meets in one run, since the app was at work."""

    def test_a_stroke_over_the_words_before_is_not_taken_for_one_over_the_new(
        self, studio: Studio
    ) -> None:
        generation = studio.bench["document"]["generation"]
        studio.app.text_input(key="text").set_value("Ada Lovelace lived in London with seven cats.")
        edit = {"generation": generation, "stroke": 1, "marker": [], "beacon": [[0, 6, 13.0]]}
        studio.send(edit=edit)
        assert studio.session.view.text.startswith("Ada")
        assert (0, 6, 13.0) not in studio.design.edits[0].beacon
        assert not studio.errors

    def paint_the_text_before(self, studio: Studio, text: str) -> Studio:
        """A stroke from Steve to Apple, which arrives after another text was taken."""
        generation = studio.bench["document"]["generation"]
        edit = studio.design.edits[0]
        cells = {"marker": [list(cell) for cell in edit.marker], "beacon": [[0, 6, 13.0]]}
        studio.write(text)
        return studio.send(edit={"generation": generation, "stroke": 1, **cells})

    def test_a_stroke_on_the_text_before_goes_to_its_words_in_the_new_one(
        self, studio: Studio
    ) -> None:
        self.paint_the_text_before(studio, "Yesterday Steve Jobs was the co-founder of Apple")
        assert studio.design.edits[0].beacon == ((1, 7, 13.0),)
        shown = studio.bench["document"]
        assert shown["beacon"] == [[1, 7, 13.0]]
        assert not studio.errors
        studio.send(command={"name": "undo"})
        assert (1, 7, 13.0) not in studio.design.edits[0].beacon
        assert studio.session.view.text.startswith("Yesterday")

    def test_a_stroke_on_words_that_are_gone_is_said(self, studio: Studio) -> None:
        before = len(self.paint_the_text_before(studio, "Ada Lovelace").design.edits[0].beacon)
        assert before == 0
        assert "removed" in studio.app.info[0].value

    def test_a_stroke_on_a_design_that_was_replaced_is_said_and_not_taken(
        self, studio: Studio
    ) -> None:
        generation = studio.bench["document"]["generation"]
        studio.send(command={"name": "reset"})
        edit = {"generation": generation, "stroke": 1, "marker": [], "beacon": [[0, 6, 13.0]]}
        studio.send(edit=edit)
        assert studio.design.is_neutral
        assert "paint it again" in studio.app.warning[0].value

    def test_strokes_go_on_after_one_that_was_carried(self, studio: Studio) -> None:
        self.paint_the_text_before(studio, "Yesterday Steve Jobs was the co-founder of Apple")
        studio.paint(stroke=2, beacon=[[1, 7, 13.0], [0, 0, 2.0]])
        assert studio.design.edits[0].beacon == ((1, 7, 13.0), (0, 0, 2.0))
        assert not studio.app.warning


class TestSidebar:
    @pytest.mark.parametrize("reading", ["product", "gate", "mask"])
    def test_each_reading_is_explained_and_keeps_the_beacon(
        self, studio: Studio, reading: str
    ) -> None:
        studio.choose("reading", reading)
        assert studio.design.reading == reading
        assert studio.design.edits[0].beacon == ((2, 6, 1.0),)
        assert "bv-reading" in studio.says

    @pytest.mark.parametrize("name", PRESETS)
    def test_every_preset_applies_and_is_undone(self, studio: Studio, name: str) -> None:
        studio.send(command={"name": "reset"})
        before = studio.design
        studio.choose("preset", name)
        studio.press("apply")
        assert studio.design != before
        assert not studio.errors
        studio.send(command={"name": "undo"})
        assert studio.design == before

    def test_layers_and_heads_aim_the_shown_edit(self, studio: Studio) -> None:
        studio.choose("layers", [1, 2])
        studio.choose("heads", [0, 3])
        assert (studio.design.edits[0].layers, studio.design.edits[0].heads) == ((1, 2), (0, 3))
        studio.choose("layers", [])
        assert studio.design.edits[0].layers == "all"

    def test_the_head_on_show_can_be_the_only_one_edited(self, studio: Studio) -> None:
        studio.send(view={"layer": 2, "head": 3})
        studio.press("only")
        assert (studio.design.edits[0].layers, studio.design.edits[0].heads) == ((2,), (3,))

    def test_words_and_tokens_keep_each_others_work(self, studio: Studio) -> None:
        words = studio.design
        studio.choose("unit", "token")
        assert studio.design.unit == "token"
        assert "[CLS]" in studio.bench["document"]["words"]
        studio.paint(beacon=[[1, 2, 7.0]])
        tokens = studio.design
        studio.choose("unit", "word")
        assert studio.design == words
        studio.choose("unit", "token")
        assert studio.design == tokens

    def test_tokens_left_untouched_follow_the_words(self, studio: Studio) -> None:
        studio.choose("unit", "token")
        studio.choose("unit", "word")
        studio.paint(beacon=[[0, 1, 9.0]])
        studio.choose("unit", "token")
        assert (1, 2, 9.0) in studio.design.edits[0].beacon

    @pytest.mark.parametrize("unit", ["word", "token"])
    @pytest.mark.parametrize("special", [True, False])
    def test_special_tokens_come_and_go_in_the_maps(
        self, studio: Studio, unit: str, special: bool
    ) -> None:
        studio.choose("unit", unit)
        studio.app.toggle(key="special").set_value(special)
        studio.run()
        maps = studio.bench["maps"]
        assert ("[CLS]" in maps["labels"]) is special
        names = studio.bench["document"]["words"]
        rows = maps["words"] or range(len(names))
        assert all(
            row is None or names[row] == label
            for row, label in zip(rows, maps["labels"], strict=True)
        )

    def test_a_stack_of_edits_grows_and_shrinks(self, studio: Studio) -> None:
        studio.choose("panel", "design")
        studio.press("add")
        assert (len(studio.design.edits), studio.session.view.edit) == (2, 1)
        studio.paint(marker=[[0, 1, 1.0]])
        assert studio.design.edits[1].marker == ((0, 1, 1.0),)
        studio.choose("edit", 0)
        assert studio.bench["document"]["beacon"] == [[2, 6, 1.0]]
        studio.press("remove")
        assert [edit.marker for edit in studio.design.edits] == [((0, 1, 1.0),)]
        studio.press("remove")
        assert studio.design.is_neutral

    def test_chosen_words_are_boosted_muted_and_cleared(self, studio: Studio) -> None:
        studio.choose("chips", [6])
        studio.press("chips-Mute")
        assert ("*", 6, -1e4) in studio.design.edits[0].beacon
        studio.press("chips-Boost")
        assert studio.design.edits[0].beacon == (("*", 6, 40.0),)
        studio.press("chips-Clear")
        assert studio.design.edits[0].beacon == ()
