"""The readings of the formula, each in one sentence and one small picture."""

from __future__ import annotations

import base64
from collections.abc import Sequence

from beaconviz.core.attention import Reading

FORMULAS: dict[Reading, str] = {
    "product": "softmax( M (S + A) / √d ) V",
    "gate": "softmax( M ∘ (S + A) / √d ) V",
    "mask": "softmax( S + A where M = 1 ) V",
}

SENTENCES: dict[Reading, str] = {
    "product": "M mixes whole rows: a word attends the way the words in its row of M attend.",
    "gate": "M scales each pull: 2 doubles a word's score for another, 0 makes it indifferent.",
    "mask": "M says who may be looked at: a word sees only where its row of M is 1.",
}

_SIZE = 11
_BLUE, _ORANGE, _LINE = "#4d83c4", "#cf7a2e", "#8a8f98"  # readable on light and on dark
_SCORES = ((0.2, 0.75, 0.3), (0.55, 0.2, 0.4), (0.95, 0.1, 0.6))  # S, row by row
_EDITED: dict[Reading, tuple[float, ...]] = {
    "product": _SCORES[2],  # the first row attends the way the third does
    "gate": (0.2, 0.05, 0.95),  # the second pull weakened, the third one made stronger
    "mask": (0.0, 0.75, 0.0),  # only the second may be looked at
}


def picture(reading: Reading) -> str:
    """Scores before and after an edit of the first row under a reading, as an SVG image."""
    crossed = (0, 2) if reading == "mask" else ()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="38" viewBox="-1 -1 102 40">'
        f"{_grid(_SCORES, 0)}"
        f'<path d="M41 18h14m-5-4 5 4-5 4" fill="none" stroke="{_LINE}" stroke-width="1.5"/>'
        f"{_grid((_EDITED[reading], *_SCORES[1:]), 62, crossed)}</svg>"
    )


def reading_html(reading: Reading) -> str:
    """Formula, picture and sentence. The picture is an `img`: `st.html` drops inline SVG."""
    source = base64.b64encode(picture(reading).encode()).decode()
    return (
        f'<div class="bv-reading"><code>{FORMULAS[reading]}</code><div>'
        f'<img src="data:image/svg+xml;base64,{source}" width="100" height="38" alt="">'
        f"<p>{SENTENCES[reading]}</p></div></div>"
    )


def _grid(rows: Sequence[Sequence[float]], left: int, crossed: Sequence[int] = ()) -> str:
    step = _SIZE + 1
    cells = [
        f'<rect x="{left + x * step}" y="{y * step}" width="{_SIZE}" height="{_SIZE}" rx="1" '
        f'fill="{_BLUE}" fill-opacity="{strength}" stroke="{_LINE}" stroke-opacity="0.4"/>'
        for y, row in enumerate(rows)
        for x, strength in enumerate(row)
    ]
    cells += [
        f'<path d="M{left + x * step + 2} 2l7 7m0-7-7 7" stroke="{_LINE}" fill="none"/>'
        for x in crossed
    ]
    frame = f'<rect x="{left}" width="35" height="{_SIZE}" fill="none" stroke="{_ORANGE}"/>'
    return "".join(cells) + frame
