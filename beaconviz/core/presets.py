"""Preset designs. Each preset makes an ordinary design over given words."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from beaconviz.core.design import Design
from beaconviz.core.edit import Cell, DesignError, Unit, check_index, check_value
from beaconviz.core.interventions import Reading

EXAMPLE_TEXT = "Steve Jobs was the co-founder of Apple Inc."
STRONG = 40.0  # units of S; at d = 32 this multiplies the odds by e^7 ≈ 1,200
NEVER = -1e4  # units of S; leaves no attention at any d in use


@dataclass(frozen=True)
class Preset:
    """A preset: its name, its purpose, and its settings.

    settings: the keyword arguments of `make` with their defaults; `word` and `words` are positions
    chosen by the user.
    """

    name: str
    title: str
    about: str
    make: Any
    settings: dict[str, Any]


def worked_example(
    words: Sequence[str], *, reading: Reading = "product", unit: Unit = "word"
) -> Design:
    """The source's example: M all zeros but M[0][2] = 1 and M[2][6] = 1, and A[2][6] = 1."""
    if len(words) < 7:
        raise DesignError(
            f"the worked example edits words 0, 2 and 6; the text has {len(words)}: "
            f"use its own text, {EXAMPLE_TEXT!r}"
        )
    ones = {(0, 2), (2, 6)}
    design = Design.neutral(words, reading=reading, unit=unit)
    cells = [
        (row, column, float((row, column) in ones))
        for row in range(len(words))
        for column in range(len(words))
    ]
    changed = [
        cell for cell in cells if cell[2] != design.neutral_value("marker", cell[0], cell[1])
    ]
    return design.with_cells(marker=changed, beacon=[(2, 6, 1.0)])


def look_only_at(words: Sequence[str], *, word: int, target: int, unit: Unit = "word") -> Design:
    """One word may attend only to one other word (and to special tokens): a row of the mask."""
    _check_words(words, word=word, target=target)
    cells = [(word, column, 0.0) for column in range(len(words)) if column != target]
    return Design.neutral(words, reading="mask", unit=unit).with_cells(marker=cells)


def boost(
    words: Sequence[str],
    *,
    word: int,
    value: float = STRONG,
    reading: Reading = "product",
    unit: Unit = "word",
) -> Design:
    """All words attend more to one word: a beacon of `value` (units of S) on its column."""
    _check_words(words, word=word)
    return Design.neutral(words, reading=reading, unit=unit).with_cells(beacon=[("*", word, value)])


def mute(
    words: Sequence[str], *, word: int, reading: Reading = "product", unit: Unit = "word"
) -> Design:
    """No word attends to one word: a beacon of -10,000 on its column."""
    return boost(words, word=word, value=NEVER, reading=reading, unit=unit)


def local_window(words: Sequence[str], *, width: int = 2, unit: Unit = "word") -> Design:
    """Words attend at most `width` words away: a band of ones in the mask."""
    _check_width(width)
    size = range(len(words))
    cells = [(i, j, 0.0) for i in size for j in size if abs(i - j) > width]
    return Design.neutral(words, reading="mask", unit=unit).with_cells(marker=cells)


def long_distance(
    words: Sequence[str],
    *,
    width: int = 3,
    value: float = STRONG,
    reading: Reading = "product",
    unit: Unit = "word",
) -> Design:
    """Words attend more to words farther than `width` away: the source argues for beacons with
    information that only far words carry."""
    _check_width(width)
    size = range(len(words))
    cells = [(i, j, value) for i in size for j in size if abs(i - j) > width]
    return Design.neutral(words, reading=reading, unit=unit).with_cells(beacon=cells)


def pasta(
    words: Sequence[str],
    *,
    highlighted: Collection[int],
    head_size: int,
    alpha: float = 0.01,
    reading: Reading = "product",
    unit: Unit = "word",
) -> Design:
    """PASTA (Zhang et al. 2023, arXiv 2311.02262): the weights of keys that are not highlighted
    are scaled by α and renormalised, which is a beacon of √d · ln α on those keys."""
    if not 0 < alpha <= 1e4:
        raise DesignError(f"alpha is {alpha!r}; expected a number above 0, such as 0.01")
    _check_words(words, **{f"highlighted[{n}]": word for n, word in enumerate(highlighted)})
    value = math.sqrt(head_size) * math.log(alpha)
    cells: list[Cell] = [
        ("*", word, value) for word in range(len(words)) if word not in highlighted
    ]
    return Design.neutral(words, reading=reading, unit=unit).with_cells(beacon=cells)


PRESETS: dict[str, Preset] = {
    preset.name: preset
    for preset in (
        Preset(
            "worked-example",
            "Worked example",
            "Steve ← was, was ← Apple, as the source has it",
            worked_example,
            {},
        ),
        Preset(
            "look-only-at",
            "Look only at",
            "one word may attend to one other word only",
            look_only_at,
            {"word": 0, "target": 0},
        ),
        Preset(
            "boost",
            "Boost a word",
            "all words attend more to one word",
            boost,
            {"word": 0, "value": STRONG},
        ),
        Preset("mute", "Mute a word", "no word attends to one word", mute, {"word": 0}),
        Preset(
            "local-window",
            "Local window",
            "words attend to near words only",
            local_window,
            {"width": 2},
        ),
        Preset(
            "long-distance",
            "Long distance",
            "words attend more to far words",
            long_distance,
            {"width": 3, "value": STRONG},
        ),
        Preset(
            "pasta",
            "PASTA",
            "weights of words that are not highlighted shrink to α",
            pasta,
            {"highlighted": (0,), "alpha": 0.01},
        ),
    )
}


def _check_words(words: Sequence[str], **chosen: int) -> None:
    for name, index in chosen.items():
        check_index(name, index, len(words), "words")


def _check_width(width: int) -> None:
    check_value("width", width)
    if isinstance(width, float) or width < 0:
        raise DesignError(f"width is {width!r}; expected a whole number of words, 0 or more")
