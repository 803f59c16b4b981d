"""The result of an evaluation, on the page."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import streamlit as st

from beaconviz.evaluate.outcome import Outcome
from beaconviz.figures.charts.evaluation import (
    change_figure,
    evaluation_html,
    score_bars,
    slice_figure,
)
from beaconviz.runs.learned_beacons import as_design
from beaconviz.ui.evaluate.job import Job
from beaconviz.ui.shared.charts import PLAIN, theme
from beaconviz.ui.shell import cache
from beaconviz.ui.shell.guard import plain
from beaconviz.ui.shell.navigation import go_to
from beaconviz.ui.shell.session import Session

_KINDS = ("broken", "fixed", "changed")


def result(session: Session, job: Job) -> None:
    """Draw the verdict, the figures and the sentences."""
    outcome = job.outcome
    assert outcome is not None
    verdict, _, numbers_behind = outcome.verdict.partition(": ")
    st.markdown(f"### {plain(verdict)}")
    if numbers_behind:
        st.markdown(plain(numbers_behind))
    st.caption(plain(" ".join([f"{outcome.edit} on {outcome.data}.", *outcome.remarks])))
    numbers = outcome.to_dict()
    left, right = st.columns(2)
    with left:
        st.plotly_chart(change_figure(numbers, theme=theme()), theme=None, config=PLAIN)
        st.plotly_chart(score_bars(numbers, theme=theme()), theme=None, config=PLAIN)
    if len(outcome.slices):
        figure = slice_figure(outcome.slices, theme=theme())
        right.plotly_chart(figure, theme=None, config=PLAIN)
    _sentences(session, job, outcome)
    _downloads(outcome)


def _sentences(session: Session, job: Job, outcome: Outcome) -> None:
    frame = outcome.frame()
    counts = frame["became"].value_counts()
    kind = st.segmented_control(
        "Sentences",
        _KINDS,
        key="kind",
        required=True,
        default=next((kind for kind in _KINDS if kind in counts), _KINDS[0]),
        format_func=lambda kind: f"{kind.capitalize()} ({counts.get(kind, 0)})",
    )
    rows = frame[frame["became"] == kind].reset_index(drop=True)
    if rows.empty:
        st.caption("None.")
        return
    st.caption("Choose a row to open its sentence in the Studio, with the edit.")
    visits = session.page_data.get(
        "evaluate-visits", 0
    )  # with a new key the table has no chosen row
    event = st.dataframe(
        pd.DataFrame({"": rows["sentence"], "text": rows["text"], "became": _changed_tags(rows)}),
        key=f"rows-{kind}-{visits}",
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        column_config={
            "": st.column_config.NumberColumn(width="small"),
            "text": st.column_config.TextColumn(width="large"),
        },
    )
    if event.selection.rows:
        session.page_data["evaluate-visits"] = visits + 1
        _open(session, job, int(rows["sentence"][event.selection.rows[0]]) - 1)
        go_to("Studio")


def _open(session: Session, job: Job, number: int) -> None:
    """Open a sentence of the data in the Studio, with its edit."""
    text = job.sentences[number].whole
    if job.learned is not None:
        design = as_design(job.model, job.learned, text)
    else:
        design = job.design_for(cache.baseline(session.view.model, text).aligned.names("word"))
    session.step(replace(session.view, text=text, design=design, other_unit=None, edit=0))


def _changed_tags(rows: pd.DataFrame) -> list[str]:
    """For each sentence the words whose tag changed: "Apple B-ORG → O (gold B-ORG)"."""
    lines = []
    for row in rows.itertuples(index=False):
        columns = (str(column).split() for column in (row.text, row.gold, row.baseline, row.edited))
        lines.append(
            ", ".join(
                f"{word} {before} → {after}" + (f" (gold {gold})" if gold != after else "")
                for word, gold, before, after in zip(*columns, strict=True)
                if before != after
            )
        )
    return lines


def _downloads(outcome: Outcome) -> None:
    with st.container(horizontal=True):
        for label, name, kind, make in (
            ("JSON", "evaluation.json", "application/json", lambda: _json(outcome)),
            ("CSV", "sentences.csv", "text/csv", lambda: outcome.frame().to_csv(index=False)),
            ("Report", "report.html", "text/html", lambda: evaluation_html(outcome.to_dict())),
        ):
            st.download_button(label, data=make, file_name=name, mime=kind, on_click="ignore")


def _json(outcome: Outcome) -> str:
    return json.dumps(outcome.to_dict(), ensure_ascii=False, indent=2)
