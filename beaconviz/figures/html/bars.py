"""Numbers before and after as pairs of bars on one scale, as HTML.

The baseline's bar is the upper, grey one, as in all figures. Both colours are readable on light and
dark pages, and every number is written out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from markupsafe import Markup

from beaconviz.figures.html.entities import STYLE
from beaconviz.figures.html.numbers import moved_rank, probability
from beaconviz.figures.html.parts import answer_html
from beaconviz.figures.markup import macros
from beaconviz.models.tasks.values import Bar, Bars

_HTML = macros(__file__)
BAR_STYLE: Markup = _HTML.style()


def score_bars_html(shown: Bars, *, style: bool = True) -> Markup:
    """Scores before and after; a bar without a note shows its change of rank."""
    bars = [replace(bar, note=bar.note or moved_rank(*bar.ranks)) for bar in shown.bars]
    drawn = bars_html(
        bars,
        limits=shown.limits,
        written=probability if shown.digits is None else f"{{:.{shown.digits}f}}".format,
        note=_lower(shown.lower) if shown.lower else "",
    )
    return answer_html(drawn, STYLE + BAR_STYLE if style else "")


def _lower(count: int) -> str:
    return f"and {count} lower {'one' if count == 1 else 'ones'}"


def bars_html(
    bars: Sequence[Bar],
    *,
    limits: tuple[float, float],
    written: Callable[[float], str],
    note: str = "",
) -> Markup:
    """A row per bar, all on one scale.

    Args:
        limits: the ends of the scale; bars begin at 0, or at the end nearest to it.
        written: formats a number. note: a remark below the bars.
    """
    several = any(bar.after is not None for bar in bars)
    return _HTML.bars([_row(bar, limits, written) for bar in bars], several, note)


def _row(
    bar: Bar, limits: tuple[float, float], written: Callable[[float], str]
) -> tuple[str, list[tuple[str, str]], str, str]:
    values = [value for value in (bar.before, bar.after) if value is not None]
    lengths = [_length(value, *limits) for value in values]
    return bar.name, lengths, " → ".join(map(written, values)), bar.note


def _length(value: float, low: float, high: float) -> tuple[str, str]:
    """The start and the length of a bar, as shares of the scale."""
    zero = min(max(0.0, low), high)
    ends = sorted(min(max(end, low), high) for end in (zero, value))
    start, length = ((ends[0] - low) / (high - low), (ends[1] - ends[0]) / (high - low))
    return f"{start:.1%}", f"{length:.1%}"
