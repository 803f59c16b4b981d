"""HTML pages that need no network, with figures and tables."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from beaconviz.figures.markup import macros
from beaconviz.figures.theme import Theme, palette

_HTML = macros(__file__)
_FIGURE_CONFIG = {"displaylogo": False, "responsive": True}


def page_html(title: str, body: Markup, theme: Theme = "light", *, figures: bool = True) -> Markup:
    """A whole page around `body`; about 5 MB with Plotly's script, which `figures` need."""
    script = Markup(get_plotlyjs()) if figures else ""
    return _HTML.page(title, body, theme, palette(theme), script)


def figure_html(figure: go.Figure) -> Markup:
    """A figure inside such a page. The maker of the figure escapes its labels."""
    return Markup(figure.to_html(full_html=False, include_plotlyjs=False, config=_FIGURE_CONFIG))


def pair_html(*figures: go.Figure) -> Markup:
    """Two figures side by side."""
    return _HTML.pair(map(figure_html, figures))


def table_html(frame: pd.DataFrame) -> Markup:
    """A table; pandas escapes its text."""
    table = frame.to_html(index=False, border=0, float_format="{:.4f}".format, escape=True)
    return _HTML.table(Markup(table))
