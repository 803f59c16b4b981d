"""The row at the top: the text, samples, opening, sharing and saving a design."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

import beaconviz as bv
from beaconviz import samples
from beaconviz.core.design_json import MAX_BYTES
from beaconviz.ui import actions, cache
from beaconviz.ui.guard import line, plain
from beaconviz.ui.link import share_button
from beaconviz.ui.session import Notice, Question, Session


def topbar(session: Session) -> None:
    """Draw the row and what there is to say under it."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="topbar"):
        _text(session)
        _samples(session)
        _open(session)
        with st.container(horizontal=True, width=190, gap="small"):
            share_button(key="share")
            _save(session)
    with st.container(key="messages"):  # always there, so that nothing below changes its place
        _notice(session.notice)
        _question(session)


def _text(session: Session) -> None:
    # What was typed stays until it is taken; a visit to another page has it forgotten.
    if session.shown.get("text") != session.view.text or "text" not in st.session_state:
        st.session_state["text"] = session.shown["text"] = session.view.text
    st.text_input(
        "Text",
        key="text",
        label_visibility="collapsed",
        placeholder="Type a sentence",
        on_change=lambda: session.step(replace(session.view, text=st.session_state["text"])),
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
        session.step(replace(session.view, text=sample.text))
        session.remark = sample.note


def _open(session: Session) -> None:
    times = session.shown.get("opened", 0)  # a new key closes the popover and empties the uploader
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
        text = file.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError:
        session.notice = Notice("error", f"{file.name} is not text: open a design saved as JSON")
        return
    open_design(session, text)


def _save(session: Session) -> None:
    st.download_button(
        "Save",
        data=lambda: session.view.design.to_json(),  # as it is when somebody clicks
        file_name="design.json",
        mime="application/json",
        on_click="ignore",
        help="The design as a JSON file",
        width="stretch",
    )


def open_design(session: Session, text: str) -> None:
    """Propose a design from a file, or ask what to do when it was made for another text."""
    session.shown["opened"] = session.shown.get("opened", 0) + 1
    try:
        design = bv.Design.from_json(text)
        tokens = cache.baseline(session.view.model, session.view.text).aligned
        own_text = actions.text_of(design) if design.unit == "word" else None
    except bv.BeaconvizError as error:
        session.notice = Notice("error", str(error))
        return
    view = actions.opened(session.view, design)
    if design.words == tokens.names(design.unit):
        session.step(view)
        return
    answers = [("Keep this text, move the cells by word", view)]
    if own_text is not None:
        answers.insert(0, ("Take the design's text", replace(view, text=own_text)))
    session.notice = None
    session.question = Question(
        "The design was made for another text: "
        f"{' '.join(design.words[:12])}{' …' if len(design.words) > 12 else ''}",
        tuple(answers),
    )


def _notice(notice: Notice | None) -> None:
    if notice is None:
        return
    show = {"error": st.error, "warning": st.warning, "info": st.info}[notice.kind]
    show(line(notice.text), icon=f":material/{notice.kind}:")


def _question(session: Session) -> None:
    question = session.question
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
        st.button("Leave it", key="answer-none", on_click=session.dismiss)
