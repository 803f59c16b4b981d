"""What a model over a vocabulary says, as HTML: its likeliest words, baseline above edited."""

from __future__ import annotations

import html

import pandas as pd

from beaconviz.analysis.comparison import Comparison
from beaconviz.figures.entities import STYLE, entities_html, escape

SHOWN = 5  # guesses of a run
MOVED = 0.005  # a probability that moved by less is not told

GUESS_STYLE = """<style>
.bv-guess { display: inline-block; margin-inline-end: .45em; padding: 0 .4em; border-radius: .3em;
  line-height: 1.6; white-space: pre; border-bottom: 2px solid #0072B2;
  background: color-mix(in srgb, #0072B2 calc(var(--p) * 60%), transparent); }
.bv-guess small { margin-inline-start: .4em; }
</style>"""


def says_html(comparison: Comparison, *, style: bool = True) -> str:
    """What the model says, before and after: names in the text, or the words that it guesses.

    `style` puts the style sheets before it, for a page that has them not.
    """
    model = comparison.baseline.model
    if model.task.over != "vocabulary":
        return entities_html(comparison, style=style)
    head = STYLE + GUESS_STYLE if style else ""
    if not comparison.baseline.asked:
        mask = html.escape(str(model.tokenizer.mask_token))
        return f"{head}<div class='bv'>Write {mask} where the model should guess a word.</div>"
    frame = comparison.guesses()
    several = len(comparison.baseline.asked) > 1
    places = (_place(place, some, several) for place, some in frame.groupby("place", sort=False))
    return f"{head}<div class='bv'>{''.join(places)}</div>"


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
            f"{escape(guess['guess'])}<small>{guess[name]:.2f}</small></span>"
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
        f"<li>{escape(row['guess'])} <b>{row['baseline']:.2f} → {row['edited']:.2f}</b> "
        f"{_ranks(int(row['rank_baseline']), int(row['rank_edited']))}</li>"
        for _, row in moved.loc[order].iterrows()
    )
    return f"<ul class='bv-changes'>{''.join(lines)}</ul>"


def _ranks(before: int, after: int) -> str:
    if before == after:
        return ""
    return f"{'▲' if after < before else '▼'} {before}. → {after}."
