"""The result of a profile, on the page."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import chain

import streamlit as st
from markupsafe import Markup

from beaconviz.analysis.scan import at_heads
from beaconviz.core.errors import BeaconvizError
from beaconviz.evaluate.head_profile import Profile
from beaconviz.figures.charts.head_profile import curve_figure, heads_alone, profile_html
from beaconviz.figures.markup import macros
from beaconviz.ui.heads.job import ProfileJob
from beaconviz.ui.shared.charts import PLAIN, theme
from beaconviz.ui.shared.widgets import hold
from beaconviz.ui.shell import actions, cache
from beaconviz.ui.shell.guard import plain
from beaconviz.ui.shell.navigation import go_to
from beaconviz.ui.shell.session import Session
from beaconviz.ui.shell.state import View

_HTML = macros(__file__)


def result(session: Session, job: ProfileJob, profile: Profile) -> None:
    """Draw the verdict, its table, the buttons and the figures."""
    assert job.result is not None
    st.markdown(f"#### {plain(profile.verdict)}")
    st.caption(plain(" ".join([f"{job.title}.", *profile.remarks])))
    if profile.flat:  # nothing to draw, and no heads that are better than others
        with st.container(horizontal=True):
            _downloads(job)
        return
    st.html(rivals_html(profile))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = _best_count(job, profile)
        _use(session, job, profile, count)
        _downloads(job)
    left, right = st.columns(2)
    figure = heads_alone(job.result, best=count, theme=theme())
    left.plotly_chart(figure, theme=None, config=PLAIN)
    figure = curve_figure(job.result, theme=theme())
    right.plotly_chart(figure, theme=None, config=PLAIN)


def alone(job: ProfileJob) -> None:
    """Draw the heads that were tried before a stop."""
    result, model = job.result, job.model
    assert result is not None
    if result["heads"]:
        st.caption(f"{len(result['heads'])} of {model.layers * model.heads} heads, layer by layer.")
        figure = heads_alone(result, shape=(model.layers, model.heads), theme=theme())
        left, _ = st.columns(2)
        left.plotly_chart(figure, theme=None, config=PLAIN)


def rivals_html(profile: Profile) -> Markup:
    """A table of what the best heads are compared with: its F1, and how far above it they are."""
    top = profile.top
    rows = [
        (name, f1, _signed(top.best - f1), *map(_signed, top.over[name]))
        for name, f1 in profile.rivals.items()
    ]
    best = "best head alone" if top.k == 1 else f"best {top.k} heads"
    return _HTML.rivals(profile.size, best, top.best, rows)


def _signed(value: float) -> str:
    """A difference with three digits and a minus sign instead of a hyphen.

    >>> _signed(-0.0123)
    '−0.012'
    """
    return f"{value:+.3f}".replace("-", "−")


def _best_count(job: ProfileJob, profile: Profile) -> int:
    """Draw the choice of how many of the best heads are marked in the map and used."""

    def take() -> None:
        job.best_count = st.session_state["best-heads"]

    hold("best-heads", job.best_count or profile.top.k)
    return st.number_input(
        "How many of the best", 1, len(profile.alone), key="best-heads", on_change=take, width=160
    )


def _use(session: Session, job: ProfileJob, profile: Profile, count: int) -> None:
    best = "best head" if count == 1 else f"best {count} heads"
    if st.button(
        f"Use the {best} in the Studio",
        key="heads-use",
        type="primary",
        help="Opens the edit at these heads on the Studio's text, or on a sentence of the data if it "
        "changes nothing in that text; Undo restores what was there",
    ):
        view = _with_edit(session.view, job)
        view = replace(view, design=at_heads(view.design, profile.best(count)))
        session.step(view)
        session.settle()
        if session.view.design == view.design:
            go_to("Studio")
        if session.messages.notice is not None:
            raise BeaconvizError(session.messages.notice.text)


def _with_edit(view: View, job: ProfileJob) -> View:
    """The view with the edit, on the view's text or, if the edit changes nothing there, on the
    first sentence of the data in which it changes something.

    Raises:
        BeaconvizError: the edit changes nothing in any sentence.
    """
    edited = (
        sentence for sentence in job.sentences if not job.design_for(sentence.words).is_neutral
    )
    for text in chain([view.text], (sentence.whole for sentence in edited)):
        design = job.design_for(cache.baseline(job.model.name, text).aligned.names("word"))
        if not design.is_neutral:
            return actions.opened(replace(view, model=job.model.name, text=text), design)
    raise BeaconvizError(f"{job.edit} changes nothing in any sentence")


def _downloads(job: ProfileJob) -> None:
    result = job.result
    assert result is not None
    for label, name, kind, make in (
        ("JSON", "heads.json", "application/json", lambda: json.dumps(result, indent=2)),
        ("Report", "heads.html", "text/html", lambda: profile_html(job.title, result)),
    ):
        st.download_button(label, data=make, file_name=name, mime=kind, on_click="ignore")
