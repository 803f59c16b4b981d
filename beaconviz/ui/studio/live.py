"""The live part of the page, run again at every stroke: the answers and the workbench."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import streamlit as st
from markupsafe import Markup

import beaconviz as bv
from beaconviz.core import maps
from beaconviz.figures import says_html
from beaconviz.ui.components.workbench import (
    Address,
    EditMessage,
    EditorState,
    Maps,
    Press,
    workbench,
    workbench_state,
)
from beaconviz.ui.shared.parts import PARTS
from beaconviz.ui.shell import actions, cache, share
from beaconviz.ui.shell.exchange import same_matrices
from beaconviz.ui.shell.guard import guarded
from beaconviz.ui.shell.messages import Notice, after_change
from beaconviz.ui.shell.saved_views import shelf
from beaconviz.ui.shell.session import LINK, Session, current, positions
from beaconviz.ui.shell.state import View

BENCH = "workbench"
LATE = "the matrices had changed before your stroke arrived: paint it again"
LONG = 240  # characters: with more, both answers take more than four lines of a wide screen


Answers = Callable[[Session], Markup]


def what_the_model_says(session: Session) -> Markup:
    """Both answers; long texts side by side, where there is room."""
    comparison = session.comparison()
    answers = says_html(comparison)
    written = comparison.edited.generation
    text = comparison.edited.source if written is None else written.text
    long = comparison.baseline.output.is_text and len(text) > LONG
    return PARTS.side_by_side(answers) if long else answers


@st.fragment
def live(answers: Answers = what_the_model_says) -> None:
    """The live part of the page. It is one element, since every element costs the browser 10 ms.
    `answers` are shown above the editors."""
    session = current()
    with guarded():
        problem = listen(session)
        session.settle()
        if outline(session) != session.screen.outline:
            st.rerun()
        _draw(session, problem, answers)
    session.screen.view = session.view


def outline(session: Session) -> tuple[object, ...]:
    """The state that the page around the live part shows; a change runs the whole page again."""
    view = session.view
    edit = view.design.edits[view.edit]
    return (
        (view.model, view.text, view.second, view.special, view.pair, view.layer, view.head),
        (view.design.words, view.design.unit, view.design.reading),
        (view.edit, len(view.design.edits), edit.layers, edit.heads, edit.attention),
        (view.beams, view.forced, view.chat),
        (session.messages.notice, session.messages.question),
    )


def listen(session: Session) -> str | None:
    """Do the browser's requests since the last run; gives an error line if one fails."""
    session.settle()  # first a proposal that an interrupted run left
    problem = None
    for message in workbench_state(BENCH).messages:
        if message.seq <= session.exchange.answered:
            continue
        session.exchange.answered = message.seq
        if isinstance(message, EditMessage):
            problem = _paint(session, message)
        elif isinstance(message, Press):
            _press(session, message)
            session.settle()
        else:
            session.show(actions.looked(session.view, message.layer, message.head))
            session.settle()
    return problem


def document(session: Session, notice: str | None = None) -> EditorState:
    """The document of the editors; its number grows when the browser's copy is out of date."""
    view, model = session.view, cache.model(session.view.model)
    comparison = session.comparison()
    tokens = comparison.baseline.aligned
    edit = view.design.edits[view.edit]
    return EditorState(
        generation=session.exchange.send(view),
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
        causal=model.is_causal(view.attention),
        **_sides(comparison, view),
    )


def _sides(comparison: bv.Comparison, view: View) -> dict[str, Any]:
    """The names of rows and columns where they are not words: the edited run's generated tokens, or
    the inputs of a decoder that reads the text again."""
    if view.attention == "self":
        return {}
    steps, keys = (list(side.tokens) for side in comparison.edited.axes(view.attention))
    columns = keys if view.attention == "decoder" else None
    return {"rows": steps, "columns": columns, "steps": True}


def shown_maps(comparison: bv.Comparison, view: View, milliseconds: float | None = None) -> Maps:
    """The maps of the layer and head that the view shows."""
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
    """The maps of a decoder's attention, a row per step."""
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


def _draw(session: Session, problem: str | None, answers: Answers) -> None:
    view = session.view
    comparison = session.comparison()
    workbench(
        document(session, problem),
        shown_maps(comparison, view, session.compared.milliseconds),
        says=answers(session),
        address=_address(session),
        key=BENCH,
    )


def _address(session: Session) -> Address:
    try:
        return Address(LINK, share.encode(session.view))
    except share.LinkError as error:
        return Address(LINK, shelf().put(session.saved_as, session.view), str(error))


def _paint(session: Session, edit: EditMessage) -> str | None:
    """Apply a stroke to the matrices on screen, or to those that a new text has just replaced;
    gives an error line if it cannot be applied."""
    painted_on = session.exchange.view_of(edit.generation)
    try:
        if painted_on is not None and same_matrices(painted_on, session.view):
            view = actions.painted(session.view, edit.marker, edit.beacon)
            session.exchange.held = view
        else:
            view = _carried(session, painted_on, edit)
    except (bv.BeaconvizError, TypeError, ValueError) as error:
        session.exchange.reload()  # the browser then shows Python's state again
        return str(error)
    session.history = session.history.step(view, stroke=edit.stroke)
    return None


def _carried(session: Session, painted_on: View | None, edit: EditMessage) -> View:
    """The view with a stroke that was made on the previous text, as if it had come before the new
    text: its cells follow their words."""
    now, tokens = session.view, cache.untouched(session.view).aligned

    def on_new_text(view: View) -> View:
        moved = replace(now, design=view.design, edit=view.edit)
        return actions.fitted(moved, tokens, *positions(cache.model(now.model), tokens))

    if painted_on is None:  # from another session of this browser, or too old
        return now
    if not same_matrices(on_new_text(painted_on), now):
        session.messages.notice = Notice("warning", LATE)
        return now
    with_stroke = actions.painted(painted_on, edit.marker, edit.beacon)
    view = on_new_text(with_stroke)
    dropped = actions.cell_count(with_stroke.design) - actions.cell_count(view.design)
    session.messages.notice = after_change("", dropped) or session.messages.notice
    return view


def _press(session: Session, press: Press) -> None:
    if press.name == "reset":
        session.step(actions.cleared(session.view))
    else:
        history = session.history
        session.proposal = history.undo() if press.name == "undo" else history.redo()
