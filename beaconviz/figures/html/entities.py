"""Entities as HTML: names marked in the text, baseline above edited.

Marks are transparent tints and text keeps the page's colour, so light and dark pages are both
readable. A label is always written out, never shown by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup

from beaconviz.figures.markup import macros
from beaconviz.figures.theme import label_colour
from beaconviz.models.tasks.entities import Entity
from beaconviz.models.tasks.values import Change, Fall, MarkedText
from beaconviz.runs.run import Run

NOTABLE = 0.01  # a smaller fall of a probability is not mentioned
_WHITE_ON = {"PER"}  # black is more readable on the other colours

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


def marked_text_html(shown: MarkedText, *, style: bool = True) -> Markup:
    """The text twice, with the names of the baseline above those of the edited run.

    In the second, new names have a frame and lost names a dashed one; below is each change in
    words. All text is escaped. `style` adds `STYLE`, for a page without it.
    """
    head = STYLE if style else ""
    before = [_Mark(entity) for entity in shown.before]
    after = _edited_marks(shown.before, shown.after)
    rows = [("baseline", _pieces(shown.text, before)), ("edited", _pieces(shown.text, after))]
    otherwise = "" if shown.fall is None else _nearest_change(shown.fall)
    return _HTML.answers(head, rows, changes_html(shown.changes, otherwise=otherwise))


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


def _nearest_change(fall: Fall) -> str:
    """How close an edit came: the word whose label's probability fell most."""
    if fall.before - fall.after < NOTABLE:
        return f" No word's label lost more than {NOTABLE:g} of its probability."
    return _HTML.closest(fall.word, fall.label, f"{fall.before:.2f}", f"{fall.after:.2f}")


def _side(label: str | None, score: float | None) -> str:
    return "none" if label is None else label if score is None else f"{label} {score:.2f}"


def _edited_marks(before: Sequence[Entity], after: Sequence[Entity]) -> list[_Mark]:
    """The names of the edited run, and those of the baseline that no edited name overlaps."""
    unchanged = {(entity.start, entity.end, entity.label) for entity in before}
    marks = [
        _Mark(entity, "same" if (entity.start, entity.end, entity.label) in unchanged else "new")
        for entity in after
    ]
    gone = [
        _Mark(entity, "gone")
        for entity in before
        if not any(entity.start < new.end and new.start < entity.end for new in after)
    ]
    return sorted(marks + gone, key=lambda mark: mark.entity.start)


def _pieces(text: str, marks: Sequence[_Mark]) -> list[tuple[str, _Mark | None]]:
    """The text in pieces, each with its mark or None."""
    pieces: list[tuple[str, _Mark | None]] = []
    position = 0
    for mark in marks:
        start, end = mark.entity.start, mark.entity.end
        pieces += [(text[position:start], None), (text[start:end], mark)]
        position = end
    return [*pieces, (text[position:], None)]
