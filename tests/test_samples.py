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


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("barcelona-in", "Barcelona ORG → LOC"),
        ("heathrow-taylor", "heathrow LOC → PER"),
        ("near-words-only", "University of Cape Town ORG → none"),
        ("worked-example", "Apple Inc. ORG → none"),
    ],
)
def test_designs_do_what_their_readme_says(name, change, ner_mini):
    design = Design.from_json(designs()[name])
    text = next(s.text for s in texts() if s.text.split() == list(design.words))
    assert change in map(str, compare(ner_mini, text, design).changes)


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
