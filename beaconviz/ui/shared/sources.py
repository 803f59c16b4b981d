"""The source of a form's files: a sample, an upload, or a path that this app may open."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from beaconviz.ui.shared.widgets import recalled
from beaconviz.ui.shell.access import Kind, access
from beaconviz.ui.shell.session import Session

Source = Literal["Sample", "Upload", "Provided", "Path"]


def source_box(session: Session, kind: Kind, label: str, *, key: str) -> Source:
    """Draw the choice of a source. "Provided" stands for the paths that the command line names."""
    permissions = access()
    offered: list[Source] = ["Sample", "Upload"]
    offered += ["Provided"] * bool(permissions.named(kind))
    offered += ["Path"] * permissions.unrestricted
    with recalled(session, key, offered[0]) as widget_key:
        return st.segmented_control(label, offered, key=widget_key, required=True) or offered[0]


def path_box(
    session: Session, source: Source, kind: Kind, *, key: str, label: str, placeholder: str
) -> str:
    """The path that the person chooses or types; "" while there is none."""
    if source == "Provided":
        named = access().named(kind)
        with recalled(session, f"{key}-provided", named[0]) as widget_key:
            return str(st.selectbox("Provided with this app", named, key=widget_key))
    with recalled(session, key, "") as widget_key:
        path = st.text_input(label, key=widget_key, placeholder=placeholder)
    return path.strip()
