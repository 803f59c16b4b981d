"""Learned beacons in the app: an edit to evaluate, and matrices to look at and change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

import beaconviz as bv
from beaconviz.engine.elastic import ElasticBeacons, Options
from beaconviz.runs.learned_beacons import load_learned, save_learned
from beaconviz.ui.shared import learned_beacons as learned
from tests.ui.app import Studio
from tests.ui.closed import Closed
from tests.ui.evaluate.test_page import Evaluate


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Beacons of ner-mini, drawn at random."""
    model, path = bv.load("ner-mini"), tmp_path_factory.mktemp("learned")
    save_learned(ElasticBeacons(model.made_for, Options(frozen=True, distance=2)), path)
    return path


def studio_with(folder: Path | str) -> Studio:
    studio = Studio().choose("preset", learned.TITLE)
    studio.app.text_input(key="learned-ner-mini").set_value(str(folder))
    return studio.run().press("apply")


def test_they_become_a_matrix_a_head_that_does_the_same(folder: Path) -> None:
    studio = studio_with(folder)
    model = bv.load("ner-mini")
    assert len(studio.design.edits) == 72
    assert studio.design.unit == "token"
    learned_run = bv.run(model, studio.session.view.text, learned=load_learned(folder, model))
    edited = studio.session.comparison().edited
    assert torch.allclose(edited.logits, learned_run.logits, atol=1e-5)
    names = studio.app.selectbox(key="edit").options
    assert names[0] == "1: layer 0, head 0"
    assert names[71] == "72: layer 5, head 11"


def test_a_head_that_is_looked_at_shows_its_edit(folder: Path) -> None:
    studio = studio_with(folder)
    studio.send(view={"layer": 2, "head": 5})
    assert studio.session.view.edit == 29
    assert studio.bench["document"]["beacon"]
    before = studio.session.comparison().edited.attention(2, 5, special=True)
    studio.paint(beacon=[[1, 2, 40.0]])  # and is changed by hand
    after = studio.session.comparison().edited.attention(2, 5, special=True)
    assert after[1, 2] > max(0.5, float(before[1, 2]))
    other = studio.design.edits[30]
    assert other.beacon  # the other heads keep theirs


@pytest.mark.parametrize("problem", ["nothing there", "another model"])
def test_a_folder_that_does_not_fit_leaves_the_screen_as_it_was(
    tmp_path: Path, problem: str
) -> None:
    if problem == "another model":
        made_for = bv.load("ner-mini").made_for
        save_learned(ElasticBeacons(replace(made_for, name="other")), tmp_path)
    before = Studio().design
    studio = studio_with(tmp_path)
    assert len(studio.errors) == 1
    expected = "has no elastic" if problem == "nothing there" else "were made for other"
    assert expected in studio.errors[0].replace("\\", "")
    assert studio.design == before


def test_who_sits_elsewhere_may_name_no_folder(closed: Closed) -> None:
    closed()
    studio = Studio().choose("preset", learned.TITLE)
    assert not [box for box in studio.app.text_input if box.label == "Folder"]
    assert studio.app.button(key="apply").disabled


def test_who_sits_elsewhere_takes_a_folder_that_was_named(closed: Closed, folder: Path) -> None:
    closed("--beacons", str(folder))
    studio = Studio().choose("preset", learned.TITLE).press("apply")
    assert not studio.errors
    assert len(studio.design.edits) == 72


def test_they_are_evaluated_and_a_sentence_opens_as_matrices(folder: Path) -> None:
    evaluate = Evaluate().choose("edit-source", learned.TITLE)
    assert next(b for b in evaluate.app.button if b.label == "Evaluate").disabled  # no folder yet
    evaluate.app.text_input(key="learned-ner-mini").set_value(str(folder))
    evaluate.run().start().finish()
    outcome = evaluate.job.outcome
    assert outcome.edit == "learned beacons"
    assert outcome.left_alone == 0
    model = bv.load("ner-mini")
    beacons = load_learned(folder, model)
    for sentence, answers in zip(outcome.sentences, outcome.judged, strict=True):
        assert list(answers.edited) == bv.run(model, list(sentence.words), learned=beacons).tags
