"""Charts of faithfulness: the value as a method's words are taken away, or kept alone."""

from __future__ import annotations

import plotly.graph_objects as go
from markupsafe import Markup
from plotly.subplots import make_subplots

from beaconviz.analysis.explain.faithfulness import Faithful
from beaconviz.figures.markup import macros
from beaconviz.figures.page import figure_html, page_html, table_html
from beaconviz.figures.theme import Theme, palette, styled

_HTML = macros(__file__)
# Okabe and Ito (2008), each with its own marker and dash, so that colour is not needed.
_LINES = {
    "received": ("#009e73", "circle", "solid"),
    "rollout": ("#0072b2", "square", "dash"),
    "similarity": ("#cc79a7", "diamond", "dot"),
    "gradient": ("#d55e00", "triangle-up", "dashdot"),
    "integrated": ("#e69f00", "x", "longdash"),
}
_TITLES = {
    "comprehensiveness": "Top words taken away (lower: they were needed)",
    "sufficiency": "Top words kept alone (higher: they are enough)",
}


def faithful_figure(result: Faithful, *, theme: Theme = "light") -> go.Figure:
    """The remaining value against the share of words. The band holds 90 % of random choices of
    words. Both panels share one scale."""
    colours = palette(theme)
    frame = result.curves()
    figure = make_subplots(1, 2, shared_yaxes=True, subplot_titles=list(_TITLES.values()))
    for column, measure in enumerate(_TITLES, 1):
        rows = frame[frame["measure"] == measure]
        chance = rows[rows["method"] == "random"]
        shares = chance["share"]
        for name, fill in (("high", None), ("low", "tonexty")):
            figure.add_scatter(
                x=shares,
                y=result.before - chance[name].astype(float),
                mode="lines",
                line={"width": 0},
                fill=fill,
                fillcolor="rgba(138,143,152,0.25)",
                hoverinfo="skip",
                showlegend=False,
                row=1,
                col=column,
            )
        for method in rows["method"].unique().tolist():
            curve = rows[rows["method"] == method]
            colour, mark, dash = _LINES.get(method, (colours.baseline, "circle-open", "solid"))
            figure.add_scatter(
                x=curve["share"],
                y=result.before - curve["value"],
                name="random words" if method == "random" else method,
                mode="lines+markers",
                line={"color": colour, "dash": dash},
                marker={"symbol": mark, "size": 8},
                legendgroup=method,
                showlegend=column == 1,
                row=1,
                col=column,
            )
    figure.add_hline(y=result.before, line={"color": colours.text, "width": 1})
    figure.update_xaxes(title="share of the words", tickformat=".0%", tickvals=list(result.shares))
    figure.update_yaxes(title=result.unit, col=1)
    figure.update_layout(legend={"orientation": "h", "yanchor": "top", "y": -0.22})
    return styled(figure, theme, height=400)


def faithful_page(model: str, text: str, result: Faithful, *, theme: Theme = "light") -> Markup:
    """The curves and the verdicts as one page that needs no network."""
    body = _HTML.body(
        result.name,
        model,
        result.unit,
        f"{result.before:.3f}",
        text,
        figure=figure_html(faithful_figure(result, theme=theme)),
        table=table_html(result.table()),
    )
    return page_html(f"beaconviz: {result.name}", body, theme)
