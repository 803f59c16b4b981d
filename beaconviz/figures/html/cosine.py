"""How alike a model of hidden states finds two texts, as HTML."""

from __future__ import annotations

from beaconviz.analysis.comparison import Comparison
from beaconviz.figures.html.bars import BAR_STYLE, Bar, bars_html
from beaconviz.figures.html.entities import STYLE


def cosine_html(comparison: Comparison, *, style: bool = True) -> str:
    """The cosine of the two texts, before and after; how to have it where there is one text."""
    before, after = comparison.baseline.cosine, comparison.edited.cosine
    head = STYLE + BAR_STYLE if style else ""
    if before is None or after is None:
        said = (
            "This model says nothing about words. With a second text, it says how alike both are."
        )
        return f"{head}<div class='bv'>{said}</div>"
    low = -1.0 if min(before, after) < 0 else 0.0
    bar = Bar("Cosine of both texts", before, after, f"{after - before:+.3f}".replace("-", "−"))
    drawn = bars_html([bar], limits=(low, 1.0), written="{:.3f}".format)
    return f"{head}<div class='bv'>{drawn}</div>"
