"""Predicted words as HTML: the most likely ones, baseline above edited."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from beaconviz.figures.html.entities import STYLE
from beaconviz.figures.html.numbers import moved_rank, probability
from beaconviz.figures.markup import macros
from beaconviz.models.tasks.values import RankedWords

SHOWN = 5  # the number of words shown per run
_RUNS = ("baseline", "edited")
MOVED = 0.005  # a smaller change of a probability is not listed

_HTML = macros(__file__)
GUESS_STYLE: Markup = _HTML.style()


_Chip = tuple[bool, str, str, str]  # new, share, guess, probability


@dataclass(frozen=True)
class _Place:
    """A position that the model predicts. moves: a word, its probabilities and its ranks."""

    name: str
    rows: list[tuple[str, list[_Chip]]]
    moves: list[tuple[str, str, str]]


def guesses_html(shown: RankedWords, *, style: bool = True) -> Markup:
    """The most likely words at each predicted position, and those that changed most."""
    head = STYLE + GUESS_STYLE if style else ""
    several = shown.frame["place"].nunique() > 1
    places = [
        _place(f"token {place}" if several else "", guesses)
        for place, guesses in shown.frame.groupby("place", sort=False)
    ]
    return _HTML.guesses(head, places)


def seen(token: str) -> str:
    """A token as text; white space alone is shown by symbols.

    >>> seen(" is"), seen(" "), seen(chr(10))
    (' is', '␣', '↵')
    """
    if token.strip():
        return token
    return token.replace(" ", "␣").replace("\n", "↵").replace("\t", "⇥") or "∅"


def _place(name: str, guesses: pd.DataFrame) -> _Place:
    first = guesses["baseline"].idxmax()
    rows = [(run, _chips(run, guesses.nlargest(SHOWN, run), first)) for run in _RUNS]
    return _Place(name, rows, _moves(guesses))


def _chips(run: str, likely: pd.DataFrame, first: object) -> list[_Chip]:
    """The most likely words; the first has a frame where it differs from the baseline's."""
    return [
        (
            number == 0 and row != first,
            f"{guess[run]:.3f}",
            seen(guess["guess"]),
            probability(guess[run]),
        )
        for number, (row, guess) in enumerate(likely.iterrows())
    ]


def _moves(guesses: pd.DataFrame) -> list[tuple[str, str, str]]:
    """The words that the edit moved: "Paris", "0.41 → 0.12", "▼ 1. → 3."."""
    moved = guesses[guesses["change"].abs() >= MOVED]
    order = moved["change"].abs().sort_values(ascending=False).index[:SHOWN]
    return [
        (
            seen(row["guess"]),
            f"{probability(row['baseline'])} → {probability(row['edited'])}",
            moved_rank(int(row["rank_baseline"]), int(row["rank_edited"])),
        )
        for _, row in moved.loc[order].iterrows()
    ]
