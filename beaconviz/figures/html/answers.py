"""Answers to a question as HTML: marked in the passage, baseline above edited."""

from __future__ import annotations

from markupsafe import Markup

from beaconviz.figures.html.entities import STYLE
from beaconviz.figures.html.numbers import probability
from beaconviz.figures.markup import macros
from beaconviz.models.tasks.answers import Answer
from beaconviz.models.tasks.values import MarkedAnswer

AROUND = 160  # characters of the passage shown on each side of an answer

_HTML = macros(__file__)
ANSWER_STYLE: Markup = _HTML.style()


def answers_html(shown: MarkedAnswer, *, style: bool = True) -> Markup:
    """The passage twice with the best answer of each run; a new answer is framed."""
    rows = [
        ("baseline", _passage(shown.passage, shown.before, new=False)),
        ("edited", _passage(shown.passage, shown.after, new=shown.changed)),
    ]
    head = STYLE + ANSWER_STYLE if style else ""
    return _HTML.answers(head, rows, _change(shown))


def _passage(passage: str, answer: Answer | None, *, new: bool) -> str:
    """The marked answer with its surrounding text."""
    if answer is None:
        return passage[: 2 * AROUND]
    before = passage[: answer.start]
    after = passage[answer.end :]
    left = f"… {before[-AROUND:]}" if len(before) > AROUND else before
    right = f"{after[:AROUND]} …" if len(after) > AROUND else after
    return _HTML.marked(left, answer.text, probability(answer.score), right, new)


def _change(shown: MarkedAnswer) -> Markup:
    before, after = shown.before, shown.after
    if before is None or after is None:
        return _HTML.nothing_seen()
    scores = f"{probability(before.score)} → {probability(after.score)}"
    if shown.changed:
        return _HTML.changed(before.text, after.text, scores)
    return _HTML.same(scores)
