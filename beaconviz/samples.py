"""The sample texts, designs and rules, and where the files beside the package are.

`app.py` and `sample_data/` are at the top of the repository; an installed beaconviz carries
them inside the package.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parent


@dataclass(frozen=True)
class Sample:
    """A text to try, and what to try on it."""

    title: str
    text: str
    note: str


def shipped(name: str) -> Path:
    """The path of a file or folder that ships beside the package.

    Raises FileNotFoundError when the installation is incomplete.

    >>> shipped("sample_data").name
    'sample_data'
    """
    for folder in (PACKAGE, PACKAGE.parent):
        if (folder / name).exists():
            return folder / name
    raise FileNotFoundError(f"{name} is missing from this installation; install beaconviz again")


@cache
def texts() -> tuple[Sample, ...]:
    """The sample texts, the worked example first.

    >>> texts()[0].text
    'Steve Jobs was the co-founder of Apple Inc.'
    """
    entries = json.loads((shipped("sample_data") / "texts.json").read_text("utf-8"))
    return tuple(Sample(**entry) for entry in entries)


@cache
def article() -> str:
    """A text of a page, to read by its key words."""
    return (shipped("sample_data") / "article.txt").read_text("utf-8")


@cache
def designs() -> dict[str, str]:
    """The sample design files by name, as JSON.

    >>> "worked-example" in designs()
    True
    """
    files = sorted((shipped("sample_data") / "designs").glob("*.json"))
    return {file.stem: file.read_text("utf-8") for file in files}


@cache
def query_design() -> str:
    """A design for a query of the sample documents, as JSON."""
    return (shipped("sample_data") / "retrieval" / "design.json").read_text("utf-8")


@cache
def rules() -> dict[str, str]:
    """The sample rule files by name, as YAML.

    >>> "long-distance" in rules()
    True
    """
    files = sorted((shipped("sample_data") / "rules").glob("*.yaml"))
    return {file.stem: file.read_text("utf-8") for file in files}
