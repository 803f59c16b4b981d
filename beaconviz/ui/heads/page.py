"""The Heads page: which heads should an edit act on?"""

from __future__ import annotations

import streamlit as st

from beaconviz.core.errors import BeaconvizError
from beaconviz.figures.html.label_table import STYLE
from beaconviz.ui.heads.job import ProfileJob
from beaconviz.ui.heads.result import alone, result
from beaconviz.ui.shared import edit_form as evaluate_form
from beaconviz.ui.shared.progress import progress
from beaconviz.ui.shell.guard import guarded, line, plain
from beaconviz.ui.shell.navigation import page_links
from beaconviz.ui.shell.session import Session, current
from beaconviz.ui.shell.style import CSS

JOB = "profile"  # where a session keeps its job
_USUAL = 200  # sentences: every head is tried on half of them


def page() -> None:
    """Draw the page."""
    st.html(CSS + STYLE)
    with guarded():
        session = current()
        session.settle()
        with st.sidebar:
            page_links()
            _form(session)
        _main(session)


def _form(session: Session) -> None:
    job: ProfileJob | None = session.page_data.get(JOB)
    busy = job is not None and job.running
    try:
        request = evaluate_form.request(
            session, "Profile", busy=busy, with_learned=False, usual=_USUAL, least=4
        )
    except BeaconvizError as error:
        session.page_data["heads-error"] = str(error)
        return
    if request is not None:
        session.page_data.pop("heads-error", None)
        edit = request.edit
        job = ProfileJob(request.model, request.data, edit.name, request.sentences, edit.design_for)
        session.page_data[JOB] = job.start()
        st.rerun()


def _main(session: Session) -> None:
    job: ProfileJob | None = session.page_data.get(JOB)
    if problem := session.page_data.get("heads-error"):
        st.error(line(problem), icon=":material/error:")
    if job is None:
        st.markdown(
            "**Which heads should an edit act on?** On one half of the sentences, the edit is tried at "
            "every head alone. On the other half, the best k heads together are compared with random "
            "heads, all heads and no edit. An edit of all heads often hurts where an edit of a few "
            "helps (PASTA, Zhang et al. 2023)."
        )
        return
    if job.running:
        st.markdown(f"Trying one head at a time, then the best together: {plain(job.title)}.")
        progress(job, stop_help="Stops; what is done is kept, and Go on continues")
        return
    if job.error:
        st.error(line(job.error), icon=":material/error:")
    elif job.share < 1:
        _unfinished(job)
    if job.profile_so_far is None or job.result is None:
        return
    if job.profile_so_far.curve:
        result(session, job, job.profile_so_far)
    else:
        alone(job)


def _unfinished(job: ProfileJob) -> None:
    done, total = job.counted
    with st.container(horizontal=True, vertical_alignment="center"):
        text = f"Stopped after {done} of {total} passes."
        if job.profile_so_far is None or not job.profile_so_far.curve:
            text += " Nothing is scored on the held-out half yet: first every head is tried alone."
        st.markdown(text)
        if st.button("Go on", key="go-on"):
            job.start()
            st.rerun()
