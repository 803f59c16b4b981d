"""What the model says, as HTML: a panel for each kind of answer."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from beaconviz.analysis.comparison import Comparison
from beaconviz.figures.html.answers import answers_html
from beaconviz.figures.html.classes import classes_html
from beaconviz.figures.html.cosine import cosine_html
from beaconviz.figures.html.entities import entities_html
from beaconviz.figures.html.generation import written_html
from beaconviz.figures.html.guesses import guesses_html
from beaconviz.models.tasks import Over


def _guesses_and_text(comparison: Comparison, *, style: bool = True) -> Markup:
    """What may come next, and what was written, if the model was asked to go on."""
    written = written_html(comparison, style=style) if comparison.edited.generation else Markup()
    return guesses_html(comparison, style=style) + written


_PANELS: dict[Over, Callable[..., Markup]] = {
    "labels": entities_html,
    "classes": classes_html,
    "spans": answers_html,
    "vocabulary": _guesses_and_text,
    "steps": written_html,
    "states": cosine_html,
}


def says_html(comparison: Comparison, *, style: bool = True) -> Markup:
    """What the model says, before and after: names, classes, an answer, words, a text, or how alike
    two texts are.

    `style` puts the style sheets before it, for a page that has them not.
    """
    return _PANELS[comparison.baseline.model.task.over](comparison, style=style)
