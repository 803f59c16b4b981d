"""The files of the browser: declared, found, and nowhere else."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "beaconviz"
MANIFEST = tomllib.loads((PACKAGE / "pyproject.toml").read_text("utf-8"))
FOLDERS = {
    component["name"]: PACKAGE / component["asset_dir"]
    for component in MANIFEST["tool"]["streamlit"]["component"]["components"]
}
SOURCES = {path: path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
REGISTERED = re.compile(r'component\(\s*"beaconviz\.(\w+)"(.*?)\)', re.DOTALL)
FILE = re.compile(r'(?:js|css)="([^"]+\.(?:js|css))"')
COMPONENTS = {
    name: FILE.findall(arguments)
    for source in SOURCES.values()
    for name, arguments in REGISTERED.findall(source)
}
JAVASCRIPT = re.compile(r"export default|addEventListener|=> \{|document\.createElement")


def test_every_component_of_the_manifest_is_registered_and_no_other():
    assert COMPONENTS.keys() == FOLDERS.keys()


@pytest.mark.parametrize(
    ("name", "file"), [(name, file) for name, files in COMPONENTS.items() for file in files]
)
def test_the_files_of_a_component_exist(name, file):
    assert (FOLDERS[name] / file).is_file()


def test_no_javascript_stands_in_python_strings():
    files_with_javascript = [
        path.name for path, source in SOURCES.items() if JAVASCRIPT.search(source)
    ]
    assert files_with_javascript == []


def test_the_lock_names_no_registry_and_the_versions_are_exact():
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert all("resolved" not in package for package in packages.values())
    needed = json.loads((ROOT / "package.json").read_text("utf-8"))["devDependencies"]
    assert packages[""]["devDependencies"] == needed
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in needed.values())
    assert all(packages[f"node_modules/{name}"]["version"] == v for name, v in needed.items())
