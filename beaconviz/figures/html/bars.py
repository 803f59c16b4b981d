"""Numbers before and after as pairs of bars on one scale, as HTML.

The baseline's bar is the upper, grey one, as in all figures here; both colours read on light and
on dark, and every number is written out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from beaconviz.figures.escape import escape
from beaconviz.figures.html.entities import STYLE
from beaconviz.figures.html.numbers import moved_rank, probability
from beaconviz.models.tasks.values import Bar, Bars

BAR_STYLE = """<style>
.bv-bars { display: grid; grid-template-columns: fit-content(16em) minmax(6em, 22em) auto 1fr;
  gap: .15em .8em; align-items: center; line-height: 1.5; font-size: .95rem; }
.bv-bars > b { font-weight: 600; overflow-wrap: anywhere; }
.bv-bars > span { font-variant-numeric: tabular-nums; white-space: nowrap; }
.bv-bars > small { grid-column: 1 / -1; }
.bv-bars > small span { margin-inline-start: 1em; }
.bv-track { display: block; }
.bv-track i { display: block; height: 5px; margin: 2px 0 2px var(--from); width: var(--long);
  min-width: 1px; border-radius: 2px; background: #8a8f98; }
.bv-track i + i { background: #c46a17; }
.bv-key { display: inline-block; width: 1.1em; height: 5px; margin: 0 .35em .15em 0;
  border-radius: 2px; background: #8a8f98; }
.bv-key.bv-after { background: #c46a17; margin-inline-start: 1em; }
</style>"""


def score_bars_html(shown: Bars, *, style: bool = True) -> str:
    """Scores before and after; a bar without a note says how its rank moved."""
    bars = [replace(bar, note=bar.note or moved_rank(*bar.ranks)) for bar in shown.bars]
    drawn = bars_html(
        bars,
        limits=shown.limits,
        written=probability if shown.digits is None else f"{{:.{shown.digits}f}}".format,
        note=_lower(shown.lower) if shown.lower else "",
    )
    return f"{STYLE + BAR_STYLE if style else ''}<div class='bv'>{drawn}</div>"


def _lower(count: int) -> str:
    return f"and {count} lower {'one' if count == 1 else 'ones'}"


def bars_html(
    bars: Sequence[Bar],
    *,
    limits: tuple[float, float],
    written: Callable[[float], str],
    note: str = "",
) -> str:
    """A row for each, all on one scale.

    Args:
        limits: the numbers at the scale's ends; bars begin at 0, or at the end next to it.
        written: a number as text. note: what else there is to say below.
    """
    names = "<i class='bv-key'></i>baseline<i class='bv-key bv-after'></i>edited"
    if all(bar.after is None for bar in bars):
        names = ""
    key = f"<small>{names}<span>{escape(note)}</span></small>"
    return f"<div class='bv-bars'>{''.join(_row(bar, limits, written) for bar in bars)}{key}</div>"


def _row(bar: Bar, limits: tuple[float, float], written: Callable[[float], str]) -> str:
    values = [value for value in (bar.before, bar.after) if value is not None]
    both = "".join(_bar(value, *limits) for value in values)
    told = " → ".join(map(written, values))
    return (
        f"<b dir='auto'>{escape(bar.name)}</b><span class='bv-track'>{both}</span>"
        f"<span>{escape(told)}</span>"
        f"<span>{escape(bar.note)}</span>"
    )


def _bar(value: float, low: float, high: float) -> str:
    zero = min(max(0.0, low), high)
    ends = sorted(min(max(one, low), high) for one in (zero, value))
    start, length = ((ends[0] - low) / (high - low), (ends[1] - ends[0]) / (high - low))
    return f"<i style='--from:{start:.1%};--long:{length:.1%}'></i>"
