"""The readings of the formula, each in one sentence and one small picture."""

from __future__ import annotations

import base64

import torch
from markupsafe import Markup

from beaconviz.core.interventions import INTERVENTIONS, Reading
from beaconviz.figures.markup import macros

_SIZE = 11
_BLUE, _ORANGE, _LINE = "#4d83c4", "#cf7a2e", "#8a8f98"  # readable on light and dark pages
_HTML = macros(__file__)
_SCORES = ((0.2, 0.75, 0.3), (0.55, 0.2, 0.4), (0.95, 0.1, 0.6))  # S, row by row


def picture(reading: Reading) -> Markup:
    """Scores before and after an edit of the first row under a reading, as an SVG image."""
    kind, scores = INTERVENTIONS[reading], torch.tensor(_SCORES)
    marker = kind.neutral_rows(torch.arange(3), 3)
    marker[0] = torch.tensor(kind.example)
    edited = kind.scores(scores, marker)
    hidden = edited[0].isinf().nonzero().flatten().tolist()
    edited = edited.clamp(0, 1)
    colours = {"blue": _BLUE, "orange": _ORANGE, "line": _LINE}
    return _HTML.picture(_SCORES, edited.tolist(), hidden, size=_SIZE, **colours)


def reading_html(reading: Reading) -> Markup:
    """Formula, picture and sentence."""
    kind = INTERVENTIONS[reading]
    source = base64.b64encode(picture(reading).encode()).decode()
    return _HTML.reading(kind.formula, kind.sentence, source)
