"""Heat maps: attention before and after, the change of each head, and the design.

Rows are queries, columns are keys; the first word is at the top.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.subplots import make_subplots
from torch import Tensor

from beaconviz.analysis.comparison import Comparison
from beaconviz.core import maps
from beaconviz.core.design import Design
from beaconviz.figures.theme import Theme, axis_names, palette, scale, styled

_HOVER = (
    "%{y} looks at %{x}<br>baseline %{customdata[0]:.4f}<br>edited %{customdata[1]:.4f}"
    "<br>change %{customdata[2]:+.4f}<extra></extra>"
)
_MOST_WRITTEN_VALUES = 16  # a matrix over more words does not show its numbers


def attention_maps(
    comparison: Comparison,
    *,
    layer: int | None = None,
    head: int | None = None,
    unit: str = "word",
    special: bool | None = None,
    pair: str = "all",
    theme: Theme = "light",
) -> go.Figure:
    """Baseline, edited and change side by side; None for a layer or head is their mean.

    The first two share one colour range from 0, the third is symmetric about 0. Values are
    probabilities. Of two texts, `pair` "a→b" has queries of the first and keys of the second, and
    so on; with "all", lines separate them.

    Raises:
        BeaconvizError: a layer, head, unit or pair that does not exist.
    """
    rows = maps.rows(comparison.baseline.aligned, unit, special)
    queries, keys = maps.part(rows, pair)
    baseline, edited = (
        run.attention(layer=layer, head=head, unit=unit, special=special)[queries][:, keys]
        .float()
        .numpy(force=True)
        for run in (comparison.baseline, comparison.edited)
    )
    change = edited - baseline
    names = axis_names([row.name for row in rows])
    down, across = ([names[n] for n in chosen] for chosen in (queries, keys))
    values = np.stack([baseline, edited, change], axis=-1)  # query key 3

    figure = make_subplots(
        rows=1,
        cols=3,
        subplot_titles=("baseline", "edited", "change"),
        shared_xaxes="all",
        shared_yaxes="all",
        horizontal_spacing=0.03,
    )
    for column, (weights, axis) in enumerate(
        [(baseline, "coloraxis"), (edited, "coloraxis"), (change, "coloraxis2")], start=1
    ):
        heat = go.Heatmap(
            z=weights, x=across, y=down, coloraxis=axis, customdata=values, hovertemplate=_HOVER
        )
        figure.add_trace(heat, row=1, col=column)
    figure.update_layout(
        coloraxis=_bar(palette(theme).attention, (0, _top(baseline, edited)), "attention", 1.01),
        coloraxis2=_bar(palette(theme).change, _symmetric(change), "change", 1.1),
    )
    second = next((n for n, row in enumerate(rows) if row.segment == 1), None)
    if second is not None and pair == "all":
        line = {"color": palette(theme).text, "width": 1}
        figure.add_hline(y=second - 0.5, line=line, row="all", col="all")
        figure.add_vline(x=second - 0.5, line=line, row="all", col="all")
    title = f"Attention, {place_name(layer, head)}{'' if pair == 'all' else f', {pair}'}"
    return _squared(styled(figure, theme, height=430, title=title))


def layer_head_map(
    divergence: Tensor, *, selected: tuple[int, int] | None = None, theme: Theme = "light"
) -> go.Figure:
    """How much the edit changed each head: mean Jensen–Shannon divergence in nats.

    `divergence` is Float[Tensor, "layer head"].
    """
    return head_map(
        divergence, "Change of each head", "nats", signed=False, selected=selected, theme=theme
    )


def head_map(
    values: Tensor,
    title: str,
    unit: str,
    *,
    signed: bool,
    selected: tuple[int, int] | None = None,
    theme: Theme = "light",
) -> go.Figure:
    """A number for every head, Float[Tensor, "layer head"]; nan is left blank.

    Signed values have colours symmetric about 0, others a range from 0. Plotly does not report
    clicks on a heat map's cells, so each has an invisible point with `customdata` [layer, head,
    value].
    """
    numbers = values.float().numpy(force=True)
    finite = np.nan_to_num(numbers)
    layers, heads = numbers.shape
    rows, columns = (axis.ravel() for axis in np.indices(numbers.shape))
    figure = go.Figure(
        [
            go.Heatmap(z=numbers, coloraxis="coloraxis", hoverinfo="skip", xgap=1, ygap=1),
            go.Scatter(
                x=columns,
                y=rows,
                mode="markers",
                # The hover label takes the colour of the invisible point.
                marker={
                    "symbol": "square",
                    "size": 18,
                    "opacity": 0,
                    "color": palette(theme).background,
                },
                customdata=np.stack([rows, columns, numbers.ravel()], axis=-1),
                hovertemplate="layer %{customdata[0]}, head %{customdata[1]}"
                f"<br>%{{customdata[2]:{'+' if signed else ''}.4f}} {unit}<extra></extra>",
                showlegend=False,
            ),
        ]
    )
    if selected is not None:
        layer, head = selected
        figure.add_shape(
            type="rect",
            x0=head - 0.5,
            x1=head + 0.5,
            y0=layer - 0.5,
            y1=layer + 0.5,
            line={"color": palette(theme).text, "width": 2.5},
        )
    colours = palette(theme).change if signed else palette(theme).divergence
    limits = _symmetric(finite) if signed else (0.0, _top(finite))
    figure.update_layout(coloraxis=_bar(colours, limits, unit, 1.02))
    figure.update_xaxes(title="head", range=[-0.5, heads - 0.5])
    figure.update_yaxes(title="layer", range=[layers - 0.5, -0.5])
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(dtick=1, showgrid=False, zeroline=False)
    return styled(figure, theme, height=130 + 26 * max(layers, 5), title=title)


def matrix_figure(
    design: Design, name: str = "beacon", *, edit: int = 0, theme: Theme = "light"
) -> go.Figure:
    """M (`name="marker"`) or A (`"beacon"`) of one edit, coloured by its distance to neutral."""
    matrix = design.matrix(name, edit).float().numpy(force=True)
    neutral = Design.neutral(design.words, reading=design.reading, unit=design.unit)
    away = matrix - neutral.matrix(name).float().numpy(force=True)
    names = axis_names(design.words)
    small = len(names) <= _MOST_WRITTEN_VALUES
    columns = "query" if name == "marker" and design.kind.mixes_rows else "key"
    figure = go.Figure(
        go.Heatmap(
            z=away,
            x=names,
            y=names,
            coloraxis="coloraxis",
            text=matrix,
            texttemplate="%{text:.3~g}" if small else None,
            hovertemplate="%{y}, %{x}: %{text:.4~g}<extra></extra>",
        )
    )
    figure.update_layout(
        coloraxis=_bar(palette(theme).change, _symmetric(away), "from neutral", 1.02)
    )
    figure.update_xaxes(title=columns)
    figure.update_yaxes(title="query")
    letter = "marker M" if name == "marker" else "beacon A"
    title = f"{letter}, read as {design.reading}" if name == "marker" else letter
    return _squared(styled(figure, theme, height=430, title=title))


def place_name(layer: int | None, head: int | None) -> str:
    """A layer and head in words.

    >>> place_name(2, None)
    'layer 2, mean over heads'
    """
    layer_name = "mean over layers" if layer is None else f"layer {layer}"
    head_name = "mean over heads" if head is None else f"head {head}"
    return "mean over layers and heads" if layer is head is None else f"{layer_name}, {head_name}"


def _top(*arrays: NDArray[Any]) -> float:
    """The largest value, or 1 where all are 0."""
    return float(max(array.max(initial=0.0) for array in arrays)) or 1.0


def _symmetric(change: NDArray[Any]) -> tuple[float, float]:
    top = _top(np.abs(change))
    return -top, top


def _bar(colours: tuple[str, ...], limits: Sequence[float], title: str, x: float) -> dict[str, Any]:
    return {
        "colorscale": scale(colours),
        "cmin": limits[0],
        "cmax": limits[1],
        "colorbar": {"title": {"text": title, "font": {"size": 11}}, "thickness": 12, "x": x},
    }


def _squared(figure: go.Figure) -> go.Figure:
    """Square cells, the first query at the top, every word a category; maps zoom together."""
    figure.update_xaxes(type="category", tickangle=-60, showgrid=False, constrain="domain")
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, constrain="domain")
    return figure.update_layout(yaxis_scaleanchor="x")
