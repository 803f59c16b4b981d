"""Sentence pairs to train a translator: lines of a source and a target, separated by a tab."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.extras import extra
from beaconviz.data.textfile import read_text

EXPECTED = "lines of a sentence, a tab, and its translation"


@dataclass(frozen=True)
class Pair:
    """A sentence and its translation, in simplified characters if it is Chinese."""

    source: str
    target: str


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a file; columns after the second, such as an attribution, are not read.

    Traditional characters become simplified ones (OpenCC); other scripts do not change.

    Raises:
        BeaconvizError: no such file, no pairs in it, or a line without two columns; the message has
            its number.
    """
    pairs = []
    for number, line in enumerate(read_text(path, EXPECTED).splitlines(), start=1):
        if not line.strip():
            continue
        columns = [column.strip() for column in line.split("\t")]
        if len(columns) < 2 or not all(columns[:2]):
            raise BeaconvizError(
                f"{path}, line {number}: found {line[:40]!r}; expected a sentence, a tab, and its "
                "translation"
            )
        pairs.append(Pair(columns[0], _converter().convert(columns[1])))
    if not pairs:
        raise BeaconvizError(f"{path} is empty; expected {EXPECTED}")
    return pairs


@cache
def _converter() -> Any:
    with extra("translate", "training a translator"):
        from opencc import OpenCC
    return OpenCC("t2s")
