"""The panels under the workbench; only the open one is computed, and not at each stroke."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import pandas as pd
import streamlit as st

import beaconviz as bv
from beaconviz.analysis.generations import steps
from beaconviz.figures import bertviz_html, layer_head_map, received_bars
from beaconviz.figures.bertviz import depth
from beaconviz.figures.charts.alignment import alignment, source_bars
from beaconviz.figures.charts.distributions import distributions
from beaconviz.figures.charts.maps import place_name
from beaconviz.figures.html.guesses import seen
from beaconviz.figures.html.label_table import labels_html
from beaconviz.ui.components.idle import when_still
from beaconviz.ui.shared.charts import PLAIN, head_chart, theme
from beaconviz.ui.shared.widgets import hold
from beaconviz.ui.shell.guard import guarded
from beaconviz.ui.shell.page_models import PANELS_OF, kind_of
from beaconviz.ui.shell.session import Session, current
from beaconviz.ui.shell.state import Panel
from beaconviz.ui.studio.panels.arithmetic import arithmetic
from beaconviz.ui.studio.panels.design_table import design_panel
from beaconviz.ui.studio.panels.generate import writing_panel
from beaconviz.ui.studio.panels.learn import learn_panel
from beaconviz.ui.studio.panels.scan import scan_panel

_TITLES: dict[Panel, str] = {
    "words": "Words",
    "heads": "Heads",
    "numbers": "Numbers",
    "design": "Design",
    "scan": "Scan heads",
    "learn": "Learn",
    "arithmetic": "Arithmetic",
    "bertviz": "BertViz",
    "alignment": "Alignment",
    "sources": "Information weights",
    "steps": "Steps",
    "write": "Write on",
}


@st.fragment
def panels() -> None:
    """The row of names, and the open panel; they follow when the painting pauses."""
    session = current()
    with guarded():
        when_still(key="still")
        session.settle()
        if session.view != session.drawn:  # a panel changed what the page around it shows
            st.rerun()
        _draw(session, session.comparison())


def _draw(session: Session, comparison: bv.Comparison) -> None:
    shown = PANELS_OF[kind_of(comparison.baseline.model)]
    panel = session.view.panel if session.view.panel in shown else shown[0]
    hold("panel", panel)
    st.segmented_control(
        "Panel",
        shown,
        key="panel",
        required=True,
        format_func=_TITLES.__getitem__,
        label_visibility="collapsed",
        on_change=lambda: session.show(replace(session.view, panel=st.session_state["panel"])),
    )
    _PANELS[panel](session, comparison)


def _words(session: Session, comparison: bv.Comparison) -> None:
    model = comparison.baseline.model
    if model.task.over == "labels":
        st.html(labels_html(comparison))
    elif model.task.over == "classes":
        _table("Every class.", comparison.classes(), bars=model.classing != "numbers")
    elif model.task.over == "spans":
        _table("The best answers of both runs.", comparison.answers())
    elif model.task.over == "vocabulary":
        caption = "The likeliest words of both runs, where the model is asked for one."
        frame = comparison.guesses()
        _table(caption, frame.assign(guess=frame["guess"].map(seen)))
    else:
        st.info("This model says nothing about words. Its maps and numbers work.")


def _table(caption: str, frame: pd.DataFrame, *, bars: bool = True) -> None:
    """What the model says, in rows, with bars for probabilities."""
    st.caption(caption)
    column = st.column_config
    drawn = {
        name: column.ProgressColumn(name, format="%.4f", min_value=0, max_value=1)
        for name in ("baseline", "edited")
    }
    names = {name: name.replace("_", " ") for name in frame.columns if name not in drawn}
    st.dataframe(frame, hide_index=True, column_config=names | drawn if bars else names)


def _heads(session: Session, comparison: bv.Comparison) -> None:
    view = session.view
    chosen = None if view.layer is None or view.head is None else (view.layer, view.head)
    left, right = st.columns([5, 6])
    figure = layer_head_map(comparison.divergence(view.attention), selected=chosen, theme=theme())
    with left:
        head_chart(session, figure, key="layer-head")
    if view.attention != "self":
        right.caption(
            "How much the edit changed each head of the attention that is shown. Where the two texts "
            "differ in length, it is what they read on average that is compared."
        )
        return
    measure = right.segmented_control(
        "Measure", ("entropy", "distance"), key="measure", required=True, default="entropy"
    )
    right.plotly_chart(
        distributions(comparison, measure, theme=theme()), theme=None, key="spread", config=PLAIN
    )


def _numbers(session: Session, comparison: bv.Comparison) -> None:
    view = session.view
    per = st.segmented_control(
        "A row for each", ("word", "head"), key="per", required=True, default="word"
    )
    if per == "word":
        frame = comparison.words(view.layer, view.head)
        st.caption(
            f"{place_name(view.layer, view.head).capitalize()}, on words without special tokens. "
            "Entropy and divergence in nats, distance in words; received is the attention a word "
            "gets, summed over all words."
        )
    else:
        frame = comparison.metrics()
        st.caption("Means over tokens. Entropy and divergence in nats, distance in words.")
    numbers = [name for name in frame.columns if name not in ("word", "attention", "layer", "head")]
    st.dataframe(
        frame,
        hide_index=False,
        height=min(38 + 35 * len(frame), 460),
        row_height=35,
        column_config={
            name: st.column_config.NumberColumn(name.replace("_", " "), format="%.3f")
            for name in numbers
        },
    )
    st.download_button(
        "Download as CSV",
        data=lambda: frame.to_csv(index=False),
        file_name=f"{per}s.csv",
        mime="text/csv",
        on_click="ignore",
    )
    if per == "word":
        figure = received_bars(comparison, layer=view.layer, head=view.head, theme=theme())
        st.plotly_chart(figure, theme=None, key="received", config=PLAIN)


def _alignment(session: Session, comparison: bv.Comparison) -> None:
    figure = alignment(comparison, **_cross_place(session), theme=theme())
    st.plotly_chart(figure, theme=None, key="alignment", config=PLAIN)


def _sources(session: Session, comparison: bv.Comparison) -> None:
    st.caption(
        "What each word gave to the translation: the attention it got, summed over all steps. A word "
        "with a cross got less than a fifth of an even share: the translation hardly read it."
    )
    figure = source_bars(comparison, **_cross_place(session), theme=theme())
    st.plotly_chart(figure, theme=None, key="sources", config=PLAIN)


def _cross_place(session: Session) -> dict[str, int | None]:
    """The layer and head that are looked at, where they are of attention to the words."""
    view = session.view
    there = view.attention == "cross"
    return {"layer": view.layer if there else None, "head": view.head if there else None}


def _steps(session: Session, comparison: bv.Comparison) -> None:
    st.caption("What was likeliest at each step, the token that was written first in its column.")
    runs = (comparison.baseline, comparison.edited)
    for column, name, run in zip(st.columns(2), ("Baseline", "Edited"), runs, strict=True):
        column.markdown(f"**{name}**")
        column.dataframe(
            steps(run),
            hide_index=True,
            column_config={
                "probability": st.column_config.ProgressColumn(
                    "probability", format="%.3f", min_value=0, max_value=1
                )
            },
        )


def _design(session: Session, comparison: bv.Comparison) -> None:
    design_panel(session)


def _arithmetic(session: Session, comparison: bv.Comparison) -> None:
    arithmetic(session, comparison)


def _bertviz(session: Session, comparison: bv.Comparison) -> None:
    """Both runs in BertViz. Pages of several MB are made when asked for, not at each stroke."""
    view = session.view
    layers = range(depth(comparison.baseline))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind: Literal["head", "model"] = st.segmented_control(
            "View", ("head", "model"), key="bertviz-view", required=True, default="head"
        )
        chosen = st.pills(
            "Layers", layers, key="bertviz-layers", selection_mode="multi", default=list(layers[:2])
        )
        wanted = (
            kind,
            tuple(sorted(chosen)),
            view.design.unit,
            view.model,
            view.text,
            view.second,
            theme(),
        )
        drawn = session.shown.get("bertviz")
        old = drawn is not None and drawn[0] == wanted and drawn[1] != view.design
        if old and st.button("Draw again", key="bertviz-draw", help="The design has changed"):
            drawn = None
    if drawn is None or drawn[0] != wanted:
        pages = [
            bertviz_html(run, kind, layers=wanted[1], unit=wanted[2], theme=theme())
            for run in (comparison.baseline, comparison.edited)
        ]
        session.shown["bertviz"] = drawn = (wanted, view.design, pages)
    for column, name, page in zip(st.columns(2), ("Baseline", "Edited"), drawn[2], strict=True):
        column.markdown(f"**{name}**")
        column.iframe(page, height=520, alt=f"BertViz, {name.lower()} run")


_PANELS: dict[Panel, Callable[[Session, bv.Comparison], None]] = {
    "words": _words,
    "heads": _heads,
    "numbers": _numbers,
    "design": _design,
    "scan": scan_panel,
    "learn": learn_panel,
    "arithmetic": _arithmetic,
    "bertviz": _bertviz,
    "alignment": _alignment,
    "sources": _sources,
    "steps": _steps,
    "write": writing_panel,
}
