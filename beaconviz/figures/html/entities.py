"""What the model says, as HTML: names marked in the text, baseline above edited.

The marks are tints over whatever background the page has, and text keeps the page's colour,
so light and dark both read well. A label is written out, never told by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from beaconviz.analysis.changes import Change
from beaconviz.analysis.comparison import Comparison
from beaconviz.core.labels import split_label
from beaconviz.figures.html.parts import answer_html
from beaconviz.figures.markup import macros
from beaconviz.figures.theme import label_colour
from beaconviz.runs.entities import Entity
from beaconviz.runs.run import Run

NOTABLE = 0.01  # a probability that fell by less is not told
_WHITE_ON = {"PER"}  # on the other colours black reads better

_HTML = macros(__file__)
STYLE: Markup = _HTML.style()


@dataclass(frozen=True)
class _Mark:
    entity: Entity
    kind: Literal["same", "new", "gone"] = "same"

    @property
    def label(self) -> str:
        name = self.entity.label
        return f"−{name}" if self.kind == "gone" else f"{name} {self.entity.score:.2f}"

    @property
    def colour(self) -> str:
        return label_colour(self.entity.label)

    @property
    def on_colour(self) -> str:
        return "#fff" if self.entity.label in _WHITE_ON else "#000"


def entities_html(comparison: Comparison, *, style: bool = True) -> Markup:
    """The text twice, with the names of the baseline above those of the edited run.

    In the second, what is new is framed and what is lost is dashed; below, each change in
    words. All text is escaped. `style` puts `STYLE` before it, for a page that has it not.
    """
    head = STYLE if style else ""
    baseline, edited = comparison.baseline, comparison.edited
    if not baseline.labels:
        said = "This model says nothing about words. Its maps and numbers work."
        return answer_html(said, head)
    before = [_Mark(entity) for entity in baseline.entities]
    after = _edited_marks(baseline.entities, edited.entities)
    rows = [
        ("baseline", _pieces(baseline.source, before)),
        ("edited", _pieces(edited.source, after)),
    ]
    otherwise = "" if comparison.changes else _nearest_change(comparison)
    return _HTML.answers(head, rows, changes_html(comparison.changes, otherwise=otherwise))


def run_entities_html(run: Run) -> Markup:
    """The text of one run with its names marked."""
    marks = [_Mark(entity) for entity in run.entities]
    return _HTML.answers(STYLE, [("", _pieces(run.source, marks))], "")


def changes_html(changes: Sequence[Change], *, otherwise: str = "") -> Markup:
    """A line per entity that the edit changed: "Apple Inc. ORG → none"; `otherwise` is added where
    none did."""
    if not changes:
        return _HTML.no_change(otherwise)
    return _HTML.changes(
        (
            change.text,
            _side(change.before, change.score_before),
            _side(change.after, change.score_after),
        )
        for change in changes
    )


def _nearest_change(comparison: Comparison) -> str:
    """How close an edit came: the word whose label lost most of its probability. "" without an
    edit."""
    before, after = comparison.baseline, comparison.edited
    if comparison.design.is_neutral or not before.words:
        return ""
    best = before.probabilities.argmax(dim=-1, keepdim=True)  # (word, 1)
    was, now = (run.probabilities.gather(1, best).flatten() for run in (before, after))
    word = int((was - now).argmax())
    if was[word] - now[word] < NOTABLE:
        return f" No word's label lost more than {NOTABLE:g} of its probability."
    label = split_label(before.labels[int(best[word])])[1] or "none"
    return _HTML.closest(before.words[word], label, f"{was[word]:.2f}", f"{now[word]:.2f}")


def _side(label: str | None, score: float | None) -> str:
    return "none" if label is None else label if score is None else f"{label} {score:.2f}"


def _edited_marks(before: Sequence[Entity], after: Sequence[Entity]) -> list[_Mark]:
    """The names of the edited run, and those of the baseline that nothing took the place of."""
    known = {(entity.start, entity.end, entity.label) for entity in before}
    marks = [
        _Mark(entity, "same" if (entity.start, entity.end, entity.label) in known else "new")
        for entity in after
    ]
    gone = [
        _Mark(entity, "gone")
        for entity in before
        if not any(entity.start < other.end and other.start < entity.end for other in after)
    ]
    return sorted(marks + gone, key=lambda mark: mark.entity.start)


def _pieces(text: str, marks: Sequence[_Mark]) -> list[tuple[str, _Mark | None]]:
    """The text in stretches, each with its mark."""
    pieces: list[tuple[str, _Mark | None]] = []
    position = 0
    for mark in marks:
        start, end = mark.entity.start, mark.entity.end
        pieces += [(text[position:start], None), (text[start:end], mark)]
        position = end
    return [*pieces, (text[position:], None)]
