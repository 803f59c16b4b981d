"""The Read page: the key words of a text, and a test of whether they matter to the model."""

from __future__ import annotations

import streamlit as st

from beaconviz.analysis.explain.keywords import KeyWords
from beaconviz.figures.html.bars import BAR_STYLE, bars_html
from beaconviz.figures.html.reading_view import reading_data, reading_page
from beaconviz.models.tasks.values import Bar
from beaconviz.ui.components.reading_view import reading_view
from beaconviz.ui.read import faithfulness
from beaconviz.ui.read.form import reading_request
from beaconviz.ui.read.job import ReadJob
from beaconviz.ui.shared.charts import theme
from beaconviz.ui.shared.parts import PARTS
from beaconviz.ui.shared.progress import progress
from beaconviz.ui.shell.guard import guarded, line
from beaconviz.ui.shell.navigation import page_links
from beaconviz.ui.shell.session import Session, current
from beaconviz.ui.shell.style import CSS

JOB = "reading"  # where a session keeps its job
_HEAVIEST = 12  # spans with a bar


def page() -> None:
    """Draw the page."""
    st.html(CSS + BAR_STYLE)
    with guarded():
        session = current()
        session.settle()
        with st.sidebar:
            page_links()
            form = st.container()
        with form:
            request = reading_request(session)
        if request is None:
            st.info("Paste a text, or choose a file, on the left.")
            return
        job = _job(session, ReadJob(request))
        if job.running:
            st.markdown(
                f"Computing the weights of the words in a text of {len(request.text):,} characters."
            )
            progress(job, stop_help="Stops; Go on starts the computation again")
        elif job.error:
            st.error(line(job.error), icon=":material/error:")
        elif job.before is None or (request.design is not None and job.after is None):
            _stopped(job)
        else:
            _result(job.before, job.after)
            faithfulness.section(session, request)


def _job(session: Session, new: ReadJob) -> ReadJob:
    """The job of the request: the old one if its request is the same, otherwise the new one, which
    is started or, if it is quick, done."""
    old: ReadJob | None = session.page_data.get(JOB)
    if old is not None and old.request == new.request:
        return old
    if old is not None:
        old.stop()
    new.previous = old
    if not new.quick:
        session.page_data[JOB] = new.start()
        return new
    for _ in new.steps():
        pass
    session.page_data[JOB] = new
    return new


def _stopped(job: ReadJob) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("Stopped before the whole text was processed.")
        if st.button("Go on", key="go-on"):
            job.start()
            st.rerun()


def _result(before: KeyWords, after: KeyWords | None) -> None:
    reading_view(reading_data(before, after), key="reading-view")
    for remark in before.remarks:
        st.caption(remark)
    shown = after or before
    spans = sorted(
        shown.spans(shown.share_of_text(0.2)), key=lambda span: span.weight, reverse=True
    )[:_HEAVIEST]
    bars = [
        Bar(span.text, before.between(span), None if after is None else after.between(span))
        for span in spans
    ]
    most = max(max(bar.before, bar.after or 0.0) for bar in bars)
    st.html(
        PARTS.heading("The words with the largest weights")
        + bars_html(
            bars,
            limits=(0.0, most),
            written=lambda share: f"{100 * share:.1f} %",
            note="share of the total weight",
        )
    )
    st.download_button(
        "Save as a page",
        data=lambda: reading_page(before, after, theme=theme()),
        file_name="key-words.html",
        mime="text/html",
        on_click="ignore",
        key="read-save",
        help="One HTML file, with its slider, that needs no network",
    )
