"""The chart of a scan: the effect of a design at each head alone."""

from __future__ import annotations

from textwrap import shorten

import plotly.graph_objects as go

from beaconviz.analysis.scan import Scan
from beaconviz.figures.charts.maps import head_map
from beaconviz.figures.escape import escape_label
from beaconviz.figures.theme import Theme

_LONGEST = 60  # the most characters of the measure's name in the title


def scan_map(
    scan: Scan, *, selected: tuple[int, int] | None = None, theme: Theme = "light"
) -> go.Figure:
    """A scan's effects, layer × head: symmetric about 0 where they have a sign.

    Heads that are not measured yet are blank; `selected` has a frame.
    """
    measured = escape_label(shorten(scan.measured, _LONGEST, placeholder=" …"))
    title = f"Each head alone: {measured}"
    return head_map(
        scan.effect, title, scan.unit, signed=scan.signed, selected=selected, theme=theme
    )
