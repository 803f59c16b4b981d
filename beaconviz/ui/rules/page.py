"""The Rules page: write a rule, and see at once the design it makes for the sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import regex
import streamlit as st

import beaconviz as bv
from beaconviz import samples
from beaconviz.core.edit import MATRICES, Edit
from beaconviz.data.textfile import decode
from beaconviz.figures import matrix_figure, says_html
from beaconviz.figures.html.rule_marks import STYLE as MARKS_STYLE
from beaconviz.figures.html.rule_marks import rule_html
from beaconviz.rules.plain_yaml import MAX_BYTES
from beaconviz.ui.components.as_typed import as_typed
from beaconviz.ui.rules.help import HELP
from beaconviz.ui.rules.help import STYLE as HELP_STYLE
from beaconviz.ui.shared.charts import theme
from beaconviz.ui.shared.rule_draft import KEY, Desk, Made
from beaconviz.ui.shared.widgets import hold
from beaconviz.ui.shell import actions, cache
from beaconviz.ui.shell.guard import guarded, line
from beaconviz.ui.shell.navigation import go_to, page_links
from beaconviz.ui.shell.page_models import kind_of
from beaconviz.ui.shell.session import Session, current
from beaconviz.ui.shell.style import CSS

AREA = "rule-text"
_FIRST = "long-names"
_PLAIN = {"displayModeBar": False}
_LETTERS = {"marker": "M", "beacon": "A"}
_MOST_NAMED = 40
_HEIGHT = 520


def page() -> None:
    """Draw the page."""
    st.html(CSS + MARKS_STYLE + HELP_STYLE)
    with guarded():
        session = current()
        session.settle()
        desk = st.session_state.setdefault(KEY, Desk(samples.rules()[_FIRST]))
        with st.sidebar:
            page_links()
            st.html(HELP)
        view = session.view
        words = cache.untouched(view).aligned.names("word")
        left, right = st.columns([5, 7], gap="medium")
        with left:
            _write(desk)
            desk.work(words)
            _tell(desk)
            _use(session, desk)
            if desk.made is not None:
                _says(session, desk.made)
        with right:
            _sentence(session)
            if desk.made is not None:
                _show(desk.made, cache.model(view.model).head_size)


def _write(desk: Desk) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Start from a rule that ships",
            list(samples.rules()),
            key="rule-sample",
            index=None,
            placeholder="Start from …",
            format_func=_title,
            label_visibility="collapsed",
            on_change=lambda: _take_sample(desk),
        )
        _open(desk)
        st.button(
            "Back",
            key="rule-back",
            disabled=not desk.replaced,
            help="Restores the rule that was here before",
            on_click=lambda: _back(desk),
        )
    hold(AREA, desk.text)
    st.text_area(
        "The rule, as YAML",
        key=AREA,
        height=420,
        label_visibility="collapsed",
        on_change=lambda: _take_text(desk),
    )
    as_typed(AREA, key="rule-as-typed")


def _open(desk: Desk) -> None:
    with st.popover("Open", key=f"rule-open-{desk.opened}"):
        key = f"rule-file-{desk.opened}"
        st.file_uploader(
            "A rule file",
            type=["yaml", "yml"],
            key=key,
            on_change=lambda: _take_file(desk, key),
            max_upload_size=1,
        )


def _take_sample(desk: Desk) -> None:
    name, st.session_state["rule-sample"] = st.session_state["rule-sample"], None
    if name is not None:
        desk.replace(samples.rules()[name])


def _take_text(desk: Desk) -> None:
    desk.text = st.session_state[AREA]


def _take_file(desk: Desk, key: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    desk.opened += 1
    content = file.getvalue()
    if len(content) > MAX_BYTES:
        desk.refused = f"{file.name} is too large; a rule has at most {MAX_BYTES // 1000} KB"
        return
    try:
        desk.replace(decode(content, file.name))
    except bv.BeaconvizError as error:
        desk.refused = str(error)


def _back(desk: Desk) -> None:
    desk.text = desk.replaced.pop()


def _tell(desk: Desk) -> None:
    for problem in (desk.refused, desk.problem):
        if problem is not None:
            st.error(line(problem), icon=":material/error:")
    desk.refused = None


def _use(session: Session, desk: Desk) -> None:
    with st.container(horizontal=True):
        used = st.button(
            "Use in the Studio",
            key="rule-use",
            type="primary",
            disabled=desk.made is None or desk.problem is not None,
            help="Replaces the Studio's design with the rule's design for this sentence; Undo restores it",
        )
        st.download_button(
            "Save",
            key="rule-save",
            data=lambda: desk.text,  # as it is when somebody clicks
            file_name=f"{_slug(desk.made.rule.name) if desk.made else 'rule'}.yaml",
            mime="application/yaml",
            on_click="ignore",
            help="The rule as a YAML file",
        )
    if used and desk.made is not None:
        session.step(actions.opened(session.view, desk.made.design))
        session.settle()
        if session.view.design == desk.made.design:
            go_to(kind_of(cache.model(session.view.model)))


def _says(session: Session, made: Made) -> None:
    """What the model says with the design and without, before anything is taken to the Studio."""
    view = session.view
    baseline = cache.untouched(view)
    with guarded():  # layers or heads that the model has not
        model = cache.model(view.model)
        design, how = made.design, cache.writing(view)
        st.html(says_html(bv.compare(model, view.text, design, baseline=baseline, **how)))


def _sentence(session: Session) -> None:
    hold("rule-sentence", session.view.text)
    st.text_input(
        "The Studio's sentence",
        key="rule-sentence",
        on_change=lambda: session.step(
            replace(session.view, text=st.session_state["rule-sentence"])
        ),
    )
    _notice(session)


def _notice(session: Session) -> None:
    """What is wrong with what was asked of the Studio, told once."""
    if session.messages.notice is not None and session.messages.notice.kind == "error":
        st.error(line(session.messages.notice.text), icon=":material/error:")
        session.messages.notice = None


def _show(made: Made, head_size: int) -> None:
    st.html(rule_html(made.rule, made.words, made.caught, head_size))
    if made.design.is_neutral:
        st.info("The rule changes nothing in this sentence: no step matches a word.")
        return
    edits = made.design.edits
    number = 0
    if len(edits) > 1:
        number = st.segmented_control(
            "Edits, by layers and heads",
            range(len(edits)),
            key="rule-edit",
            required=True,
            default=0,
            format_func=lambda number: _place(edits[number]),
        )
        number = min(number, len(edits) - 1)
    touched = [name for name in MATRICES if getattr(edits[number], name)]
    for name in touched:
        figure = matrix_figure(made.design, name, edit=number, theme=theme())
        if len(made.words) <= _MOST_NAMED:  # every row and column has its word
            figure.update_xaxes(dtick=1, tickfont_size=11).update_yaxes(dtick=1, tickfont_size=11)
        figure.update_layout(height=_HEIGHT)
        st.plotly_chart(figure, theme=None, key=f"rule-{name}", config=_PLAIN)
    for name in MATRICES:
        if name not in touched:
            st.caption(f"The {name} {_LETTERS[name]} stays neutral.")


def _title(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _slug(name: str) -> str:
    return regex.sub(r"[^\p{L}\p{N}]+", "-", name).strip("-").lower()[:60] or "rule"


def _place(edit: Edit) -> str:
    layers = "all layers" if edit.layers == "all" else f"layers {', '.join(map(str, edit.layers))}"
    if isinstance(edit.heads, Mapping):
        return f"{layers}, heads by layer"
    heads = "all heads" if edit.heads == "all" else f"heads {', '.join(map(str, edit.heads))}"
    return f"{layers}, {heads}"
