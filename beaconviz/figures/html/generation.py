"""Generated texts before and after as HTML: changed steps have a frame, each its probabilities."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from beaconviz.figures.html.entities import STYLE
from beaconviz.figures.html.guesses import seen
from beaconviz.figures.html.numbers import probability
from beaconviz.figures.markup import macros
from beaconviz.models.generation import Generation
from beaconviz.models.tasks.values import GeneratedTexts

ALTERNATIVES = 4

_HTML = macros(__file__)
WRITTEN_STYLE: Markup = _HTML.style()


@dataclass(frozen=True)
class _Step:
    """A step as it is drawn. chance: its probability. likely: other likely tokens."""

    number: int
    text: str
    mark: str
    chance: str
    likely: str


def written_html(shown: GeneratedTexts, *, style: bool = True) -> Markup:
    """The text that each run generated, baseline above edited.

    The strength of the line under a step shows its probability; its tooltip lists other likely
    tokens. Differences have a frame, and are struck through in the baseline.
    """
    before, after, changes = shown.before, shown.after, shown.rewrites
    head = STYLE + WRITTEN_STYLE if style else Markup()
    gone = {step for change in changes for step in range(*change.before_steps)}
    new = {step for change in changes for step in range(*change.after_steps)}
    rows = (
        ("baseline", list(_steps(before, shown.spell, gone, " bv-gone")), _score(before)),
        ("edited", list(_steps(after, shown.spell, new, " bv-new")), _score(after)),
    )
    lines = [str(change) for change in changes if change.before or change.after]
    return _HTML.written(head, rows, lines)


def _steps(
    written: Generation, spell: Callable[[int], str], marked: Collection[int], mark: str
) -> Iterator[_Step]:
    """The steps with text; the ending token has none."""
    for step, (start, end) in enumerate(written.tokens.spans):
        text = written.text[start:end]
        if not text:
            continue
        likely = ", ".join(
            f"{seen(spell(token)).strip()} {probability(share)}"
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
