"""A model's labels are read as those of data files are, however they are spelled."""

from __future__ import annotations

from pathlib import Path

import pytest

import beaconviz as bv
from tests.tiny import tiny_model

SPELLINGS = {
    "BMES": ["O", "B-PER", "M-PER", "E-PER", "S-PER"],
    "underscore": ["O", "B_PER", "I_PER"],
    "suffix": ["O", "PER-B", "PER-I"],
    "lower case": ["o", "b-per", "i-per"],
    "letters alone": ["O", "B", "I"],
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_one_name_is_one_entity(spelling: str, tmp_path: Path) -> None:
    """Whatever tags a random network gives: no type keeps the letter of its place."""
    folder = tiny_model("bert", tmp_path, labels=SPELLINGS[spelling])
    model = bv.load(str(folder), device="cpu")
    assert model.labels[0] == "O"
    kinds = {label.partition("-")[2] for label in model.labels[1:]}
    assert len(kinds) == 1
    assert all(label.partition("-")[0] in "BIESMLU" for label in model.labels[1:])
    run = bv.run(model, "Ada Lovelace was the co-founder of Apple Inc. in London")
    assert {entity.label for entity in run.entities} <= kinds
    assert {tag[0] for tag in run.tags} <= set("BIO")


def test_labels_without_names_are_named_in_a_remark(tmp_path: Path) -> None:
    folder = tiny_model("bert", tmp_path, labels=["LABEL_0", "LABEL_1", "LABEL_2"])
    (remark,) = bv.load(str(folder), device="cpu").remarks
    assert "entities have no names (LABEL_0 to LABEL_2)" in remark
    assert "O for no entity" in remark
