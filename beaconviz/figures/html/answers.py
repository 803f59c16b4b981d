"""What a model answers, as HTML: the answer marked in the passage, baseline above edited."""

from __future__ import annotations

from beaconviz.figures.escape import escape
from beaconviz.figures.html.entities import STYLE
from beaconviz.figures.html.numbers import probability
from beaconviz.models.tasks.answers import Answer
from beaconviz.models.tasks.values import MarkedAnswer

AROUND = 160  # characters of the passage shown on each side of an answer

ANSWER_STYLE = """<style>
.bv-answer { color: inherit; padding: .12em .3em; border-radius: .3em;
  background: color-mix(in srgb, #0072B2 26%, transparent); border-bottom: 2px solid #0072B2; }
.bv-answer.bv-new { outline: 2px solid #0072B2; outline-offset: -1px; }
.bv-answer small { margin-inline-start: .4em; }
</style>"""


def answers_html(shown: MarkedAnswer, *, style: bool = True) -> str:
    """The passage twice with the best answer of each run; a new answer is framed."""
    rows = [
        _row("baseline", shown.passage, shown.before, new=False),
        _row("edited", shown.passage, shown.after, new=shown.changed),
    ]
    head = STYLE + ANSWER_STYLE if style else ""
    return f"{head}<div class='bv'>{''.join(rows)}{_change(shown)}</div>"


def _row(who: str, text: str, answer: Answer | None, *, new: bool) -> str:
    passage = _marked(text, answer, new=new)
    return (
        f"<div class='bv-row'><span class='bv-who'>{who}</span>"
        f"<div class='bv-text' dir='auto'>{passage}</div></div>"
    )


def _marked(passage: str, answer: Answer | None, *, new: bool) -> str:
    if answer is None:
        return escape(passage[: 2 * AROUND])
    before = passage[: answer.start]
    after = passage[answer.end :]
    left = f"… {before[-AROUND:]}" if len(before) > AROUND else before
    right = f"{after[:AROUND]} …" if len(after) > AROUND else after
    return (
        f"{escape(left)}<mark class='bv-answer{' bv-new' if new else ''}'>{escape(answer.text)}"
        f"<small>{escape(probability(answer.score))}</small></mark>{escape(right)}"
    )


def _change(shown: MarkedAnswer) -> str:
    before, after = shown.before, shown.after
    if before is None or after is None:
        return "<ul class='bv-changes'><li>The model sees nothing of the passage.</li></ul>"
    scores = escape(f"{probability(before.score)} → {probability(after.score)}")
    if shown.changed:
        told = f"{escape(before.text)} <b>→ {escape(after.text)}</b> {scores}"
    else:
        told = f"The answer is the same. Its score: <b>{scores}</b>"
    return f"<ul class='bv-changes'><li>{told}</li></ul>"
