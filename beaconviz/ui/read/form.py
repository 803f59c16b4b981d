"""The form of the Read page: the text, the model, and the method that weighs the words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, get_args

import streamlit as st

from beaconviz import samples
from beaconviz.analysis.explain.weights import ABOUT, METHODS, Method, Score
from beaconviz.analysis.explain.windows import windows, words_in
from beaconviz.core.design import Design
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import split_words
from beaconviz.data.textfile import decode
from beaconviz.models.model import Model
from beaconviz.ui.shared import edit_form as evaluate_form
from beaconviz.ui.shared.models import model_help, model_names
from beaconviz.ui.shared.widgets import recalled
from beaconviz.ui.shell import cache
from beaconviz.ui.shell.access import access
from beaconviz.ui.shell.guard import line
from beaconviz.ui.shell.session import Session

_SOURCES = ("Sample article", "The Studio's text", "My own")
_BY_HEADS: tuple[Method, ...] = ("received", "rollout", "gradient")  # at some layers and heads
_MOST_MEGABYTES = 1
_TITLES: dict[Method, str] = {
    "received": "Attention received",
    "rollout": "Attention rollout",
    "similarity": "Similarity to a query",
    "gradient": "Gradient × attention",
    "integrated": "Integrated gradients",
}


@dataclass(frozen=True)
class ReadingRequest:
    """A request for the key words of a text.

    Attributes:
        method: the method that weighs the words.
        edit: the name of the edit; empty for none.
        design: the edit for the text's words; None for none.
        options: keyword arguments of `analysis.explain.keywords.weighing`.
    """

    model: Model
    text: str
    method: Method
    edit: str = ""
    design: Design | None = None
    options: dict[str, Any] = field(default_factory=dict)


def reading_request(session: Session) -> ReadingRequest | None:
    """Draw the form; the request, or None while there is no text.

    Raises:
        BeaconvizError: a model or an edit that does not fit.
    """
    text = _text(session)
    model = _model(session)
    method, options = _method(session, model)
    chosen = evaluate_form.edit(session, with_learned=False, or_none=True)
    if not text.strip():
        return None
    if chosen is None:
        return ReadingRequest(model, text, method, options=options)
    split_words(text)  # raises for a text that cannot be read
    words = tuple(word.text for word in words_in(windows(model, text)))
    return ReadingRequest(model, text, method, chosen.name, chosen.design_for(words), options)


def _text(session: Session) -> str:
    with recalled(session, "read-source", _SOURCES[0]) as key:
        source = st.segmented_control(
            "Text", _SOURCES, key=key, required=True, width="stretch", label_visibility="collapsed"
        )
    if source == _SOURCES[0]:
        return samples.article()
    if source == _SOURCES[1]:
        return session.view.text
    with recalled(session, "read-text", "") as key:
        text = st.text_area(
            "Your text", key=key, height=180, placeholder="Paste a page here, and press Ctrl+Enter"
        )
    _upload(session)
    return text


def _upload(session: Session) -> None:
    def take() -> None:
        file = st.session_state.get("read-file")
        if file is None:
            return
        try:
            st.session_state["read-text"] = decode(file.getvalue(), file.name)
            session.page_data.pop("read-error", None)
        except BeaconvizError as error:
            session.page_data["read-error"] = str(error)  # the text that was there stays

    st.file_uploader(
        "or a text file", key="read-file", max_upload_size=_MOST_MEGABYTES, on_change=take
    )
    if problem := session.page_data.get("read-error"):
        st.error(line(problem), icon=":material/error:")


def _model(session: Session) -> Model:
    """Draw the choice of a model, by default the Studio's if it reads single texts."""
    studio_model = session.view.model
    loaded = cache.model(studio_model)
    usual = (
        "ner-mini"
        if loaded.family.writes_apart or loaded.task.second == "required"
        else studio_model
    )
    with recalled(session, "read-model", usual) as key:
        names = model_names(usual, st.session_state[key], without="translate-mini")
        name = st.selectbox(
            "Model",
            names,
            key=key,
            accept_new_options=access().unrestricted,
            help=model_help("minilm is best for a query"),
        )
    return cache.model(str(name).strip())


def _method(session: Session, model: Model) -> tuple[Method, dict[str, Any]]:
    with recalled(session, "read-method", METHODS[0]) as key:
        method = st.selectbox("Weigh words by", METHODS, key=key, format_func=_TITLES.__getitem__)
    st.caption(f"{ABOUT[method][0].upper()}{ABOUT[method][1:]}.")
    options: dict[str, Any] = {}
    if method == "similarity":
        with recalled(session, "read-query", "") as key:
            query = st.text_input(
                "What are you looking for?", key=key, placeholder="when does it open?"
            )
        with recalled(session, "read-score", get_args(Score)[0]) as key:
            options["score"] = st.segmented_control(
                "Score", get_args(Score), key=key, required=True, help="cos(v, q), or v · q"
            )
        options["query"] = query.strip() or None
    if method in _BY_HEADS:
        with st.expander("Layers and heads"):
            for part, count in (("layers", model.layers), ("heads", model.heads)):
                with recalled(session, f"read-{part}", []) as key:
                    valid = [number for number in st.session_state[key] if number < count]
                    st.session_state[key] = valid
                    chosen = st.multiselect(
                        part.capitalize(), range(count), key=key, placeholder="all"
                    )
                options[part] = sorted(chosen) or None
    with recalled(session, "read-stop", True) as key:
        options["stop_words"] = st.toggle('Include stop words such as "the"', key=key)
    return method, options
