"""A comparison as HTML: one self-contained page, and what a notebook shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import Tensor

from beaconviz.analysis.comparison import Comparison
from beaconviz.analysis.generations import steps
from beaconviz.core.edit import MATRICES, Attention
from beaconviz.figures.charts.alignment import alignment, source_bars
from beaconviz.figures.charts.distributions import distributions, received_bars
from beaconviz.figures.charts.maps import attention_maps, layer_head_map, matrix_figure, place_name
from beaconviz.figures.escape import escape
from beaconviz.figures.html.output import says_html
from beaconviz.figures.page import figure_html, page_html, pair_html, table_html
from beaconviz.figures.theme import Theme

KINDS: dict[Attention, str] = {
    "self": ", attention between the words that are read",
    "cross": ", attention of what is written to the words",
    "decoder": ", attention of what is written to itself",
}
KINDS_READ_AGAIN: dict[Attention, str] = {
    "self": ", attention between the words",
    "cross": ", attention of the decoder, which reads the text again, to the words",
    "decoder": ", attention of the decoder, which reads the text again, to itself",
}


def report_html(
    comparison: Comparison,
    *,
    layer: int | None = None,
    head: int | None = None,
    theme: Theme = "light",
) -> str:
    """The whole comparison as one HTML page of about 5 MB that needs no network."""
    title = f"beaconviz: {comparison.source[:60]}"
    return page_html(title, "\n".join(_sections(comparison, layer, head, theme)), theme)


def notebook_html(comparison: Comparison) -> str:
    """What a notebook shows of a comparison: what the model says, and how much each head
    changed."""
    heads = "".join(_heads(comparison, kind) for kind in comparison.kinds)
    return f"<div>{says_html(comparison)}{heads}</div>"


def _kind_name(comparison: Comparison, kind: Attention) -> str:
    """A kind of attention in words; empty where the model has one alone."""
    if comparison.baseline.model.reads_twice:
        return KINDS_READ_AGAIN[kind]
    return KINDS[kind] if comparison.translates else ""


def _heads(comparison: Comparison, kind: Attention) -> str:
    """How much each head of a kind of attention changed, as a small table of colours."""
    name = _kind_name(comparison, kind)
    return (
        f"<p style='margin:.6em 0 .2em'>{_setting(comparison)}; how much each head changed{name} "
        "(layers down, heads across, Jensen–Shannon divergence in nats):</p>"
        f"{_divergence_table(comparison.divergence(kind))}"
    )


def _sections(
    comparison: Comparison, layer: int | None, head: int | None, theme: Theme
) -> Iterator[str]:
    design = comparison.design
    metrics = comparison.metrics()
    words = comparison.words(layer=layer, head=head)
    yield f"<h1>Attention edited</h1><p>{_setting(comparison)}</p>{_texts(comparison)}"
    yield f"<h2>What the model says</h2>{says_html(comparison)}"
    yield f"<h2>Attention</h2>{figure_html(attention_maps(comparison, layer=layer, head=head, theme=theme))}"
    yield from _changed_heads(comparison, theme)
    yield f"<h2>Words</h2>{figure_html(received_bars(comparison, layer=layer, head=head, theme=theme))}"
    yield f"<p>{place_name(layer, head)}</p>{table_html(words)}"
    yield from _task_tables(comparison)
    yield from _writing(comparison, theme)
    yield "<h2>Design</h2>"
    for number, edit in enumerate(design.edits):
        if edit.attention == "self":  # of others, the file below says all
            matrices = (matrix_figure(design, m, edit=number, theme=theme) for m in MATRICES)
            yield pair_html(*matrices)
    yield f"<details><summary>Design file</summary><pre>{escape(design.to_json())}</pre></details>"
    yield f"<h2>Numbers of every head</h2>{table_html(metrics)}"


def _changed_heads(comparison: Comparison, theme: Theme) -> Iterator[str]:
    """The heads of each kind of attention that the design edits."""
    for kind in comparison.kinds:
        name = _kind_name(comparison, kind)
        figure = layer_head_map(comparison.divergence(kind), theme=theme)
        yield f"<h2>Heads{name}</h2>{figure_html(figure)}"
        measures = ("entropy", "distance") if kind == "self" else ("entropy",)
        yield pair_html(
            *(distributions(comparison, name, attention=kind, theme=theme) for name in measures)
        )


def _task_tables(comparison: Comparison) -> Iterator[str]:
    """The tables that only some tasks have."""
    if comparison.baseline.labels:
        yield f"<h2>Label probabilities</h2>{table_html(comparison.labels())}"
    if comparison.baseline.model.task.over == "classes":
        yield f"<h2>Classes</h2>{table_html(comparison.classes())}"
    if comparison.baseline.model.task.over == "spans":
        yield f"<h2>Answers</h2>{table_html(comparison.answers())}"
    if comparison.baseline.asked:
        yield f"<h2>Guesses</h2>{table_html(comparison.guesses())}"


def _writing(comparison: Comparison, theme: Theme) -> Iterator[str]:
    """What was written, or what a decoder read again, and the words that it looked at."""
    if comparison.through_decoder:
        place: dict[str, Any] = {"layer": None, "head": None, "theme": theme}
        what = "From the words to the text" if comparison.translates else "From words to decoder"
        yield f"<h2>{what}</h2>{figure_html(alignment(comparison, **place))}"
        yield figure_html(source_bars(comparison, **place))
        yield table_html(comparison.information_weights())
    if comparison.edited.generation is not None:
        for name, one in (("baseline", comparison.baseline), ("edited", comparison.edited)):
            yield f"<h2>Steps, {name}</h2>{table_html(steps(one))}"


def _texts(comparison: Comparison) -> str:
    """Both texts, where there are two: no panel shows the first whole."""
    texts = comparison.texts
    lines = "".join(f"<li>{escape(text)}</li>" for text in texts)
    return f"<ol>{lines}</ol>" if len(texts) > 1 else ""


def _setting(comparison: Comparison) -> str:
    text = f"{comparison.model_name} on {comparison.device}, M read as {comparison.design.reading}"
    return escape(text)


def _divergence_table(divergence: Tensor) -> str:
    top = float(divergence.nan_to_num().max()) or 1.0
    rows = "".join(
        f"<tr>{''.join(_cell(value, top, layer, head) for head, value in enumerate(row))}</tr>"
        for layer, row in enumerate(divergence.tolist())
    )
    return f"<table style='border-spacing:2px;border-collapse:separate'>{rows}</table>"


def _cell(value: float, top: float, layer: int, head: int) -> str:
    known = value == value  # texts of different length have no rows to compare
    colour = f"rgba(98,52,154,{0.08 + 0.92 * value / top:.2f})" if known else "transparent"
    number = f"{value:.4f}" if known else "the texts differ in length"
    return (
        f"<td title='layer {layer}, head {head}: {number}' "
        f"style='background:{colour};width:1.3em;height:1.3em;padding:0'></td>"
    )
