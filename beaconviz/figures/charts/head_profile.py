"""Charts of a head profile: which heads an edit should act on.

Each function takes the plain data that `beaconviz profile --json` prints.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import mean
from typing import Any

import plotly.graph_objects as go
import torch
from markupsafe import Markup

from beaconviz.figures.charts.maps import head_map
from beaconviz.figures.markup import macros
from beaconviz.figures.page import figure_html, page_html
from beaconviz.figures.theme import Theme, palette, styled

_HTML = macros(__file__)


def heads_alone(
    result: Mapping[str, Any],
    *,
    shape: tuple[int, int] | None = None,
    best: int = 0,
    theme: Theme = "light",
) -> go.Figure:
    """The change in F1 by each head alone, layer × head, symmetric about 0.

    Args:
        shape: layers and heads; those without a result are blank.
        best: the number of best heads with a frame.
    """
    rows = result["heads"]
    if shape is None:
        shape = 1 + max(row["layer"] for row in rows), 1 + max(row["head"] for row in rows)
    change = torch.full(shape, torch.nan)
    for row in rows:
        change[row["layer"], row["head"]] = row["change"]
    figure = head_map(change, "Each head alone", "change in F1", signed=True, theme=theme)
    for row in rows[:best]:
        figure.add_shape(
            type="rect",
            x0=row["head"] - 0.46,
            x1=row["head"] + 0.46,
            y0=row["layer"] - 0.46,
            y1=row["layer"] + 0.46,
            line={"color": palette(theme).text, "width": 1.5},
        )
    return figure


def curve_figure(result: Mapping[str, Any], *, theme: Theme = "light") -> go.Figure:
    """F1 on held-out sentences against the number of heads: the best, random ones, all, none."""
    colours = palette(theme)
    curve = result["curve"]
    counts = [point["k"] for point in curve]
    draws = [point["random"] for point in curve]
    figure = go.Figure()
    figure.add_scatter(
        x=counts,
        y=list(map(mean, draws)),
        error_y={
            "type": "data",
            "symmetric": False,
            "array": [max(scores) - mean(scores) for scores in draws],
            "arrayminus": [mean(scores) - min(scores) for scores in draws],
        },
        name="random heads (mean, least and most)",
        mode="lines+markers",
        line={"color": colours.baseline, "dash": "dot"},
    )
    figure.add_scatter(
        x=counts,
        y=[point["best"] for point in curve],
        name="best heads",
        mode="lines+markers",
        line={"color": colours.edited, "width": 3},
    )
    for name, value, dash, place in (
        ("untouched", result["baseline"]["held_out"], "solid", "top right"),
        ("all heads", result["every"], "dash", "top left"),
    ):
        figure.add_hline(
            y=value,
            line={"color": colours.text, "width": 1.2, "dash": dash},
            annotation={"text": f"{name} {value:.3f}", "font": {"color": colours.text}},
            annotation_position=place,
        )
    figure.update_xaxes(title="heads edited", type="log", tickvals=counts)
    figure.update_yaxes(title="strict micro F1, held out")
    figure.update_layout(legend={"orientation": "h", "yanchor": "bottom", "y": 1.0})
    return styled(figure, theme, height=380)


def profile_html(title: str, result: Mapping[str, Any], *, theme: Theme = "light") -> Markup:
    """The verdict, remarks and both figures, as one page that needs no network."""
    body = _HTML.body(
        title,
        result["verdict"],
        result["remarks"],
        curve=figure_html(curve_figure(result, theme=theme)),
        heads=figure_html(heads_alone(result, theme=theme)),
    )
    return page_html(f"beaconviz: {title}", body, theme)
