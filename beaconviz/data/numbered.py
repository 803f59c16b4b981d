"""The names of numbered tags, as Hugging Face data sets have them: in dataset_info.json
(save_to_disk), dataset_infos.json or the front matter of README.md (the Hub), beside the data."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import regex
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from beaconviz.core.errors import BeaconvizError
from beaconviz.data.textfile import read_text

TagNames = Callable[[str], tuple[str, ...] | None]
"""The names of the tags of a field, in the order of their numbers; None where none are known."""

_FILES = ("dataset_info.json", "dataset_infos.json", "README.md")
_FRONT_MATTER = regex.compile(r"---\n(.*?)\n---", regex.DOTALL)
_INSIDE = ("feature", "sequence", "list", "class_label", "type", "dtype")
_DEEPEST = 8  # YAML can hold itself


def names_beside(path: Path, field: str) -> tuple[str, ...] | None:
    """The names of a field's tags in a file beside `path`.

    Raises:
        BeaconvizError: two configurations have different names; or the file cannot be read.
    """
    for file in (path.parent / name for name in _FILES):
        if not file.is_file():
            continue
        every = {
            names for features in _features(_read(file)) if (names := names_in(features, field))
        }
        if len(every) > 1:
            raise BeaconvizError(
                f"{field} holds numbers, and {file.name} beside the file names them in "
                f"{len(every)} ways; expected one: write the names into the file"
            )
        if every:
            return every.pop()
    return None


def names_in(features: Any, field: str) -> tuple[str, ...] | None:
    """The names of a field's tags in the features of a data set.

    >>> tags = {"feature": {"names": ["O", "B-PER"], "_type": "ClassLabel"}, "_type": "Sequence"}
    >>> names_in({"ner_tags": tags}, "ner_tags")
    ('O', 'B-PER')
    """
    if isinstance(features, list):  # the Hub's
        named = (each for each in features if isinstance(each, dict) and each.get("name") == field)
        features = {field: next(named, None)}
    inner = features.get(field) if isinstance(features, dict) else None
    for _ in range(_DEEPEST):
        if isinstance(inner, list):
            inner = inner[0] if inner else None
        if not isinstance(inner, dict):
            return None
        if "names" in inner:
            return _in_order(inner["names"])
        inner = next(
            (inner[key] for key in _INSIDE if isinstance(inner.get(key), (dict, list))), None
        )
    return None


def _in_order(names: Any) -> tuple[str, ...] | None:
    """A list of names, or the names by their numbers, which YAML has as texts."""
    if isinstance(names, dict):
        by_number = {str(number): name for number, name in names.items()}
        names = [by_number.get(str(number)) for number in range(len(names))]
    fits = isinstance(names, list) and names and all(isinstance(name, str) for name in names)
    return tuple(names) if fits else None


def _features(info: Any) -> Iterator[Any]:
    """The features of each configuration."""
    info = info.get("dataset_info", info) if isinstance(info, dict) else info
    if isinstance(info, dict):
        info = [info] if "features" in info else list(info.values())
    for each in info if isinstance(info, list) else ():
        if isinstance(each, dict):
            yield each.get("features")


def _read(file: Path) -> Any:
    text = read_text(file, "what a data set says of its fields")
    try:
        if file.suffix == ".json":
            return json.loads(text)
        front = _FRONT_MATTER.match(text)
        return YAML(typ="safe", pure=True).load(front[1]) if front else None
    except (ValueError, RecursionError, YAMLError):
        return None  # as if it were not there: the refusal of numbers follows
