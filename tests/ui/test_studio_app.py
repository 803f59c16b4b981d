"""The Studio page without a browser: every control, and every bad input, does what it says."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from transformers import AutoModelForMaskedLM

from beaconviz import samples
from beaconviz.core.design import Design
from beaconviz.core.presets import PRESETS
from beaconviz.models.loading import SHIPPED
from beaconviz.ui import share
from beaconviz.ui.kinds import PANELS_OF
from beaconviz.ui.live import BENCH
from beaconviz.ui.session import KEY, LINK, Session, first_view
from tests.tiny import tiny_model

APP = str(Path(__file__).parents[2] / "app.py")
WORDS = ["Steve", "Jobs", "was", "the", "co-founder", "of", "Apple", "Inc."]


class Studio:
    """The page, as a person's hands and eyes."""

    def __init__(self, link: str | None = None) -> None:
        self.app = AppTest.from_file(APP, default_timeout=120)
        if link is not None:
            self.app.query_params[LINK] = link
        self.run()
        self.seq = 0

    def run(self) -> Studio:
        self.app.run()
        assert not self.app.exception, "a traceback on the screen"
        return self

    @property
    def session(self) -> Session:
        return self.app.session_state[KEY]

    @property
    def design(self) -> Design:
        return self.session.view.design

    @property
    def says(self) -> str:
        return "".join([self.bench["says"], *(html.proto.body for html in self.app.get("html"))])

    @property
    def errors(self) -> list[str]:
        return [error.value for error in self.app.error]

    @property
    def bench(self) -> dict:
        """What was sent to the workbench."""
        data = next(x.proto.bytes for x in self.app.get("bidi_component") if x.proto.bytes)
        return json.loads(data[4 : 4 + int.from_bytes(data[:4], "little")])

    def send(self, **messages: dict) -> Studio:
        """What a browser sends: edit, command or view."""
        self.seq += 1
        stamped = {name: {"seq": self.seq, **message} for name, message in messages.items()}
        self.app.session_state[BENCH] = stamped
        return self.run()

    def paint(self, stroke: int = 1, **cells: list) -> Studio:
        generation = self.bench["document"]["generation"]
        edit = {"generation": generation, "stroke": stroke, "marker": [], "beacon": []}
        return self.send(edit=edit | cells)

    def write(self, text: str) -> Studio:
        self.app.text_input(key="text").set_value(text)
        return self.run()

    def press(self, key: str) -> Studio:
        self.app.button(key=key).click()
        return self.run()

    def load(self, name: str) -> Studio:
        self.app.selectbox(key="model").options.append(name)  # as somebody who types it
        return self.choose("model", name)

    def choose(self, key: str, value: object) -> Studio:
        for widgets in (self.app.segmented_control, self.app.pills, self.app.selectbox):
            found = [widget for widget in widgets if widget.key == key]
            if found:
                found[0].set_value(value)
                return self.run()
        raise AssertionError(f"no control {key}")


@pytest.fixture
def studio() -> Studio:
    return Studio()


class TestScreen:
    def test_it_opens_on_the_worked_example(self, studio: Studio) -> None:
        assert studio.session.view == first_view()
        assert "Steve Jobs" in studio.says
        assert studio.bench["document"]["words"] == WORDS
        assert not studio.errors

    @pytest.mark.parametrize("panel", PANELS_OF["Studio"])
    def test_every_panel_opens(self, studio: Studio, panel: str) -> None:
        studio.choose("panel", panel)
        assert studio.session.view.panel == panel
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


class TestText:
    def test_cells_follow_their_words(self, studio: Studio) -> None:
        studio.paint(beacon=[[0, 6, 3.0], [1, 3, 4.0]])
        studio.write("Yesterday Steve Jobs was a co-founder of Apple Inc.")
        assert studio.design.edits[0].beacon == ((1, 7, 3.0),)
        assert "1 cell" in studio.app.info[0].value
        studio.send(command={"name": "undo"})
        assert studio.design.edits[0].beacon == ((0, 6, 3.0), (1, 3, 4.0))
        assert studio.app.text_input(key="text").value == " ".join(WORDS)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "empty"),
            (" \n\t ", "empty"),
            ("\x00\x01", "empty"),
            ("\u200b", "empty"),
            ("word " * 600, "takes at most"),
            ("x" * 1_000_000, "characters"),
        ],
    )
    def test_a_bad_text_is_told_and_loses_nothing(
        self, studio: Studio, text: str, message: str
    ) -> None:
        studio.paint(beacon=[[0, 6, 3.0]])
        view = studio.session.view
        studio.write(text)
        assert len(studio.errors) == 1
        assert message in studio.errors[0]
        assert studio.session.view == view
        studio.paint(stroke=2, beacon=[[0, 5, 3.0]])
        assert studio.design.edits[0].beacon == ((0, 5, 3.0),)

    @pytest.mark.parametrize(
        "text",
        [
            "😭 ✈️ 👩‍👩‍👧",
            "e\u0301te\u0301 Zu\u0308rich",
            "ولد في القاهرة",
            "... !? —",
            "a\x00b \x07c",
            "乔布斯在加州",
        ],
    )
    def test_any_script_is_taken(self, studio: Studio, text: str) -> None:
        studio.write(text)
        assert not studio.errors
        assert studio.session.view.text == text

    def test_markdown_and_html_are_shown_as_they_are(self, studio: Studio) -> None:
        studio.write("<script>alert(1)</script> *bold* `code`")
        assert not studio.errors
        assert "&lt;script&gt;" in studio.says
        assert "<script>" not in studio.says

    def test_a_sample_comes_with_its_note(self, studio: Studio) -> None:
        studio.choose("sample", samples.texts()[1])
        assert studio.session.view.text != first_view().text
        assert studio.app.info
        assert studio.app.selectbox(key="sample").value is None


class TestFiles:
    def open(self, studio: Studio, content: str | bytes) -> Studio:
        content = content.encode() if isinstance(content, str) else content
        studio.app.file_uploader[0].set_value([("design.json", content, "application/json")])
        return studio.run()

    def test_a_design_for_this_text_opens(self, studio: Studio) -> None:
        design = Design.neutral(WORDS).with_cells(beacon=[(0, 1, 2.0)])
        assert self.open(studio, design.to_json()).design == design

    def test_another_texts_design_can_be_moved_by_word(self, studio: Studio) -> None:
        design = Design.neutral(["Apple", "Inc.", "fell"]).with_cells(beacon=[(0, 1, 2.0)])
        self.open(studio, design.to_json())
        assert studio.session.question is not None
        studio.press("answer-1")
        assert studio.design.edits[0].beacon == ((6, 7, 2.0),)
        assert studio.session.question is None

    def test_another_texts_design_can_bring_its_text(self, studio: Studio) -> None:
        design = Design.neutral(["Apple", "Inc.", "fell"]).with_cells(beacon=[(0, 1, 2.0)])
        self.open(studio, design.to_json())
        studio.press("answer-0")
        assert studio.session.view.text == "Apple Inc. fell"
        assert studio.design == design
        assert studio.app.text_input(key="text").value == "Apple Inc. fell"

    def test_the_question_can_be_left(self, studio: Studio) -> None:
        view = studio.session.view
        self.open(studio, Design.neutral(["Apple"]).to_json())
        studio.press("answer-none")
        assert studio.session.view == view
        assert studio.session.question is None

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "not whole JSON"),
            ('{"beaconviz": 1, "words": ["a"', "not whole JSON"),
            ("[1, 2]", "list"),
            ('{"beaconviz": 99, "words": ["a"]}', "update beaconviz"),
            ('{"beaconviz": 1, "words": ["a"], "evil": 1}', "unknown key"),
            ('{"beaconviz": 1, "words": ["a"], "edits": [{"beacon": [[0, 5, 1]]}]}', "0 to 0"),
            ('{"beaconviz": 1, "words": ["a"], "edits": [{"beacon": [[0, 0, NaN]]}]}', "finite"),
            ("[" * 100_000, "nested too deeply"),
            (b"\xff\xfe\x00", "not text"),
            (b" " * 5_500_000, "at most 5 MB"),
        ],
    )
    def test_a_bad_file_is_told_and_loses_nothing(
        self, studio: Studio, content: str | bytes, message: str
    ) -> None:
        view = studio.session.view
        self.open(studio, content)
        assert len(studio.errors) == 1
        assert message.replace("_", "\\_") in studio.errors[0].replace("\\", "")
        assert studio.session.view == view

    def test_layers_that_do_not_exist_are_told(self, studio: Studio) -> None:
        view = studio.session.view
        self.open(studio, Design.neutral(WORDS).targeting(layers=[42]).to_json())
        assert "42" in studio.errors[0]
        assert studio.session.view == view


class TestModels:
    def test_another_folder_loads_and_keeps_the_design(
        self, studio: Studio, tmp_path: Path
    ) -> None:
        design = studio.design
        studio.load(str(tiny_model("roberta", tmp_path / "roberta")))
        assert not studio.errors
        assert studio.design == design
        assert "3 layers × 4 heads" in studio.says

    def test_a_model_that_fills_masks_says_its_guesses(
        self, studio: Studio, tmp_path: Path
    ) -> None:
        folder = tiny_model("bert", tmp_path / "m", labels=None, auto=AutoModelForMaskedLM)
        studio.load(str(folder))
        assert "Write &lt;mask&gt;" in studio.says
        studio.write("Ada <mask> lived in London").paint(beacon=[["*", 0, 300.0]])
        assert "bv-guess" in studio.says
        studio.choose("panel", "words")
        assert not studio.errors
        guesses = studio.app.dataframe[0].value
        assert guesses["rank_edited"].iloc[0] == 1

    def test_a_bare_encoder_has_maps_and_numbers(self, studio: Studio, tmp_path: Path) -> None:
        studio.load(str(tiny_model("bert", tmp_path / "bert", labels=None)))
        assert not studio.errors
        assert "says nothing about words" in studio.says
        studio.choose("panel", "numbers")
        assert not studio.errors

    def test_a_bad_model_is_told_and_loses_nothing(self, studio: Studio, tmp_path: Path) -> None:
        view = studio.session.view
        (tmp_path / "empty").mkdir()
        pickled = tiny_model("bert", tmp_path / "pickled")
        (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
        other = tiny_model("bert", tmp_path / "other")
        config = json.loads((other / "config.json").read_text())
        config["model_type"] = "deberta-v2"
        (other / "config.json").write_text(json.dumps(config))
        for name in ("./nowhere", str(tmp_path / "empty"), str(pickled), str(other), " "):
            studio.load(name)
            assert len(studio.errors) == 1, name
            assert studio.session.view == view

    def test_a_design_for_layers_the_other_model_has_not_stays(
        self, studio: Studio, tmp_path: Path
    ) -> None:
        studio.choose("layers", [5])
        view = studio.session.view
        studio.load(str(tiny_model("bert", tmp_path / "bert")))
        assert "layers" in studio.errors[0]
        assert studio.session.view == view


class TestLink:
    def test_a_link_opens_its_screen(self) -> None:
        view = replace(first_view(), layer=2, head=1, panel="numbers", special=True)
        studio = Studio(share.encode(view))
        assert studio.session.view == view
        assert not studio.errors

    @pytest.mark.parametrize("link", ["", "x", "eNpVUEtuwyAQ", "%%%", "A" * 100_000])
    def test_a_bad_link_opens_the_worked_example(self, link: str) -> None:
        studio = Studio(link)
        assert studio.session.view == first_view()
        assert len(studio.errors) == (1 if link else 0)

    def test_a_link_whose_text_does_not_fit_opens_the_worked_example(self) -> None:
        view = replace(first_view(), text="word " * 600)
        studio = Studio(share.encode(view))
        assert studio.session.view == first_view()
        assert "takes at most" in studio.errors[0]

    def test_a_link_never_loads_a_strange_model_unasked(self, tmp_path: Path) -> None:
        folder = str(tiny_model("bert", tmp_path / "bert"))
        studio = Studio(share.encode(replace(first_view(), model=folder)))
        assert studio.session.view.model in SHIPPED
        studio.press("answer-0")
        assert studio.session.view.model == folder

    def test_a_design_too_large_for_a_link_survives_a_reload(self) -> None:
        studio = Studio().write(" ".join(f"word{number}" for number in range(130)))
        values = [[row, column, row + column / 200] for row in range(130) for column in range(130)]
        studio.paint(beacon=values)
        address = studio.bench["address"]
        assert "save it as a file" in address["problem"]  # not to be shared
        again = Studio(address["link"])
        assert again.session.view == studio.session.view
        assert not again.errors
        studio.paint(stroke=2, beacon=values[:1])
        assert studio.bench["address"]["problem"] is None

    def test_a_view_that_the_server_has_forgotten_is_told(self) -> None:
        studio = Studio("~gone")
        assert studio.session.view == first_view()
        assert "open the file you saved" in studio.errors[0]
