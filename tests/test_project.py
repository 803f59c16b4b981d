"""What only a fresh machine would notice."""

import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from streamlit import config

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
EXTRAS = PROJECT["optional-dependencies"].values()
OWN_EXTRA = f"{PROJECT['name']}["  # an extra that takes in another one
DEPENDENCIES = [
    entry
    for group in (PROJECT["dependencies"], *EXTRAS)
    for entry in group
    if not entry.startswith(OWN_EXTRA)
]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pairs = (line.split("==") for line in lines if not line.startswith("#"))
    return {canonicalize_name(name): number for name, number in pairs}


@pytest.mark.parametrize("dependency", DEPENDENCIES)
def test_every_dependency_is_pinned_to_an_admitted_version(dependency):
    requirement = Requirement(dependency)
    assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)])


def test_pins_are_versions_that_anybody_can_install():
    assert all("/" not in number and "+" not in number for number in pins().values())


def test_the_installed_version_is_the_one_of_the_project():
    assert version("beaconviz") == PROJECT["version"]


@pytest.mark.parametrize("name", sorted(PROJECT["scripts"]))
def test_commands_point_at_something(name):
    module, _, attribute = PROJECT["scripts"][name].partition(":")
    assert hasattr(__import__(module, fromlist=[attribute]), attribute)


def options(table: dict, prefix: str = "") -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from options(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


@pytest.mark.parametrize("option", options(SETTINGS))
def test_streamlit_knows_each_setting(option):
    config.get_option(option)  # raises for an unknown one
