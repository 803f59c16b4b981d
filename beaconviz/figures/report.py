"""A comparison as HTML: one self-contained page, and what a notebook shows."""

from __future__ import annotations

import html
from collections.abc import Iterator

import pandas as pd
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs
from torch import Tensor

from beaconviz.analysis.comparison import Comparison
from beaconviz.core.design import MATRICES
from beaconviz.figures.distributions import distributions, received_bars
from beaconviz.figures.entities import entities_html
from beaconviz.figures.maps import attention_maps, layer_head_map, matrix_figure, place_name
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


def report_html(
    comparison: Comparison,
    *,
    layer: int | None = None,
    head: int | None = None,
    theme: Theme = "light",
) -> str:
    """The whole comparison as one HTML page of about 5 MB that needs no network."""
    colours = palette(theme)
    body = "\n".join(_sections(comparison, layer, head, theme))
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>beaconviz: {html.escape(comparison.baseline.text[:60])}</title>
<style>
  :root {{ color-scheme: {theme}; }}
  body {{ background: {colours.background}; color: {colours.text}; }}{_PAGE_STYLE}</style>
<script>{get_plotlyjs()}</script>
</head><body>
{body}
</body></html>
"""


def notebook_html(comparison: Comparison) -> str:
    """What a notebook shows of a comparison: the names, and how much each head changed."""
    return (
        f"<div>{entities_html(comparison)}<p style='margin:.6em 0 .2em'>{_setting(comparison)}; "
        "how much each head changed (layers down, heads across, Jensen–Shannon divergence in "
        f"nats):</p>{_divergence_table(comparison.divergence())}</div>"
    )


def _sections(
    comparison: Comparison, layer: int | None, head: int | None, theme: Theme
) -> Iterator[str]:
    design = comparison.design
    metrics = comparison.metrics()
    words = comparison.words(layer=layer, head=head)
    yield f"<h1>Attention edited</h1><p>{_setting(comparison)}</p>"
    yield f"<h2>What the model says</h2>{entities_html(comparison)}"
    yield f"<h2>Attention</h2>{_figure(attention_maps(comparison, layer=layer, head=head, theme=theme))}"
    yield f"<h2>Heads</h2>{_figure(layer_head_map(comparison.divergence(), theme=theme))}"
    yield _pair(
        distributions(comparison, "entropy", theme=theme),
        distributions(comparison, "distance", theme=theme),
    )
    yield f"<h2>Words</h2>{_figure(received_bars(comparison, layer=layer, head=head, theme=theme))}"
    yield f"<p>{place_name(layer, head)}</p>{_table(words)}"
    if comparison.baseline.labels:
        yield f"<h2>Label probabilities</h2>{_table(comparison.labels())}"
    yield "<h2>Design</h2>"
    for edit in range(len(design.edits)):
        matrices = (matrix_figure(design, m, edit=edit, theme=theme) for m in MATRICES)
        yield _pair(*matrices)
    yield f"<details><summary>Design file</summary><pre>{html.escape(design.to_json())}</pre></details>"
    yield f"<h2>Numbers of every head</h2>{_table(metrics)}"


def _setting(comparison: Comparison) -> str:
    text = f"{comparison.model_name} on {comparison.device}, M read as {comparison.design.reading}"
    return html.escape(text)


def _figure(figure: go.Figure) -> str:
    return figure.to_html(full_html=False, include_plotlyjs=False, config=_FIGURE_CONFIG)


def _pair(*figures: go.Figure) -> str:
    return f"<div class='pair'>{''.join(map(_figure, figures))}</div>"


def _table(frame: pd.DataFrame) -> str:
    table = frame.to_html(index=False, border=0, float_format="{:.4f}".format, escape=True)
    return f"<div class='scroll'>{table}</div>"


def _divergence_table(divergence: Tensor) -> str:
    top = float(divergence.max()) or 1.0
    rows = "".join(
        f"<tr>{''.join(_cell(value, top, layer, head) for head, value in enumerate(row))}</tr>"
        for layer, row in enumerate(divergence.tolist())
    )
    return f"<table style='border-spacing:2px;border-collapse:separate'>{rows}</table>"


def _cell(value: float, top: float, layer: int, head: int) -> str:
    colour = f"rgba(98,52,154,{0.08 + 0.92 * value / top:.2f})"
    return (
        f"<td title='layer {layer}, head {head}: {value:.4f}' "
        f"style='background:{colour};width:1.3em;height:1.3em;padding:0'></td>"
    )
