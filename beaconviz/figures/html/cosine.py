"""How alike a model of hidden states finds two texts, as HTML."""

from __future__ import annotations

from markupsafe import Markup

from beaconviz.analysis.comparison import Comparison
from beaconviz.figures.html.bars import BAR_STYLE, Bar, bars_html
from beaconviz.figures.html.entities import STYLE
from beaconviz.figures.html.parts import answer_html


def cosine_html(comparison: Comparison, *, style: bool = True) -> Markup:
    """The cosine of the two texts, before and after; how to have it where there is one text."""
    before, after = comparison.baseline.cosine, comparison.edited.cosine
    head = STYLE + BAR_STYLE if style else ""
    if before is None or after is None:
        said = (
            "This model says nothing about words. With a second text, it says how alike both are."
        )
        return answer_html(said, head)
    low = -1.0 if min(before, after) < 0 else 0.0
    bar = Bar("Cosine of both texts", before, after, f"{after - before:+.3f}".replace("-", "−"))
    drawn = bars_html([bar], limits=(low, 1.0), written="{:.3f}".format)
    return answer_html(drawn, head)
