"""Charts of optimisation: the loss by step, and the saliency of the cells of A."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go
from torch import Tensor

from beaconviz.figures.escape import escape_label
from beaconviz.figures.theme import Theme, axis_names, palette, scale, styled

_HEIGHT = 430
_MOST_WRITTEN_VALUES = 12  # a map over more words does not show its numbers


def loss_curve(losses: Sequence[float], *, steps: int, theme: Theme = "light") -> go.Figure:
    """The loss at each step, in nats, on a logarithmic scale; `steps` is the planned number."""
    figure = go.Figure(
        go.Scatter(
            y=list(losses),
            mode="lines",
            line={"color": palette(theme).edited, "width": 2},
            hovertemplate="step %{x}<br>%{y:.3f} nats<extra></extra>",
        )
    )
    figure.update_xaxes(title="step", range=[0, max(steps, len(losses))])
    figure.update_yaxes(title="nats", type="log", dtick=1, exponentformat="none")
    return styled(figure, theme, height=_HEIGHT, title="Loss")


def saliency_map(
    slopes: Tensor, words: Sequence[str], label: str, *, theme: Theme = "light"
) -> go.Figure:
    """`optimize.saliency` as a map: which cells of A raise or lower the label.

    slopes: Float[Tensor, "word word"], logits per unit of S.
    """
    values = slopes.float().numpy(force=True)
    top = float(abs(values).max()) or 1.0
    names = axis_names(list(words))
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=names,
            y=names,
            coloraxis="coloraxis",
            texttemplate="%{z:.3f}" if len(names) <= _MOST_WRITTEN_VALUES else None,
            hovertemplate="%{y} looks at %{x}: %{z:+.4f} logits<extra></extra>",
        )
    )
    figure.update_layout(
        coloraxis={
            "colorscale": scale(palette(theme).change),
            "cmin": -top,
            "cmax": top,
            "colorbar": {"title": {"text": "logits per<br>unit of S"}, "thickness": 12},
        },
        yaxis_scaleanchor="x",
    )
    axis = {"type": "category", "showgrid": False, "constrain": "domain"}
    figure.update_xaxes(title="key", tickangle=-60, **axis)
    figure.update_yaxes(title="query", autorange="reversed", **axis)
    return styled(
        figure,
        theme,
        height=_HEIGHT,
        title=f"Where to paint A for {escape_label(label)}",
    )
