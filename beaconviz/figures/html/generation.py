"""What a model wrote, before and after, as HTML: the changed steps framed, each with its
chances."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from beaconviz.analysis.comparison import Comparison
from beaconviz.analysis.generations import rewrites
from beaconviz.figures.html.entities import STYLE
from beaconviz.figures.html.guesses import seen
from beaconviz.figures.html.numbers import probability
from beaconviz.figures.markup import macros
from beaconviz.runs.generation import Generation
from beaconviz.runs.run import Run

ALTERNATIVES = 4

_HTML = macros(__file__)
WRITTEN_STYLE: Markup = _HTML.style()


@dataclass(frozen=True)
class _Step:
    """A step as it is drawn. chance: its probability. likely: what else was likely."""

    number: int
    text: str
    mark: str
    chance: str
    likely: str


def written_html(comparison: Comparison, *, style: bool = True) -> Markup:
    """The text that each run wrote, baseline above edited.

    The line under a step is as strong as the step was likely; hovering tells what else was likely.
    What the edit wrote otherwise is framed, and struck through in the baseline.
    """
    before, after = comparison.baseline.generation, comparison.edited.generation
    head = STYLE + WRITTEN_STYLE if style else Markup()
    if before is None or after is None:
        return head
    changes = rewrites(before, after)
    gone = {step for change in changes for step in range(*change.before_steps)}
    new = {step for change in changes for step in range(*change.after_steps)}
    rows = (
        ("baseline", list(_steps(comparison.baseline, gone, " bv-gone")), _score(before)),
        ("edited", list(_steps(comparison.edited, new, " bv-new")), _score(after)),
    )
    lines = [str(change) for change in changes if change.before or change.after]
    return _HTML.written(head, rows, lines)


def _steps(run: Run, marked: Collection[int], mark: str) -> Iterator[_Step]:
    """The steps that have a text; the end of the text has none."""
    written = run.generation
    assert written is not None
    for step, (start, end) in enumerate(written.tokens.spans):
        text = written.text[start:end]
        if not text:
            continue
        likely = ", ".join(
            f"{seen(run.model.spell(token)).strip()} {probability(share)}"
            for token, share in written.likeliest(step, ALTERNATIVES)
        )
        yield _Step(
            step,
            text,
            mark if step in marked else "",
            f"{float(written.probabilities[step]):.2f}",
            likely,
        )


def _score(written: Generation) -> str:
    return f"{written.score:.2f}".replace("-", "−")
