"""The Evaluate page: does an edit help, over a whole data set?"""

from __future__ import annotations

import streamlit as st

from beaconviz.core.errors import BeaconvizError
from beaconviz.ui.evaluate.job import Job
from beaconviz.ui.evaluate.result import result
from beaconviz.ui.shared import edit_form as evaluate_form
from beaconviz.ui.shared.progress import progress
from beaconviz.ui.shell.guard import guarded, line
from beaconviz.ui.shell.navigation import page_links
from beaconviz.ui.shell.session import Session, current
from beaconviz.ui.shell.style import CSS

JOB = "evaluation"  # where a session keeps its job
_USUAL = 500  # sentences


def page() -> None:
    """Draw the page."""
    st.html(CSS)
    with guarded():
        session = current()
        session.settle()
        with st.sidebar:
            page_links()
            _form(session)
        _main(session)


def _form(session: Session) -> None:
    job: Job | None = session.page_data.get(JOB)
    busy = job is not None and job.running
    try:
        request = evaluate_form.request(
            session, "Evaluate", busy=busy, with_learned=True, usual=_USUAL
        )
    except BeaconvizError as error:
        session.page_data["evaluate-error"] = str(error)
        return
    if request is not None:
        session.page_data.pop("evaluate-error", None)
        edit = request.edit
        job = Job(
            request.model, request.data, edit.name, request.sentences, edit.design_for, edit.learned
        )
        session.page_data[JOB] = job.start()
        st.rerun()


def _main(session: Session) -> None:
    job: Job | None = session.page_data.get(JOB)
    if problem := session.page_data.get("evaluate-error"):
        st.error(line(problem), icon=":material/error:")
    if job is None:
        st.markdown(
            "**Does an edit help?** Choose labelled sentences and an edit on the left. The model is "
            "scored on every sentence without and with the edit, and the page says whether the "
            "difference is larger than chance."
        )
        return
    if job.running:
        progress(job, stop_help="Stops; the sentences done so far are scored")
        return
    if job.error:
        st.error(line(job.error), icon=":material/error:")
    if len(job.done) < len(job.sentences):
        _unfinished(job)
    if job.outcome is not None:
        result(session, job)


def _unfinished(job: Job) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"Stopped after {len(job.done)} of {len(job.sentences)} sentences.")
        if st.button("Go on", key="go-on"):
            job.start()
            st.rerun()
