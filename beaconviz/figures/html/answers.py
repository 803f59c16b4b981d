"""What a model answers, as HTML: the answer marked in the passage, baseline above edited."""

from __future__ import annotations

from markupsafe import Markup

from beaconviz.analysis.comparison import Comparison
from beaconviz.figures.html.entities import STYLE
from beaconviz.figures.html.numbers import probability
from beaconviz.figures.markup import macros
from beaconviz.runs.run import Run

AROUND = 160  # characters of the passage shown on each side of an answer

_HTML = macros(__file__)
ANSWER_STYLE: Markup = _HTML.style()


def answers_html(comparison: Comparison, *, style: bool = True) -> Markup:
    """The passage twice with the best answer of each run; a new answer is framed."""
    changed = bool(comparison.changes)
    rows = [
        ("baseline", _passage(comparison.baseline, new=False)),
        ("edited", _passage(comparison.edited, new=changed)),
    ]
    head = STYLE + ANSWER_STYLE if style else ""
    return _HTML.answers(head, rows, _change(comparison))


def _passage(run: Run, *, new: bool) -> str:
    """What is around the answer, which is marked."""
    tokens = run.aligned
    passage, answer = tokens.text[tokens.second or 0 :], run.answer
    if answer is None:
        return passage[: 2 * AROUND]
    before = passage[: answer.start]
    after = passage[answer.end :]
    left = f"… {before[-AROUND:]}" if len(before) > AROUND else before
    right = f"{after[:AROUND]} …" if len(after) > AROUND else after
    return _HTML.marked(left, answer.text, probability(answer.score), right, new)


def _change(comparison: Comparison) -> Markup:
    before, after = comparison.baseline.answer, comparison.edited.answer
    if before is None or after is None:
        return _HTML.nothing_seen()
    scores = f"{probability(before.score)} → {probability(after.score)}"
    if comparison.changes:
        return _HTML.changed(before.text, after.text, scores)
    return _HTML.same(scores)
