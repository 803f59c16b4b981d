"""The choice of learned beacons, from the model's folder or another one on this machine."""

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


def folder_box(session: Session) -> str:
    """Draw the choice of a folder, by default the model's if it has beacons; "" for none."""
    model, permissions = session.view.model, access()
    own_folder = model if model not in SHIPPED and has_learned(Path(model).expanduser()) else ""
    if permissions.unrestricted:
        with recalled(session, f"learned-{model}", own_folder) as key:
            return st.text_input(
                "Folder",
                key=key,
                placeholder="runs/beacons",
                help="What `beaconviz elastic` wrote for this model",
            ).strip()
    offered = list(filter(None, (own_folder, *permissions.named("beacons"))))
    if not offered:
        st.caption("This app provides no learned beacons for this model.")
        return ""
    with recalled(session, f"learned-{model}", offered[0]) as key:
        return str(st.selectbox("Provided with this app", offered, key=key))


def chosen(session: Session) -> ElasticBeacons | None:
    """The beacons of the chosen folder; None while there are none, with a line that says why."""
    folder = folder_box(session)
    if not folder:
        return None
    try:
        return beacons(session.view.model, folder)
    except BeaconvizError as error:
        st.error(line(str(error)), icon=":material/error:")
        return None


def beacons(model: str, folder: str) -> ElasticBeacons:
    """The beacons in a folder, cached until they are trained again.

    Raises:
        BeaconvizError: a folder that this app may not open, that has no beacons or damaged ones, or
            beacons of another model.
    """
    if folder != model:  # the folder of a model that may be loaded may be opened
        access().check_path("beacons", folder)
    path = Path(folder).expanduser()
    written = (path / FACTS).stat().st_mtime_ns if has_learned(path) else 0
    return _beacons(model, path, written)


@st.cache_resource(max_entries=4, show_spinner=False)
def _beacons(model: str, folder: Path, written: int) -> ElasticBeacons:
    return load_learned(folder, cache.model(model))
