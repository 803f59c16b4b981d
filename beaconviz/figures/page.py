"""An HTML page that needs no network: figures, tables, and what surrounds them."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from beaconviz.figures.escape import escape_attribute
from beaconviz.figures.theme import Theme, palette

_PAGE_STYLE = """
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 2rem auto; padding: 0 1rem; }
  h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2.2rem; }
  table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
  th, td { padding: .2rem .6rem; text-align: right; border-bottom: 1px solid #8884; }
  pre { overflow: auto; padding: .8rem; background: #8882; border-radius: .4rem; font-size: .8rem; }
  td { white-space: nowrap; }
  .scroll { overflow: auto; max-height: 28rem; }
  .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
  .pair > div { min-width: 0; overflow: hidden; }
"""
_FIGURE_CONFIG = {"displaylogo": False, "responsive": True}


def page_html(title: str, body: str, theme: Theme = "light", *, figures: bool = True) -> str:
    """A whole page around `body`; of about 5 MB where Plotly's figures are to draw themselves."""
    colours = palette(theme)
    script = f"<script>{get_plotlyjs()}</script>" if figures else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape_attribute(title)}</title>
<style>
  :root {{ color-scheme: {theme}; }}
  body {{ background: {colours.background}; color: {colours.text}; }}{_PAGE_STYLE}</style>
{script}
</head><body>
{body}
</body></html>
"""


def figure_html(figure: go.Figure) -> str:
    """A figure inside such a page."""
    return str(figure.to_html(full_html=False, include_plotlyjs=False, config=_FIGURE_CONFIG))


def pair_html(*figures: go.Figure) -> str:
    """Two figures side by side."""
    return f"<div class='pair'>{''.join(map(figure_html, figures))}</div>"


def table_html(frame: pd.DataFrame) -> str:
    """A table; its text is escaped."""
    table = frame.to_html(index=False, border=0, float_format="{:.4f}".format, escape=True)
    return f"<div class='scroll'>{table}</div>"
