"""Colours and the common style of all Plotly figures.

Label colours are those of Okabe and Ito (2008), distinguishable with every common form of
colour blindness; a label is always written out too. Maps have the colours of the Studio:
attention in green, what a head changed in violet, a change from blue (less) over the
background to orange (more).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

from beaconviz.core.errors import BeaconvizError
from beaconviz.figures.escape import escape_label

Theme = Literal["light", "dark"]

LABEL_COLOURS = {
    "PER": "#0072b2",
    "ORG": "#e69f00",
    "LOC": "#009e73",
    "MISC": "#cc79a7",
}
OTHER_LABEL = "#7f7f7f"


@dataclass(frozen=True)
class Palette:
    """The colours of one theme."""

    background: str
    text: str
    grid: str
    baseline: str
    edited: str
    attention: tuple[str, ...]
    divergence: tuple[str, ...]
    change: tuple[str, ...]


PALETTES = {
    "light": Palette(
        background="#fbfbf9",
        text="#22262b",
        grid="#d9d9d2",
        baseline="#8a8f98",
        edited="#b35806",
        attention=("#f3faf8", "#c6e6df", "#7cc2b8", "#2f9490", "#136570", "#0a3a4a"),
        divergence=("#f8f5fc", "#ddd0ef", "#b79bdc", "#8d63c1", "#62349a", "#371062"),
        change=("#083e7d", "#4a98c9", "#deebf7", "#fbfbf9", "#fdebd6", "#f28f34", "#863805"),
    ),
    "dark": Palette(
        background="#14171b",
        text="#e4e6e8",
        grid="#333a43",
        baseline="#8a919c",
        edited="#e0944a",
        attention=("#12201f", "#17443f", "#1d706a", "#2fa398", "#74d3c3", "#d6fff3"),
        divergence=("#1b1626", "#3a2a5c", "#5f4396", "#8b68cb", "#b99ae8", "#ecdfff"),
        change=("#b4dcfb", "#55a5e0", "#152838", "#14171b", "#33230f", "#ee9a35", "#ffd7a0"),
    ),
}


def palette(theme: str) -> Palette:
    """The colours of `theme`; raises `BeaconvizError` for any but "light" and "dark"."""
    if theme not in PALETTES:
        raise BeaconvizError(f"theme is {theme!r}; expected one of {', '.join(PALETTES)}")
    return PALETTES[theme]


def label_colour(label: str) -> str:
    """The colour of an entity label.

    >>> label_colour("PER")
    '#0072b2'
    """
    return LABEL_COLOURS.get(label, OTHER_LABEL)


def scale(colours: tuple[str, ...]) -> list[tuple[float, str]]:
    """Evenly spaced stops of a Plotly colour scale."""
    return [(index / (len(colours) - 1), colour) for index, colour in enumerate(colours)]


def axis_names(words: list[str] | tuple[str, ...]) -> list[str]:
    """Words as the names of a category axis: escaped, and each its own category.

    Plotly parses a label as HTML and joins categories of the same name, so a repeated word gets
    zero-width spaces.

    >>> [len(name) for name in axis_names(["Jordan", "to", "Jordan"])]
    [6, 2, 7]
    >>> axis_names(["<b>"])
    ['&lt;b&gt;']
    """
    seen: dict[str, int] = {}
    names = []
    for word in words:
        seen[word] = seen.get(word, -1) + 1
        names.append(escape_label(word) + "\u200b" * seen[word])
    return names


def styled(figure: go.Figure, theme: Theme, *, height: int, title: str | None = None) -> go.Figure:
    """The figure with fonts, margins and colours of the theme; its background is the page's."""
    colours = palette(theme)
    figure.update_layout(
        template="plotly_white" if theme == "light" else "plotly_dark",
        title={"text": title, "font": {"size": 15}} if title else None,
        height=height,
        margin={"l": 10, "r": 10, "t": 60 if title else 40, "b": 10},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"color": colours.text, "size": 12},
        hoverlabel={"align": "left"},
    )
    figure.update_xaxes(gridcolor=colours.grid, automargin=True)
    figure.update_yaxes(gridcolor=colours.grid, automargin=True)
    return figure
