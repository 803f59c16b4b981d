"""The Search page: edit the attention in a query, and see the ranking change."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st
from markupsafe import Markup

import beaconviz as bv
from beaconviz.figures.html.hits import hits_html
from beaconviz.models.tasks import STATES
from beaconviz.retrieval.query_run import QueryRun
from beaconviz.retrieval.search import results_of
from beaconviz.ui.search.form import INDEX, IndexJob, collection_box, index_for, method_box
from beaconviz.ui.shared.parts import PARTS
from beaconviz.ui.shared.progress import progress
from beaconviz.ui.shell import cache
from beaconviz.ui.shell.guard import guarded, line
from beaconviz.ui.shell.navigation import page_links
from beaconviz.ui.shell.session import Session, current
from beaconviz.ui.shell.style import CSS
from beaconviz.ui.studio.live import live, outline
from beaconviz.ui.studio.sidebar import sidebar
from beaconviz.ui.studio.topbar import topbar
from beaconviz.ui.studio.word_chips import chips

_TOP = 10
_MOVED = "Arrows: ranks gained or lost through the edit. "
_VECTORS = (
    "In the last layer, an edit changes how much each word contributes to the query's vector; in earlier "
    "layers, it changes the vectors of the words."
)
_WORDS = "A word's weight grows with the attention it receives; in a query of one word that changes nothing."
_UNEDITED = "Paint in M or A, or choose a word above, to change the ranking."


def page() -> None:
    """Draw the page."""
    st.html(CSS)
    with guarded():
        session = current()
        session.settle()
        if cache.model(session.view.model).task is not STATES:  # from a link of another page
            session.show(replace(session.view, model="minilm"))
            session.settle()
        with st.sidebar:
            page_links()
            collection = collection_box(session)
            session.page_data["search-by"] = method_box(session)
            sidebar(session)
        topbar(session, searching=True)
        if collection is None:
            st.info("Choose documents on the left: a JSON Lines or CSV file, or a text.")
            return
        job = index_for(session, collection, cache.model(session.view.model))
        if _ready(session, job):
            chips(session)
            session.screen.outline = outline(session)
            live(_ranking)


def _ready(session: Session, job: IndexJob) -> bool:
    """Whether the index can be searched; otherwise draws its progress, or why it failed."""
    if job.running:
        st.markdown(
            f"Reading {len(job.collection.documents):,} documents. This is done once; the index is kept."
        )
        progress(job, stop_help="Stops; the unfinished index is discarded")
        return False
    if job.error:
        st.error(line(job.error), icon=":material/error:")
        return False
    if job.index is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("Stopped before all documents were read.")
            if st.button("Read them", key="go-on"):
                job.start()
                st.rerun()
        return False
    if job.index.rebuilt:
        st.caption(line(f"{job.index.rebuilt}: it was built again"))
    session.page_data[INDEX] = job.index
    return True


def _ranking(session: Session) -> Markup:
    """The ranking of the query with the current edit, as HTML."""
    comparison = session.comparison()
    edited = not session.view.design.is_neutral
    query_run = QueryRun(comparison.edited if edited else comparison.baseline, comparison.baseline)
    try:
        method = session.page_data["search-by"]
        results = results_of(session.page_data[INDEX], query_run, method, top=_TOP)
    except bv.BeaconvizError as error:
        return PARTS.problem(str(error))
    why = _WORDS if method in ("tfidf", "bm25") else _VECTORS
    note = _MOVED + why if edited else _UNEDITED
    return hits_html(results, note=note)
