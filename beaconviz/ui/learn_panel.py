"""A design learned for this sentence."""

from __future__ import annotations

import beaconviz as bv
from beaconviz.ui.session import Session


def learn_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel."""
