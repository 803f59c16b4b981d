"""What people bring to the Studio, without a browser: texts, files, models and links."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from transformers import AutoModelForMaskedLM

from beaconviz import samples
from beaconviz.core.design import Design
from beaconviz.models.loading import SHIPPED
from beaconviz.ui.shell import share
from beaconviz.ui.shell.examples import first_view
from tests.tiny import tiny_model
from tests.ui.app import WORDS, Studio


@pytest.fixture
def studio() -> Studio:
    return Studio()


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
        assert studio.session.messages.question is not None
        studio.press("answer-1")
        assert studio.design.edits[0].beacon == ((6, 7, 2.0),)
        assert studio.session.messages.question is None

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
        assert studio.session.messages.question is None

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("", "not valid JSON"),
            ('{"beaconviz": 1, "words": ["a"', "not valid JSON"),
            ("[1, 2]", "expected an object with beaconviz"),
            ('{"beaconviz": 99, "words": ["a"]}', "update beaconviz"),
            ('{"beaconviz": 1, "words": ["a"], "evil": 1}', "unknown field"),
            ('{"beaconviz": 1, "words": ["a"], "edits": [{"beacon": [[0, 5, 1]]}]}', "0 to 0"),
            ('{"beaconviz": 1, "words": ["a"], "edits": [{"beacon": [[0, 0, NaN]]}]}', "finite"),
            ("[" * 100_000, "nested too deeply"),
            (b"\xff\xfe\x00", "begins as UTF-16 text"),
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
        assert "open the design file that you saved" in studio.errors[0]
