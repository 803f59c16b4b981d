"""Charts of an evaluation: scores before and after, and where the change comes from.

Each function takes the plain data that `beaconviz evaluate --json` prints.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup

from beaconviz.figures.markup import macros
from beaconviz.figures.page import figure_html, page_html, table_html
from beaconviz.figures.theme import Theme, axis_names, palette, styled

_HTML = macros(__file__)
_RUNS = ("baseline", "edited")


def score_bars(result: Mapping[str, Any], *, theme: Theme = "light") -> go.Figure:
    """Strict F1 of all entities and of each type, before and after."""
    types = list(result["baseline"]["types"])
    bars = []
    for run in _RUNS:
        rows = [result[run], *(result[run]["types"].get(kind, {"f1": 0.0}) for kind in types)]
        bars.append(
            go.Bar(
                x=axis_names(["all", *types]),
                y=[row["f1"] for row in rows],
                name=run,
                marker={"color": getattr(palette(theme), run)},
                texttemplate="%{y:.3f}",
                hovertemplate="%{x}: %{y:.3f}<extra>" + run + "</extra>",
            )
        )
    figure = go.Figure(bars)
    figure.update_layout(barmode="group", legend={"orientation": "h", "y": 1.15})
    figure.update_xaxes(type="category", showgrid=False)
    figure.update_yaxes(title="strict F1", range=[0, 1])
    return styled(figure, theme, height=320)


def change_figure(result: Mapping[str, Any], *, theme: Theme = "light") -> go.Figure:
    """The change in micro F1 with its 95 % interval, with a line at no change."""
    change, (low, high) = result["change"]["f1"], result["change"]["interval"]
    colours = palette(theme)
    figure = go.Figure(
        go.Scatter(
            x=[change],
            y=["micro F1"],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [high - change],
                "arrayminus": [change - low],
                "thickness": 3,
                "width": 8,
            },
            mode="markers",
            marker={"size": 13, "color": colours.edited},
            hovertemplate=f"{change:+.4f}, 95 % interval {low:+.4f} to {high:+.4f}<extra></extra>",
        )
    )
    reach = 1.25 * max(abs(low), abs(high), 0.005)
    figure.add_vline(x=0, line={"color": colours.text, "width": 1.5})
    figure.update_xaxes(title="change in strict micro F1", range=[-reach, reach], tickformat="+.3f")
    figure.update_yaxes(showgrid=False)
    return styled(figure, theme, height=150)


def slice_figure(slices: pd.DataFrame, *, theme: Theme = "light") -> go.Figure:
    """Every slice as a line from its score before to its score after."""
    names = axis_names(
        [f"{row.by}: {row.part} ({row.entities})" for row in slices.itertuples(index=False)]
    )
    colours = palette(theme)
    figure = go.Figure()
    for name, row in zip(names, slices.itertuples(index=False), strict=True):
        figure.add_scatter(
            x=[row.baseline, row.edited],
            y=[name, name],
            mode="lines",
            line={"color": colours.grid, "width": 4},
            hoverinfo="skip",
            showlegend=False,
        )
    for run in _RUNS:
        figure.add_scatter(
            x=slices[run],
            y=names,
            mode="markers",
            name=run,
            marker={"color": getattr(colours, run), "size": 11},
            customdata=slices["measure"],
            hovertemplate="%{y}<br>%{customdata} %{x:.3f}<extra>" + run + "</extra>",
        )
    figure.update_layout(legend={"orientation": "h", "yanchor": "bottom", "y": 1.0})
    figure.update_xaxes(title="F1, or recall for the distance", range=[0, 1.02])
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return styled(figure, theme, height=110 + 30 * len(names))


def evaluation_html(result: Mapping[str, Any], *, theme: Theme = "light") -> Markup:
    """The whole evaluation as one page that needs no network."""
    slices = pd.DataFrame(result["slices"])
    head = f"{result['edit']}, {result['model']} on {result['data']}"
    rows = [
        {"run": run, "score": name, **{part: row[part] for part in ("precision", "recall", "f1")}}
        for run in _RUNS
        for name, row in (
            ("strict micro", result[run]),
            *((kind, result[run][kind]) for kind in ("macro", "partial", "type")),
            *result[run]["types"].items(),
        )
    ]
    notes = [*result["remarks"], f"{len(result['fixed'])} sentences fixed and "]
    notes[-1] += f"{len(result['broken'])} broken; McNemar's exact p = {result['change']['p']:.3g}."
    body = _HTML.body(
        head,
        result["verdict"],
        notes,
        change=figure_html(change_figure(result, theme=theme)),
        scores=figure_html(score_bars(result, theme=theme)),
        slices=figure_html(slice_figure(slices, theme=theme)) if len(slices) else "",
        score_table=table_html(pd.DataFrame(rows)),
        slice_table=table_html(slices),
    )
    return page_html(f"beaconviz: {head}", body, theme)
