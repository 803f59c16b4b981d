"""What the model says as HTML: a function for each kind of shown value."""

from __future__ import annotations

from collections.abc import Callable

from markupsafe import Markup

from beaconviz.analysis.comparison import Comparison
from beaconviz.figures.html.answers import answers_html
from beaconviz.figures.html.bars import score_bars_html
from beaconviz.figures.html.entities import STYLE, marked_text_html
from beaconviz.figures.html.generation import written_html
from beaconviz.figures.html.guesses import guesses_html
from beaconviz.figures.html.parts import answer_html
from beaconviz.models.tasks.token_classification import LabelOutput
from beaconviz.models.tasks.values import (
    Bars,
    GeneratedTexts,
    MarkedAnswer,
    MarkedText,
    Note,
    RankedWords,
    Shown,
)


def _note_html(shown: Note, *, style: bool = True) -> Markup:
    return answer_html(shown.text, STYLE if style else "")


DRAWN: dict[type[Shown], Callable[..., Markup]] = {
    Note: _note_html,
    MarkedText: marked_text_html,
    Bars: score_bars_html,
    MarkedAnswer: answers_html,
    RankedWords: guesses_html,
    GeneratedTexts: written_html,
}


def says_html(comparison: Comparison, *, style: bool = True) -> Markup:
    """What the model says before and after: names, classes, an answer, words, a text, or the
    similarity of two texts.

    `style` adds the style sheets, for a page without them.
    """
    return Markup().join(DRAWN[type(shown)](shown, style=style) for shown in comparison.shown)


def entities_html(comparison: Comparison, *, style: bool = True) -> Markup:
    """The text twice, with the names of the baseline above those of the edited run.

    Raises:
        BeaconvizError: a model without labels.
    """
    comparison.baseline.output.expect(LabelOutput)
    return says_html(comparison, style=style)
