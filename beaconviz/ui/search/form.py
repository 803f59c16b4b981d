"""The form of the Search page: the collection, its index, and the ranking method."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import streamlit as st

from beaconviz import samples
from beaconviz.core.errors import BeaconvizError
from beaconviz.models.model import Model
from beaconviz.retrieval.documents import Collection, documents_in, read_documents
from beaconviz.retrieval.index import Index, ready_index
from beaconviz.retrieval.search import ABOUT, METHODS, Method
from beaconviz.ui.shared.background import CallTask
from beaconviz.ui.shared.sources import Source, path_box, source_box
from beaconviz.ui.shared.widgets import recalled
from beaconviz.ui.shell.access import access
from beaconviz.ui.shell.guard import line, plain
from beaconviz.ui.shell.session import Session

JOB, INDEX = "index-job", "index"  # where a session keeps them
_QUICK = 60_000  # characters that are indexed while the page is drawn
_MOST_MEGABYTES = 50
_TITLES: dict[Method, str] = {
    "tfidf": "TF-IDF",
    "bm25": "BM25",
    "mean": "Vectors, mean",
    "received": "Vectors, attention",
    "similarity": "Vectors, similarity",
}


@dataclass
class IndexJob(CallTask):
    """The job that opens an index, or builds it in the background."""

    noun: ClassVar[str] = "passages"
    collection: Collection
    model: Model
    index: Index | None = None

    def call(self) -> None:
        self.index = ready_index(self.collection, self.model, progress=self.report)


def method_box(session: Session) -> Method:
    """Draw the choice of the ranking method."""
    with recalled(session, "search-method", "received") as key:
        method: Method = st.selectbox(
            "Ranked by", METHODS, key=key, format_func=_TITLES.__getitem__
        )
    st.caption(f"{ABOUT[method][0].upper()}{ABOUT[method][1:]}.")
    return method


def collection_box(session: Session) -> Collection | None:
    """Draw the choice of documents; None while there are none, with a line that says why."""
    source = source_box(session, "documents", "Documents", key="search-source")
    try:
        if source == "Sample":
            collection: Collection | None = _sample()
        elif source == "Upload":
            collection = _uploaded(session)
        else:
            collection = _from_path(session, source)
    except BeaconvizError as error:
        st.error(line(str(error)), icon=":material/error:")
        return None
    if collection is not None:
        summary = f"{len(collection.documents):,} documents. {' '.join(collection.remarks)}"
        st.caption(plain(summary))
    return collection


def index_for(session: Session, collection: Collection, model: Model) -> IndexJob:
    """The job of the collection's index; a small collection's is done when this returns."""
    job: IndexJob | None = session.page_data.get(JOB)
    if job is not None and (job.collection, job.model) == (collection, model):
        return job
    if job is not None:
        job.stop()
    job = IndexJob(collection, model)
    session.page_data[JOB] = job
    if sum(len(document.text) for document in collection.documents) <= _QUICK:
        with st.spinner("Reading the documents …"):
            job.call()
        return job
    return job.start()


@st.cache_resource(show_spinner=False)
def _sample() -> Collection:
    return read_documents(samples.shipped("sample_data") / "retrieval" / "documents.jsonl")


def _from_path(session: Session, source: Source) -> Collection | None:
    path = path_box(
        session,
        source,
        "documents",
        key="search-path",
        label="A folder of texts, or a file, on this machine",
        placeholder="papers.jsonl",
    )
    return documents_at(path) if path else None


def documents_at(path: str) -> Collection:
    """The documents in a folder or file of this machine.

    Raises:
        BeaconvizError: a path that this app may not open, or that has no documents.
    """
    access().check_path("documents", path)
    return _read(path)


@st.cache_resource(show_spinner="Reading …", max_entries=2)
def _read(path: str) -> Collection:
    return read_documents(Path(path))


def _uploaded(session: Session) -> Collection | None:
    file = st.file_uploader(
        "JSON Lines (id, title, text), CSV or a text",
        key="search-file",
        max_upload_size=_MOST_MEGABYTES,
    )
    if file is not None:
        session.page_data["search-file"] = file.name, file.getvalue()
    name, content = session.page_data.get("search-file", ("", b""))  # kept during visits to pages
    return _parsed(content, name) if name else None


@st.cache_resource(show_spinner="Reading …", max_entries=2)
def _parsed(content: bytes, name: str) -> Collection:
    return documents_in(content, name)
