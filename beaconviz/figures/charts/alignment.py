"""Cross-attention as lines between the input and the generated text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from beaconviz.analysis.comparison import Comparison
from beaconviz.analysis.generations import source_weights
from beaconviz.core.maps import names as side_names
from beaconviz.figures.charts.maps import place_name
from beaconviz.figures.theme import Theme, axis_names, palette, styled

_LEAST = 0.04  # weaker attention is not drawn
_STRENGTHS = 8  # lines are grouped into this many traces by strength
_RUNS = ("baseline", "edited")


def alignment(
    comparison: Comparison,
    *,
    layer: int | None = None,
    head: int | None = None,
    theme: Theme = "light",
) -> go.Figure:
    """Each step and the words that it attends to, baseline next to edited; None is the mean.

    A line is as strong as the attention (a probability, on one scale for both); words on the left,
    steps on the right, special tokens left out.
    """
    figure = make_subplots(rows=1, cols=2, subplot_titles=_RUNS, horizontal_spacing=0.16)
    rows = 1
    for column, run in enumerate((comparison.baseline, comparison.edited), start=1):
        weights = run.attention(layer, head, "token", special=False, attention="cross").numpy()
        queries, keys = run.axes("cross")
        steps, words = side_names(queries, "token", False), side_names(keys, "token", False)
        colour = getattr(palette(theme), _RUNS[column - 1])
        taller = max(len(words), len(steps))
        heights = [_heights(len(side), taller) for side in (words, steps)]
        traces = _lines(weights, steps, words, heights, colour)
        for x, side, place in ((0, words, "middle left"), (1, steps, "middle right")):
            traces.append(_names(x, heights[x], side, place, palette(theme).text))
        figure.add_traces(traces, rows=1, cols=column)
        rows = max(rows, taller)
    figure.update_xaxes(visible=False, range=[-0.75, 1.75])
    figure.update_yaxes(visible=False, autorange="reversed")
    title = f"Alignment, {place_name(layer, head)}"
    return styled(figure, theme, height=110 + 26 * rows, title=title)


def _lines(
    weights: np.ndarray,
    steps: Sequence[str],
    words: Sequence[str],
    heights: Sequence[np.ndarray],
    colour: str,
) -> list[go.Scatter]:
    """Lines from the words to the steps, the weakest first."""
    strengths = np.clip(np.ceil(weights * _STRENGTHS), 1, _STRENGTHS)
    traces = []
    for strength in range(1, _STRENGTHS + 1):
        x: list[float | None] = []
        y: list[float | None] = []
        hover_texts: list[str] = []
        for i, j in zip(*np.nonzero((strengths == strength) & (weights >= _LEAST)), strict=True):
            x += [0.0, 1.0, None]
            y += [heights[0][j], heights[1][i], None]
            step, word = axis_names([steps[i]])[0], axis_names([words[j]])[0]
            hover_texts += [f"{step} looks at {word}: {weights[i, j]:.3f}"] * 2 + [""]
        if x:
            traces.append(
                go.Scatter(
                    x=x,
                    y=y,
                    text=hover_texts,
                    mode="lines",
                    opacity=strength / _STRENGTHS,
                    line={"color": colour, "width": 1 + 4 * strength / _STRENGTHS},
                    hovertemplate="%{text}<extra></extra>",
                    showlegend=False,
                )
            )
    return traces


def _names(
    x: float, heights: np.ndarray, names: Sequence[str], place: str, colour: str
) -> go.Scatter:
    return go.Scatter(
        x=[x] * len(names),
        y=heights,
        text=axis_names(list(names)),
        mode="text",
        textposition=place,
        textfont={"color": colour},
        hoverinfo="skip",
        showlegend=False,
    )


def _heights(count: int, rows: int) -> np.ndarray:
    """The vertical positions of a side's names, centred in `rows` rows."""
    return np.arange(count) + (rows - count) / 2


def source_bars(
    comparison: Comparison,
    *,
    layer: int | None = None,
    head: int | None = None,
    theme: Theme = "light",
) -> go.Figure:
    """The information weight of every source word, wⱼ = Σᵢ aᵢⱼ over steps, before and after;
    dropped words have a cross."""
    figure = go.Figure()
    for name, run in zip(_RUNS, (comparison.baseline, comparison.edited), strict=True):
        frame = source_weights(run, layer, head)
        names = axis_names(list(frame["word"]))
        figure.add_trace(
            go.Bar(
                x=names,
                y=frame["weight"],
                name=name,
                marker={"color": getattr(palette(theme), name)},
                text=["✕" if dropped else "" for dropped in frame["dropped"]],
                textposition="outside",
                hovertemplate="%{x}: %{y:.3f}<extra>" + name + "</extra>",
            )
        )
    figure.update_layout(barmode="group", legend={"orientation": "h", "y": 1.1})
    figure.update_xaxes(type="category", tickangle=-60, showgrid=False)
    figure.update_yaxes(title="attention received")
    return styled(figure, theme, height=340, title=f"Information weight, {place_name(layer, head)}")
