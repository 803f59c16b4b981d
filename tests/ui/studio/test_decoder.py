"""The Studio with a classifier whose decoder reads the text again."""

from __future__ import annotations

import pytest

from beaconviz.core.edit import Edit
from beaconviz.ui.studio.panels.design_table import Sides, rows_of
from beaconviz.ui.studio.panels.registry import panels_of
from tests.tiny import tiny_head
from tests.ui.app import Studio

TEXT = "Ada Lovelace lived in London"


@pytest.fixture(scope="module")
def bart(tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("bart")
    return str(tiny_head("bart", "BartForSequenceClassification", root))


@pytest.fixture
def studio(bart: str) -> Studio:
    studio = Studio()
    studio.load(bart)
    studio.write(TEXT)
    studio.choose("attention", "cross")
    assert not studio.errors
    return studio


def test_rows_are_what_the_decoder_reads_and_columns_are_words(studio: Studio) -> None:
    run = studio.session.comparison().edited
    assert run.decoder is not None
    document = studio.bench["document"]
    assert document["rows"] == list(run.decoder.tokens.tokens)
    assert document["words"] == TEXT.split()
    assert document["columns"] is None
    studio.paint(beacon=[[2, 1, 9.0], ["*", 0, -4.0]])
    assert not studio.errors
    assert studio.session.comparison().kinds == ("cross",)
    view, run = studio.session.view, studio.session.comparison().edited
    assert [row["row"] for row in rows_of(view, Sides.of(view, run))] == ["2 Ada", "every"]
    studio.choose("attention", "decoder")
    assert studio.bench["document"]["columns"] == list(run.decoder.tokens.tokens)
    assert studio.bench["document"]["causal"]


def test_every_panel_is_drawn_of_a_layer_that_the_encoder_has_not(studio: Studio) -> None:
    studio.paint(beacon=[[2, 1, 9.0]])
    studio.send(view={"layer": 2, "head": 1})  # the encoder has layers 0 and 1
    assert studio.session.view.layer == 2
    for panel in panels_of("Studio"):
        studio.choose("panel", panel)
        assert not studio.errors, panel
    studio.choose("panel", "scan")
    assert "remove these edits" in studio.app.info[0].value


def test_a_shorter_text_drops_the_positions_that_it_has_not(studio: Studio) -> None:
    studio.paint(beacon=[[8, 1, 9.0], [2, 0, 3.0]])
    studio.write("Ada Lovelace lived")
    assert not studio.errors
    assert studio.session.view.design.edits[1].beacon == ((2, 0, 3.0),)


def test_a_model_without_a_decoder_takes_the_edits_of_the_words(studio: Studio) -> None:
    studio.paint(beacon=[[2, 1, 9.0]])
    studio.load("ner-mini")
    assert not studio.errors
    assert studio.session.view.model == "ner-mini"
    assert studio.session.view.design.edits == (Edit(),)
    assert "a kind of attention that ner\\-mini has not" in studio.app.info[0].value
