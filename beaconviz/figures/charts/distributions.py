"""Charts of metrics before and after: heads per layer, and words."""

from __future__ import annotations

import plotly.graph_objects as go

from beaconviz.analysis.comparison import Comparison
from beaconviz.core.edit import Attention
from beaconviz.core.errors import BeaconvizError
from beaconviz.figures.charts.maps import place_name
from beaconviz.figures.theme import Theme, axis_names, palette, styled

MEASURES = {
    "entropy": "entropy of attention (nats)",
    "distance": "mean attention distance (words)",
}
_RUNS = ("baseline", "edited")


def distributions(
    comparison: Comparison,
    measure: str = "entropy",
    *,
    attention: Attention = "self",
    theme: Theme = "light",
) -> go.Figure:
    """A measure of every head of a kind of attention, layer by layer, baseline next to edited.

    Raises:
        BeaconvizError: `measure` is neither "entropy" nor "distance".
    """
    if measure not in MEASURES:
        raise BeaconvizError(f"measure is {measure!r}; expected one of {', '.join(MEASURES)}")
    metrics = comparison.metrics(attention)
    figure = go.Figure(
        [
            go.Box(
                x=metrics["layer"],
                y=metrics[f"{measure}_{run}"],
                customdata=metrics["head"],
                name=run,
                boxpoints="all",
                jitter=0.4,
                marker={"color": getattr(palette(theme), run), "size": 4},
                hovertemplate="layer %{x}, head %{customdata}: %{y:.3f}<extra></extra>",
            )
            for run in _RUNS
        ]
    )
    figure.update_layout(boxmode="group", legend={"orientation": "h", "y": 1.1})
    figure.update_xaxes(title="layer", dtick=1)
    figure.update_yaxes(title=MEASURES[measure])
    return styled(figure, theme, height=340)


def received_bars(
    comparison: Comparison,
    *,
    layer: int | None = None,
    head: int | None = None,
    theme: Theme = "light",
) -> go.Figure:
    """The information weight of each word: the attention it receives, summed over queries."""
    words = comparison.words(layer=layer, head=head)
    names = axis_names(list(words["word"]))
    figure = go.Figure(
        [
            go.Bar(
                x=names,
                y=words[f"received_{run}"],
                name=run,
                marker={"color": getattr(palette(theme), run)},
                hovertemplate="%{x}: %{y:.3f}<extra>" + run + "</extra>",
            )
            for run in _RUNS
        ]
    )
    figure.update_layout(barmode="group", legend={"orientation": "h", "y": 1.1})
    figure.update_xaxes(type="category", tickangle=-60, showgrid=False)
    figure.update_yaxes(title="attention received")
    return styled(figure, theme, height=340, title=f"Information weight, {place_name(layer, head)}")
