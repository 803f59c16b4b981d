"""Learned beacons: from the model's own folder, or from another one on this machine."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from beaconviz.core.errors import BeaconvizError
from beaconviz.engine.elastic import ElasticBeacons
from beaconviz.models.loading import SHIPPED
from beaconviz.runs.learned_beacons import FACTS, has_learned, load_learned
from beaconviz.ui.shared.widgets import recalled
from beaconviz.ui.shell import cache
from beaconviz.ui.shell.access import access
from beaconviz.ui.shell.guard import line
from beaconviz.ui.shell.session import Session

TITLE = "Learned beacons"
ABOUT = (
    "Beacon values for every layer and head, which a small trained network computes from the text"
)


def ask(session: Session) -> str:
    """The folder that the person names, or the model's own if that has beacons; "" for none."""
    model, here = session.view.model, access()
    own = model if model not in SHIPPED and has_learned(Path(model).expanduser()) else ""
    if here.unrestricted:
        with recalled(session, f"learned-{model}", own) as key:
            return st.text_input(
                "Folder",
                key=key,
                placeholder="runs/beacons",
                help="What `beaconviz elastic` wrote for this model",
            ).strip()
    offered = list(filter(None, (own, *here.named("beacons"))))
    if not offered:
        st.caption("This app provides no learned beacons for this model.")
        return ""
    with recalled(session, f"learned-{model}", offered[0]) as key:
        return str(st.selectbox("Provided with this app", offered, key=key))


def chosen(session: Session) -> ElasticBeacons | None:
    """The beacons of the folder that is named; None while there is none, with a line that says
    why."""
    folder = ask(session)
    if not folder:
        return None
    try:
        return beacons(session.view.model, folder)
    except BeaconvizError as error:
        st.error(line(str(error)), icon=":material/error:")
        return None


def beacons(model: str, folder: str) -> ElasticBeacons:
    """The beacons in a folder, read again when they were trained anew.

    Raises:
        BeaconvizError: a folder that this app does not open, or one without beacons, with damaged
            ones or those of another model.
    """
    if folder != model:  # a model that may be loaded brings the beacons of its own folder
        access().check_path("beacons", folder)
    path = Path(folder).expanduser()
    written = (path / FACTS).stat().st_mtime_ns if has_learned(path) else 0
    return _beacons(model, path, written)


@st.cache_resource(max_entries=4, show_spinner=False)
def _beacons(model: str, folder: Path, written: int) -> ElasticBeacons:
    return load_learned(folder, cache.model(model))
