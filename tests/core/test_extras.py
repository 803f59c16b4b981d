"""A package that is missing is named, with the way to get it."""

from __future__ import annotations

import importlib
import sys
import tomllib
from pathlib import Path

import pytest

import beaconviz as bv
from beaconviz.core.extras import extra

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
MODULES = {  # what needs an extra when it is imported: module → (package, extra)
    "beaconviz.retrieval.evaluation": ("ir_measures", "retrieval"),
    "beaconviz.training.backbone": ("peft", "train"),
    "beaconviz.training.translator_model": ("peft", "train"),
}


def test_the_line_names_package_and_extra() -> None:
    with (
        pytest.raises(bv.BeaconvizError, match=r'a test needs nothing_such, .*"beaconviz\[x\]"$'),
        extra("x", "a test"),
    ):
        importlib.import_module("nothing_such")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_what_it_lacks(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    package, name = MODULES[module]
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(bv.BeaconvizError, match=rf'{package}.*"beaconviz\[{name}\]"$'):
        importlib.import_module(module)


def test_every_extra_that_is_named_exists() -> None:
    named = {name for _, name in MODULES.values()} | {"explain", "large", "translate"}
    assert named <= EXTRAS.keys()
