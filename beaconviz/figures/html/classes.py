"""What a classifier says of a text, as HTML: a pair of bars for each class."""

from __future__ import annotations

from markupsafe import Markup

from beaconviz.analysis.comparison import Comparison
from beaconviz.figures.html.bars import BAR_STYLE, Bar, bars_html
from beaconviz.figures.html.entities import STYLE
from beaconviz.figures.html.numbers import moved_rank, probability
from beaconviz.figures.html.parts import answer_html

SHOWN = 3  # classes, the highest of either run


def classes_html(comparison: Comparison, *, style: bool = True) -> Markup:
    """The classes with the highest scores, before and after, in the order of the edited run."""
    frame = comparison.classes()
    shown = frame[frame[["rank_baseline", "rank_edited"]].min(axis=1) <= SHOWN]
    bars = [
        Bar(
            row["class"],
            row["baseline"],
            row["edited"],
            moved_rank(row["rank_baseline"], row["rank_edited"]),
        )
        for row in shown.to_dict("records")
    ]
    numbers = comparison.baseline.model.classing == "numbers"
    values = [0.0, *shown["baseline"], *shown["edited"]]
    limits = (min(values), max(values)) if numbers and any(values) else (0.0, 1.0)
    more = len(frame) - len(shown)
    drawn = bars_html(
        bars,
        limits=limits,
        written="{:.2f}".format if numbers else probability,
        note=f"and {more} lower {'one' if more == 1 else 'ones'}" if more else "",
    )
    return answer_html(drawn, STYLE + BAR_STYLE if style else "")
