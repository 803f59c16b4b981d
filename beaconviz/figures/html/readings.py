"""The readings of the formula, each in one sentence and one small picture."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import torch

from beaconviz.core.interventions import INTERVENTIONS, Reading

_SIZE = 11
_BLUE, _ORANGE, _LINE = "#4d83c4", "#cf7a2e", "#8a8f98"  # readable on light and on dark
_SCORES = ((0.2, 0.75, 0.3), (0.55, 0.2, 0.4), (0.95, 0.1, 0.6))  # S, row by row


def picture(reading: Reading) -> str:
    """Scores before and after an edit of the first row under a reading, as an SVG image."""
    kind, scores = INTERVENTIONS[reading], torch.tensor(_SCORES)
    marker = kind.neutral_rows(torch.arange(3), 3)
    marker[0] = torch.tensor(kind.example)
    edited = kind.scores(scores, marker)
    hidden = edited[0].isinf().nonzero().flatten().tolist()
    edited = edited.clamp(0, 1)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="100" height="38" viewBox="-1 -1 102 40">'
        f"{_grid(_SCORES, 0)}"
        f'<path d="M41 18h14m-5-4 5 4-5 4" fill="none" stroke="{_LINE}" stroke-width="1.5"/>'
        f"{_grid(edited.tolist(), 62, hidden)}</svg>"
    )


def reading_html(reading: Reading) -> str:
    """Formula, picture and sentence. The picture is an `img`: `st.html` drops inline SVG."""
    kind = INTERVENTIONS[reading]
    source = base64.b64encode(picture(reading).encode()).decode()
    return (
        f'<div class="bv-reading"><code>{kind.formula}</code><div>'
        f'<img src="data:image/svg+xml;base64,{source}" width="100" height="38" alt="">'
        f"<p>{kind.sentence}</p></div></div>"
    )


def _grid(rows: Sequence[Sequence[float]], left: int, crossed: Sequence[int] = ()) -> str:
    step = _SIZE + 1
    cells = [
        f'<rect x="{left + x * step}" y="{y * step}" width="{_SIZE}" height="{_SIZE}" rx="1" '
        f'fill="{_BLUE}" fill-opacity="{strength:.2f}" stroke="{_LINE}" stroke-opacity="0.4"/>'
        for y, row in enumerate(rows)
        for x, strength in enumerate(row)
    ]
    cells += [
        f'<path d="M{left + x * step + 2} 2l7 7m0-7-7 7" stroke="{_LINE}" fill="none"/>'
        for x in crossed
    ]
    frame = f'<rect x="{left}" width="35" height="{_SIZE}" fill="none" stroke="{_ORANGE}"/>'
    return "".join(cells) + frame
