"""The row at the top: the text, samples, opening, sharing and saving a design."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

import beaconviz as bv
from beaconviz import samples
from beaconviz.core.design_file import MAX_BYTES
from beaconviz.data.textfile import decode
from beaconviz.models.tasks import Second
from beaconviz.ui.components.share_button import share_button
from beaconviz.ui.shared.parts import PARTS
from beaconviz.ui.shared.widgets import follow, hold
from beaconviz.ui.shell import actions, cache
from beaconviz.ui.shell.guard import line, plain
from beaconviz.ui.shell.messages import Notice, Question
from beaconviz.ui.shell.session import Session

BEAMS = (1, 2, 4, 8)
_SECOND: dict[Second, tuple[str, str]] = {
    "required": ("Passage", "Type the passage that holds the answer"),
    "joint": ("Second text", "A second text, read together with the first (optional)"),
    "separate": ("Second text", "A second text, to compare with the first (optional)"),
}


def topbar(session: Session, *, searching: bool = False) -> None:
    """Draw the row and what there is to say under it. A search has one text, and no samples."""
    takes: Second = "none" if searching else cache.model(session.view.model).task.second
    with st.container(horizontal=True, vertical_alignment="bottom", key="topbar"):
        if takes != "none":
            st.html(PARTS.text_name("a"), width="content")
        _text(session)
        if not searching:
            _samples(session)
        _open(session)
        with st.container(horizontal=True, width=190, gap="small"):
            share_button(key="share")
            _save(session)
    if takes != "none":
        _second(session, takes)
    if cache.model(session.view.model).family.writes_apart:
        _forced(session)
    with st.container(key="messages"):  # always present, so that nothing below moves
        notice(session.messages.notice)
        _question(session)


def _text(session: Session) -> None:
    follow(session, "text", session.view.text)
    st.text_input(
        "Text",
        key="text",
        label_visibility="collapsed",
        placeholder="Type a sentence",
        on_change=lambda: _retype(session, st.session_state["text"]),
    )


def _retype(session: Session, text: str) -> None:
    view = actions.retyped(session.view, text)
    session.step(view)
    cells = actions.cell_count(view.design)
    if cells and text != session.view.text:
        moved = "1 cell of the design was" if cells == 1 else f"{cells} cells of the design were"
        session.messages.offer = Question(
            f"{moved} kept, and moved with the words.",
            (("Start clean", actions.clean(view, text)),),
            otherwise="Keep",
        )


def _second(session: Session, takes: Second) -> None:
    """The second text, only for models that take two."""
    follow(session, "second", session.view.second)
    label, hint = _SECOND[takes]
    with st.container(horizontal=True, vertical_alignment="bottom", key="second-row"):
        st.html(PARTS.text_name("b"), width="content")
        st.text_input(
            label,
            key="second",
            label_visibility="collapsed",
            placeholder=hint,
            on_change=lambda: _take_second(session, takes),
        )


def _take_second(session: Session, takes: Second) -> None:
    second = st.session_state["second"]
    if takes == "required" and not second.strip():
        session.messages.error("the passage is empty; type at least one word")
        session.boxes.pop("second", None)  # the box shows the old text again
    else:
        session.step(replace(session.view, second=second))


def _forced(session: Session) -> None:
    """How the translation is made: greedily, with beams, or forced."""
    follow(session, "forced", session.view.forced)
    hold("beams", session.view.beams)
    with st.container(horizontal=True, vertical_alignment="bottom", key="forced-row"):
        st.text_input(
            "A translation to force",
            key="forced",
            label_visibility="collapsed",
            placeholder="A translation that both runs have to write, to compare them step by step (optional)",
            on_change=lambda: session.show(
                replace(session.view, forced=st.session_state["forced"].strip())
            ),
        )
        st.selectbox(
            "Beams",
            BEAMS,
            key="beams",
            label_visibility="collapsed",
            format_func=lambda count: "greedy" if count == 1 else f"{count} beams",
            width=120,
            disabled=bool(session.view.forced),
            on_change=lambda: session.show(replace(session.view, beams=st.session_state["beams"])),
        )


def _samples(session: Session) -> None:
    st.selectbox(
        "Sample texts",
        samples.texts(),
        key="sample",
        index=None,
        placeholder="Samples",
        format_func=lambda sample: sample.title,
        label_visibility="collapsed",
        width=150,
        on_change=lambda: _take_sample(session),
    )


def _take_sample(session: Session) -> None:
    sample, st.session_state["sample"] = st.session_state["sample"], None
    if sample is not None:
        # Samples are sentences, which can be passages but not questions.
        needed = cache.model(session.view.model).task.second == "required"
        view = session.view
        session.step(
            replace(view, second=sample.text) if needed else actions.clean(view, sample.text)
        )
        session.messages.remark = sample.note


def _open(session: Session) -> None:
    times = session.page_data.get(
        "opened", 0
    )  # a new key closes the popover and clears the uploader
    with st.popover("Open", key=f"open-{times}"):
        key = f"file-{times}"
        st.file_uploader(
            "A design file",
            type="json",
            key=key,
            on_change=lambda: _take_file(session, key),
            max_upload_size=MAX_BYTES // 1_000_000,
        )
        for name, text in samples.designs().items():
            st.button(
                name.replace("-", " ").capitalize(),
                key=f"design-{name}",
                type="tertiary",
                on_click=lambda text=text: open_design(session, text),
            )


def _take_file(session: Session, key: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    try:
        text = decode(file.getvalue(), file.name)
    except bv.BeaconvizError as error:
        session.messages.error(str(error))
        return
    open_design(session, text)


def _save(session: Session) -> None:
    st.download_button(
        "Save",
        data=lambda: session.view.design.to_json(),  # the state at the click
        file_name="design.json",
        mime="application/json",
        on_click="ignore",
        help="The design as a JSON file",
        width="stretch",
    )


def open_design(session: Session, text: str) -> None:
    """Propose a design from a file; ask the user if it was made for another text."""
    session.page_data["opened"] = session.page_data.get("opened", 0) + 1
    try:
        design = bv.Design.from_json(text)
        tokens = cache.untouched(session.view).aligned
        whole = design.unit == "word" and tokens.second is None
        own_text = actions.text_of(design) if whole else None
    except bv.BeaconvizError as error:
        session.messages.error(str(error))
        return
    view = actions.opened(session.view, design)
    if design.words == tokens.names(design.unit):
        session.step(view)
        return
    answers = [("Keep this text, move each cell to its words", view)]
    if own_text is not None:
        answers.insert(0, ("Use the design's text", replace(view, text=own_text)))
    session.messages.notice = None
    session.messages.question = Question(
        "The design was made for another text: "
        f"{' '.join(design.words[:12])}{' …' if len(design.words) > 12 else ''}",
        tuple(answers),
    )


def notice(message: Notice | None) -> None:
    """Draw a message, if there is one."""
    if message is None:
        return
    show = {"error": st.error, "warning": st.warning, "info": st.info}[message.kind]
    show(line(message.text), icon=f":material/{message.kind}:")


def _question(session: Session) -> None:
    question = session.messages.question
    if question is None:
        return
    with st.container(key="question", horizontal=True, vertical_alignment="center"):
        st.markdown(plain(question.text))
        for number, (answer, view) in enumerate(question.answers):
            st.button(
                plain(answer),
                key=f"answer-{number}",
                on_click=lambda view=view: session.step(view),
            )
        st.button(question.otherwise, key="answer-none", on_click=lambda: _dismiss(session))


def _dismiss(session: Session) -> None:
    session.messages.question = None
