"""Where a form takes its files from: a sample, an upload, or a path that this app may open."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from beaconviz.ui.shared.widgets import recalled
from beaconviz.ui.shell.access import Kind, access
from beaconviz.ui.shell.session import Session

Source = Literal["Sample", "Upload", "Provided", "Path"]


def source_box(session: Session, kind: Kind, label: str, *, key: str) -> Source:
    """Draw the choice. "Provided" are the paths that the command line names."""
    here = access()
    offered: list[Source] = ["Sample", "Upload"]
    offered += ["Provided"] * bool(here.named(kind))
    offered += ["Path"] * here.unrestricted
    with recalled(session, key, offered[0]) as kept:
        return st.segmented_control(label, offered, key=kept, required=True) or offered[0]


def path_box(
    session: Session, source: Source, kind: Kind, *, key: str, label: str, placeholder: str
) -> str:
    """The path that the person chooses or types; "" while there is none."""
    if source == "Provided":
        named = access().named(kind)
        with recalled(session, f"{key}-provided", named[0]) as kept:
            return str(st.selectbox("Provided with this app", named, key=kept))
    with recalled(session, key, "") as kept:
        path = st.text_input(label, key=kept, placeholder=placeholder)
    return path.strip()
