"""The Rules page: write a rule, and see at once its design for the sentence."""

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
from beaconviz.ui.shared.rule_draft import KEY, RuleDesign, RuleDraft
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
        draft = st.session_state.setdefault(KEY, RuleDraft(samples.rules()[_FIRST]))
        with st.sidebar:
            page_links()
            st.html(HELP)
        view = session.view
        words = cache.untouched(view).aligned.names("word")
        left, right = st.columns([5, 7], gap="medium")
        with left:
            _write(draft)
            draft.update(words)
            _show_problems(draft)
            _use(session, draft)
            if draft.result is not None:
                _draw_answers(session, draft.result)
        with right:
            _sentence(session)
            if draft.result is not None:
                _draw_design(draft.result, cache.model(view.model).head_size)


def _write(draft: RuleDraft) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Start from a rule that ships",
            list(samples.rules()),
            key="rule-sample",
            index=None,
            placeholder="Start from …",
            format_func=_title,
            label_visibility="collapsed",
            on_change=lambda: _take_sample(draft),
        )
        _open(draft)
        st.button(
            "Back",
            key="rule-back",
            disabled=not draft.replaced,
            help="Restores the rule that was here before",
            on_click=lambda: _back(draft),
        )
    hold(AREA, draft.text)
    st.text_area(
        "The rule, as YAML",
        key=AREA,
        height=420,
        label_visibility="collapsed",
        on_change=lambda: _take_text(draft),
    )
    as_typed(AREA, key="rule-as-typed")


def _open(draft: RuleDraft) -> None:
    with st.popover("Open", key=f"rule-open-{draft.opened}"):
        key = f"rule-file-{draft.opened}"
        st.file_uploader(
            "A rule file",
            type=["yaml", "yml"],
            key=key,
            on_change=lambda: _take_file(draft, key),
            max_upload_size=1,
        )


def _take_sample(draft: RuleDraft) -> None:
    name, st.session_state["rule-sample"] = st.session_state["rule-sample"], None
    if name is not None:
        draft.replace(samples.rules()[name])


def _take_text(draft: RuleDraft) -> None:
    draft.text = st.session_state[AREA]


def _take_file(draft: RuleDraft, key: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    draft.opened += 1
    content = file.getvalue()
    if len(content) > MAX_BYTES:
        draft.refused = f"{file.name} is too large; a rule has at most {MAX_BYTES // 1000} KB"
        return
    try:
        draft.replace(decode(content, file.name))
    except bv.BeaconvizError as error:
        draft.refused = str(error)


def _back(draft: RuleDraft) -> None:
    draft.text = draft.replaced.pop()


def _show_problems(draft: RuleDraft) -> None:
    for problem in (draft.refused, draft.problem):
        if problem is not None:
            st.error(line(problem), icon=":material/error:")
    draft.refused = None


def _use(session: Session, draft: RuleDraft) -> None:
    with st.container(horizontal=True):
        used = st.button(
            "Use in the Studio",
            key="rule-use",
            type="primary",
            disabled=draft.result is None or draft.problem is not None,
            help="Replaces the Studio's design with the rule's design for this sentence; Undo restores it",
        )
        st.download_button(
            "Save",
            key="rule-save",
            data=lambda: draft.text,  # as it is when somebody clicks
            file_name=f"{_slug(draft.result.rule.name) if draft.result else 'rule'}.yaml",
            mime="application/yaml",
            on_click="ignore",
            help="The rule as a YAML file",
        )
    if used and draft.result is not None:
        session.step(actions.opened(session.view, draft.result.design))
        session.settle()
        if session.view.design == draft.result.design:
            go_to(kind_of(cache.model(session.view.model)))


def _draw_answers(session: Session, result: RuleDesign) -> None:
    """Draw the model's answers with and without the design."""
    view = session.view
    baseline = cache.untouched(view)
    with guarded():  # the rule may name layers or heads that the model does not have
        model = cache.model(view.model)
        design, how = result.design, cache.writing(view)
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
    """Draw the error of a proposal to the Studio, once."""
    if session.messages.notice is not None and session.messages.notice.kind == "error":
        st.error(line(session.messages.notice.text), icon=":material/error:")
        session.messages.notice = None


def _draw_design(result: RuleDesign, head_size: int) -> None:
    st.html(rule_html(result.rule, result.words, result.caught, head_size))
    if result.design.is_neutral:
        st.info("The rule changes nothing in this sentence: no step matches a word.")
        return
    edits = result.design.edits
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
        figure = matrix_figure(result.design, name, edit=number, theme=theme())
        if len(result.words) <= _MOST_NAMED:  # every row and column has its word
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
