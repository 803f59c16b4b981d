"""The samples are whole, and each design fits one of the texts."""

import json

import pytest

from beaconviz.analysis.comparison import compare
from beaconviz.core.design import Design
from beaconviz.models.loading import load
from beaconviz.samples import designs, shipped, texts


@pytest.fixture(scope="module")
def ner_mini():
    return load("ner-mini", device="cpu")


def test_the_worked_example_is_all_zeros_but_three_cells():
    design = json.loads(designs()["worked-example"])
    edit = design["edits"][0]
    assert design["reading"] == "product"
    assert _ones(edit["marker"]) == [(0, 2), (2, 6)]
    assert _ones(edit["beacon"]) == [(2, 6)]


@pytest.mark.parametrize("name", designs())
def test_each_design_fits_a_sample_text(name):
    words = Design.from_json(designs()[name]).words
    assert " ".join(words) in {sample.text for sample in texts()}


@pytest.mark.parametrize("name", designs())
def test_each_design_changes_what_ner_mini_says(name, ner_mini):
    design = Design.from_json(designs()[name])
    assert compare(ner_mini, " ".join(design.words), design).changes or name.endswith("-mask")


def test_titles_differ_and_nothing_is_empty():
    samples = texts()
    assert len({sample.title for sample in samples}) == len(samples) >= 12
    assert all(sample.text.strip() and sample.note.strip() for sample in samples)


def test_a_missing_file_says_how_to_mend_it():
    with pytest.raises(FileNotFoundError, match="install beaconviz again"):
        shipped("no-such-file")


def _ones(matrix):
    assert all(len(row) == len(matrix) == 8 for row in matrix)
    return [(i, j) for i, row in enumerate(matrix) for j, cell in enumerate(row) if cell]
