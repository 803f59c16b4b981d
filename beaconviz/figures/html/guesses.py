"""What a model over a vocabulary says, as HTML: its likeliest words, baseline above edited."""

from __future__ import annotations

import pandas as pd

from beaconviz.figures.escape import escape
from beaconviz.figures.html.entities import STYLE
from beaconviz.figures.html.numbers import moved_rank, probability
from beaconviz.models.tasks.values import RankedWords

SHOWN = 5  # guesses of a run
MOVED = 0.005  # a probability that moved by less is not told

GUESS_STYLE = """<style>
.bv-guess { display: inline-block; margin-inline-end: .45em; padding: 0 .4em; border-radius: .3em;
  line-height: 1.6; white-space: pre; border-bottom: 2px solid #0072B2;
  background: color-mix(in srgb, #0072B2 calc(var(--p) * 60%), transparent); }
.bv-guess small { margin-inline-start: .4em; }
</style>"""


def guesses_html(shown: RankedWords, *, style: bool = True) -> str:
    """The likeliest words wherever the model is asked for one, and those that moved most."""
    head = STYLE + GUESS_STYLE if style else ""
    several = shown.frame["place"].nunique() > 1
    groups = shown.frame.groupby("place", sort=False)
    places = (_place(place, some, several) for place, some in groups)
    return f"{head}<div class='bv'>{''.join(places)}</div>"


def seen(token: str) -> str:
    """A token as text; one of white space alone by signs for it.

    >>> seen(" is"), seen(" "), seen(chr(10))
    (' is', '␣', '↵')
    """
    if token.strip():
        return token
    return token.replace(" ", "␣").replace("\n", "↵").replace("\t", "⇥") or "∅"


def _place(place: object, some: pd.DataFrame, several: bool) -> str:
    first = some["baseline"].idxmax()
    rows = [_row(name, some.nlargest(SHOWN, name), first) for name in ("baseline", "edited")]
    name = f"<div class='bv-row'><span class='bv-who'>token {place}</span></div>" if several else ""
    return f"{name}{''.join(rows)}{_moves(some)}"


def _row(name: str, likely: pd.DataFrame, first: object) -> str:
    """Chips, the likeliest first; it is framed where it is not the baseline's."""
    chips = []
    for number, (row, guess) in enumerate(likely.iterrows()):
        new = " bv-new" if number == 0 and row != first else ""
        chips.append(
            f"<span class='bv-guess{new}' style='--p:{guess[name]:.3f};--bv-label:#0072B2'>"
            f"{escape(seen(guess['guess']))}<small>{escape(probability(guess[name]))}</small></span>"
        )
    return (
        f"<div class='bv-row'><span class='bv-who'>{name}</span>"
        f"<div class='bv-text' dir='auto'>{''.join(chips)}</div></div>"
    )


def _moves(some: pd.DataFrame) -> str:
    """A line per guess that the edit moved: "Paris 0.41 → 0.12 ▼ 1. → 3."."""
    moved = some[some["change"].abs() >= MOVED]
    if moved.empty:
        return "<ul class='bv-changes'><li>No guess changed.</li></ul>"
    order = moved["change"].abs().sort_values(ascending=False).index[:SHOWN]
    lines = (
        f"<li>{escape(seen(row['guess']))} <b>{_move(row['baseline'], row['edited'])}</b> "
        f"{moved_rank(int(row['rank_baseline']), int(row['rank_edited']))}</li>"
        for _, row in moved.loc[order].iterrows()
    )
    return f"<ul class='bv-changes'>{''.join(lines)}</ul>"


def _move(before: float, after: float) -> str:
    return escape(f"{probability(before)} → {probability(after)}")
