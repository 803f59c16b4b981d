"""What runs again at every stroke: what the model says, and the workbench."""

from __future__ import annotations

from typing import Any

import streamlit as st

import beaconviz as bv
from beaconviz.core import maps
from beaconviz.figures import says_html
from beaconviz.models.anatomy import is_causal
from beaconviz.ui.components.workbench import (
    Address,
    Document,
    Edit,
    Maps,
    Press,
    workbench,
    workbench_state,
)
from beaconviz.ui.shell import actions, cache, share
from beaconviz.ui.shell.guard import guarded
from beaconviz.ui.shell.saved_views import shelf
from beaconviz.ui.shell.session import LINK, Session, current
from beaconviz.ui.shell.state import View

BENCH = "workbench"
LONG = 240  # characters; both answers then take more than four lines of a wide screen


@st.fragment
def live() -> None:
    """The live part of the page: one element, since each one more costs the browser 10 ms."""
    session = current()
    with guarded():
        problem = listen(session)
        session.settle()
        if outline(session) != session.outline:
            st.rerun()
        _draw(session, problem)
    session.drawn = session.view


def outline(session: Session) -> tuple[object, ...]:
    """What the page around the live part shows; when it changes, the whole page runs again."""
    view = session.view
    edit = view.design.edits[view.edit]
    return (
        (view.model, view.text, view.second, view.special, view.pair, view.layer, view.head),
        (view.design.words, view.design.unit, view.design.reading),
        (view.edit, len(view.design.edits), edit.layers, edit.heads, edit.attention),
        (view.beams, view.forced, view.chat),
        (session.notice, session.question),
    )


def listen(session: Session) -> str | None:
    """Do what the browser asked for since the last run; one line when it could not be done."""
    session.settle()  # what a run that was cut short left proposed comes first
    problem = None
    for message in workbench_state(BENCH).messages:
        if message.seq <= session.answered:
            continue
        session.answered = message.seq
        if isinstance(message, Edit):
            problem = _paint(session, message)
        elif isinstance(message, Press):
            _press(session, message)
            session.settle()
        else:
            session.show(actions.looked(session.view, message.layer, message.head))
            session.settle()
    return problem


def document(session: Session, notice: str | None = None) -> Document:
    """What the editors show; its number grows when it is not what the browser holds."""
    view, model = session.view, cache.model(session.view.model)
    comparison = session.comparison()
    tokens = comparison.baseline.aligned
    if session.known != (view.design, view.edit):
        session.generation += 1
        session.known = view.design, view.edit
    edit = view.design.edits[view.edit]
    return Document(
        generation=session.generation,
        words=view.design.words,
        marker=edit.marker,
        beacon=edit.beacon,
        reading=view.design.reading,
        unit=view.design.unit,
        scale=model.head_size**-0.5,
        head_size=model.head_size,
        can_undo=bool(session.history.past),
        can_redo=bool(session.history.future),
        notice=notice,
        second=maps.second_row(tokens, view.design.unit),
        causal=is_causal(model, view.attention),
        **_sides(comparison, view),
    )


def _sides(comparison: bv.Comparison, view: View) -> dict[str, Any]:
    """The names of rows and columns, where they are not the words: steps of what the edited run wrote."""
    written = comparison.edited.written
    if view.attention == "self" or written is None:
        return {}
    steps = list(written.tokens.tokens)
    columns = list(written.before.tokens) if view.attention == "decoder" else None
    return {"rows": steps, "columns": columns, "steps": True}


def shown_maps(comparison: bv.Comparison, view: View, milliseconds: float | None = None) -> Maps:
    """The maps of the layer and head that the view looks at."""
    if view.attention != "self":
        return _step_maps(comparison, view, milliseconds)
    unit, tokens = view.design.unit, comparison.baseline.aligned
    place = (view.layer, view.head, unit, view.special)
    edited, divergence = comparison.glance(*place)
    rows = maps.rows(tokens, unit, view.special)
    return Maps(
        labels=[row.name for row in rows],
        baseline=cache.untouched_map(view),
        edited=edited.float().numpy(),
        divergence=divergence.numpy(),
        layer=view.layer,
        head=view.head,
        words=[row.place for row in rows],
        milliseconds=milliseconds,
        segments=None if tokens.second is None else [row.segment for row in rows],
        pair=maps.PAIRS.index(view.pair),
    )


def _step_maps(comparison: bv.Comparison, view: View, milliseconds: float | None) -> Maps:
    """The maps of what is written, a row a step."""
    kind, unit = view.attention, view.design.unit
    place = (view.layer, view.head, unit, view.special, kind)
    edited, divergence = comparison.glance(*place)
    special = view.special or kind == "decoder"
    (before, _), (after, keys) = (
        run.axes(kind) for run in (comparison.baseline, comparison.edited)
    )
    labels = maps.rows(after, "token", special)
    columns = maps.rows(keys, "token" if kind == "decoder" else unit, special)
    return Maps(
        labels=[row.name for row in labels],
        baseline_labels=maps.names(before, "token", special),
        columns=[row.name for row in columns],
        baseline=comparison.baseline.attention(*place).float().numpy(),
        edited=edited.float().numpy(),
        divergence=divergence.nan_to_num().numpy(),
        layer=view.layer,
        head=view.head,
        words=[row.tokens[0] for row in labels],
        column_words=[row.place for row in columns],
        milliseconds=milliseconds,
    )


def _draw(session: Session, problem: str | None) -> None:
    view = session.view
    comparison = session.comparison()
    workbench(
        document(session, problem),
        shown_maps(comparison, view, session.milliseconds),
        says=_answers(comparison) if session.says is None else session.says(session),
        address=_address(session),
        key=BENCH,
    )


def _answers(comparison: bv.Comparison) -> str:
    """What the model says, before and after; long texts beside each other, where there is room."""
    said = says_html(comparison)
    written = comparison.edited.written
    text = comparison.edited.source if written is None else written.text
    whole = comparison.baseline.model.task.over in ("labels", "steps")  # both rows are the text
    return f"<div class='side-by-side'>{said}</div>" if whole and len(text) > LONG else said


def _address(session: Session) -> Address:
    try:
        return Address(LINK, share.encode(session.view))
    except share.LinkError as error:
        return Address(LINK, shelf().put(session.key, session.view), str(error))


def _paint(session: Session, edit: Edit) -> str | None:
    gone = session.known != (session.view.design, session.view.edit)  # for a text typed meanwhile
    if gone or edit.generation != session.generation:
        return None  # it speaks of a document that is gone
    try:
        view = actions.painted(session.view, edit.marker, edit.beacon)
    except (bv.BeaconvizError, TypeError, ValueError) as error:
        session.known = None  # so that the browser takes back what Python holds
        return str(error)
    session.history = session.history.step(view, stroke=edit.stroke)
    session.known = view.design, view.edit
    return None


def _press(session: Session, press: Press) -> None:
    if press.name == "reset":
        session.step(actions.cleared(session.view))
    else:
        history = session.history
        session.proposal = history.undo() if press.name == "undo" else history.redo()
