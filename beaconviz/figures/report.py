"""A comparison as HTML: a self-contained page, and the view in a notebook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup
from torch import Tensor

from beaconviz.analysis.comparison import Comparison
from beaconviz.analysis.generations import steps
from beaconviz.core.edit import MATRICES, Attention
from beaconviz.figures.charts.alignment import alignment, source_bars
from beaconviz.figures.charts.distributions import distributions, received_bars
from beaconviz.figures.charts.maps import attention_maps, layer_head_map, matrix_figure, place_name
from beaconviz.figures.html.output import says_html
from beaconviz.figures.markup import macros
from beaconviz.figures.page import figure_html, page_html, pair_html, table_html
from beaconviz.figures.theme import Theme
from beaconviz.models.tasks.values import LabelTable, Table

_HTML = macros(__file__)
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
) -> Markup:
    """The whole comparison as one HTML page of about 5 MB that needs no network."""
    title = f"beaconviz: {comparison.source[:60]}"
    return page_html(title, Markup("\n").join(_sections(comparison, layer, head, theme)), theme)


def notebook_html(comparison: Comparison) -> Markup:
    """A comparison in a notebook: what the model says, and how much each head changed."""
    heads = [_heads(comparison, kind) for kind in comparison.kinds]
    return _HTML.notebook(says_html(comparison), heads)


def _kind_name(comparison: Comparison, kind: Attention) -> str:
    """A kind of attention in words; empty where the model has only one."""
    if comparison.baseline.model.reads_twice:
        return KINDS_READ_AGAIN[kind]
    return KINDS[kind] if comparison.translates else ""


def _heads(comparison: Comparison, kind: Attention) -> Markup:
    """How much each head of a kind of attention changed, as a small table of colours."""
    name = _kind_name(comparison, kind)
    return _HTML.heads(_setting(comparison), name, _cells(comparison.divergence(kind)))


def _sections(
    comparison: Comparison, layer: int | None, head: int | None, theme: Theme
) -> Iterator[Markup]:
    design = comparison.design
    metrics = comparison.metrics()
    words = comparison.words(layer=layer, head=head)
    place: dict[str, Any] = {"layer": layer, "head": head, "theme": theme}
    yield _HTML.start(_setting(comparison), comparison.texts)
    yield _section("What the model says", says_html(comparison))
    yield _section("Attention", figure_html(attention_maps(comparison, **place)))
    yield from _changed_heads(comparison, theme)
    yield _section("Words", figure_html(received_bars(comparison, **place)))
    yield _HTML.place(place_name(layer, head), table_html(words))
    yield from _task_tables(comparison)
    yield from _writing(comparison, theme)
    yield _section("Design", "")
    for number, edit in enumerate(design.edits):
        if edit.attention == "self":  # other kinds are only in the design file below
            matrices = (matrix_figure(design, m, edit=number, theme=theme) for m in MATRICES)
            yield pair_html(*matrices)
    yield _HTML.design_file(design.to_json())
    yield _section("Numbers of every head", table_html(metrics))


def _section(title: str, content: str) -> Markup:
    return _HTML.section(title, content)


def _changed_heads(comparison: Comparison, theme: Theme) -> Iterator[Markup]:
    """The heads of each kind of attention that the design edits."""
    for kind in comparison.kinds:
        name = _kind_name(comparison, kind)
        figure = layer_head_map(comparison.divergence(kind), theme=theme)
        yield _section(f"Heads{name}", figure_html(figure))
        measures = ("entropy", "distance") if kind == "self" else ("entropy",)
        yield pair_html(
            *(distributions(comparison, name, attention=kind, theme=theme) for name in measures)
        )


def _task_tables(comparison: Comparison) -> Iterator[Markup]:
    """The tables that only certain tasks have."""
    labels = comparison.label_table()
    tables: list[Table | LabelTable] = [*comparison.tables().values()]
    tables += [] if labels is None else [labels]
    for table in tables:
        if not table.frame.empty:
            yield _section(table.title, table_html(table.frame))


def _writing(comparison: Comparison, theme: Theme) -> Iterator[Markup]:
    """A decoder's steps, and the words that they attend to."""
    if comparison.through_decoder:
        place: dict[str, Any] = {"layer": None, "head": None, "theme": theme}
        title = "From the words to the text" if comparison.translates else "From words to decoder"
        yield _section(title, figure_html(alignment(comparison, **place)))
        yield figure_html(source_bars(comparison, **place))
        yield table_html(comparison.information_weights())
    if comparison.edited.generation is not None:
        for name, run in (("baseline", comparison.baseline), ("edited", comparison.edited)):
            yield _section(f"Steps, {name}", table_html(steps(run)))


def _setting(comparison: Comparison) -> str:
    return f"{comparison.model_name} on {comparison.device}, M read as {comparison.design.reading}"


def _cells(divergence: Tensor) -> list[list[tuple[str, str]]]:
    """The text and colour of each cell, a row per layer."""
    top = float(divergence.nan_to_num().max()) or 1.0
    return [
        [_cell(value, top, layer, head) for head, value in enumerate(row)]
        for layer, row in enumerate(divergence.tolist())
    ]


def _cell(value: float, top: float, layer: int, head: int) -> tuple[str, str]:
    comparable = (
        value == value
    )  # False where the texts differ in length, so that rows cannot be compared
    colour = f"rgba(98,52,154,{0.08 + 0.92 * value / top:.2f})" if comparable else "transparent"
    number = f"{value:.4f}" if comparable else "the texts differ in length"
    return f"layer {layer}, head {head}: {number}", colour
