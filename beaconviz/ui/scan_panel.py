"""Which head an edit acts through."""

from __future__ import annotations

import beaconviz as bv
from beaconviz.ui.session import Session


def scan_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel."""
