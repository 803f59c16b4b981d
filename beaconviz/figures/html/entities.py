"""What the model says, as HTML: names marked in the text, baseline above edited.

The marks are tints over whatever background the page has, and text keeps the page's colour,
so light and dark both read well. A label is written out, never told by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from beaconviz.figures.escape import escape
from beaconviz.figures.theme import label_colour
from beaconviz.models.tasks.entities import Entity
from beaconviz.models.tasks.values import Change, Fall, MarkedText
from beaconviz.runs.run import Run

NOTABLE = 0.01  # a probability that fell by less is not told
_WHITE_ON = {"PER"}  # on the other colours black reads better

STYLE = """<style>
.bv { font-size: 1rem; line-height: 2; color: inherit; }
.bv-row { display: flex; gap: .9em; align-items: baseline; }
.bv-who { flex: 0 0 4.6em; font-size: .8em; opacity: .7; }
.bv-text { flex: 1; min-width: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.bv-entity { color: inherit; padding: .12em .3em; border-radius: .3em; white-space: normal;
  background: color-mix(in srgb, var(--bv-label) 26%, transparent);
  border-bottom: 2px solid var(--bv-label); }
.bv-new { outline: 2px solid var(--bv-label); outline-offset: -1px; }
.bv-gone { background: none; border-bottom: 2px dashed var(--bv-label); opacity: .85; }
.bv-label { margin-inline-start: .4em; padding: .1em .35em; border-radius: .25em; font-size: .7em;
  font-weight: 600; white-space: nowrap; background: var(--bv-label); color: var(--bv-on-label); }
.bv-gone .bv-label { background: none; color: inherit; }
.bv-changes { margin: .2em 0 0 5.5em; padding: 0; font-size: .9em; line-height: 1.6; list-style: none; }
.bv-changes b { font-weight: 600; }
</style>"""


@dataclass(frozen=True)
class _Mark:
    entity: Entity
    kind: Literal["same", "new", "gone"] = "same"


def marked_text_html(shown: MarkedText, *, style: bool = True) -> str:
    """The text twice, with the names of the baseline above those of the edited run.

    In the second, what is new is framed and what is lost is dashed; below, each change in
    words. All text is escaped. `style` puts `STYLE` before it, for a page that has it not.
    """
    head = STYLE if style else ""
    rows = [
        _row("baseline", shown.text, [_Mark(entity) for entity in shown.before]),
        _row("edited", shown.text, _edited_marks(shown.before, shown.after)),
    ]
    otherwise = "" if shown.fall is None else _nearest_change(shown.fall)
    changes = changes_html(shown.changes, otherwise=otherwise)
    return f"{head}<div class='bv'>{''.join(rows)}{changes}</div>"


def run_entities_html(run: Run) -> str:
    """The text of one run with its names marked."""
    marks = [_Mark(entity) for entity in run.entities]
    return f"{STYLE}<div class='bv'>{_row('', run.source, marks)}</div>"


def changes_html(changes: Sequence[Change], *, otherwise: str = "") -> str:
    """A line per entity that the edit changed: "Apple Inc. ORG → none"; `otherwise` is HTML that
    is added where none did."""
    if not changes:
        return f"<ul class='bv-changes'><li>No entity changed.{otherwise}</li></ul>"
    return f"<ul class='bv-changes'>{''.join(map(_change, changes))}</ul>"


def _nearest_change(fall: Fall) -> str:
    """How close an edit came: the word whose label lost most of its probability."""
    if fall.before - fall.after < NOTABLE:
        return f" No word's label lost more than {NOTABLE:g} of its probability."
    return (
        f" Closest: {escape(fall.word)} "
        f"<b>{escape(fall.label)} {fall.before:.2f} → {fall.after:.2f}</b>"
    )


def _change(change: Change) -> str:
    before = _side(change.before, change.score_before)
    after = _side(change.after, change.score_after)
    return f"<li>{escape(change.text)} <b>{escape(before)} → {escape(after)}</b></li>"


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


def _row(who: str, text: str, marks: Sequence[_Mark]) -> str:
    parts, position = [], 0
    for mark in marks:
        parts += [escape(text[position : mark.entity.start]), _marked(text, mark)]
        position = mark.entity.end
    parts.append(escape(text[position:]))
    name = f"<span class='bv-who'>{who}</span>" if who else ""
    return f"<div class='bv-row'>{name}<div class='bv-text' dir='auto'>{''.join(parts)}</div></div>"


def _marked(text: str, mark: _Mark) -> str:
    entity = mark.entity
    label = escape(entity.label)
    name = f"−{label}" if mark.kind == "gone" else f"{label} {entity.score:.2f}"
    colours = (
        f"--bv-label:{label_colour(entity.label)};"
        f"--bv-on-label:{'#fff' if entity.label in _WHITE_ON else '#000'}"
    )
    return (
        f"<mark class='bv-entity bv-{mark.kind}' style='{colours}'>"
        f"{escape(text[entity.start : entity.end])}<span class='bv-label'>{name}</span></mark>"
    )
