"""`beaconviz compare`: a text with and without a design."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beaconviz.cli.shared.common import (
    argument_text,
    check_folder,
    design_maker,
    load_quietly,
    print_json,
    table,
    write_text,
)
from beaconviz.cli.shared.constraints import AtMostOne, needs
from beaconviz.cli.shared.edits import SETTINGS_NEED_PRESET, LearnedFolder
from beaconviz.core.errors import BeaconvizError

if TYPE_CHECKING:
    from rich.table import Table

    from beaconviz.analysis.comparison import Comparison
    from beaconviz.core.design import Design
    from beaconviz.core.words import Tokens

TOP_HEADS = 8
TOP_ROWS = 5


CONSTRAINTS = (
    AtMostOne(("--design", "--preset", "--learned")),
    SETTINGS_NEED_PRESET,
    needs("--realign", "--design"),
    AtMostOne(("--forced", "--limit")),
    AtMostOne(("--forced", "--beams")),
)


def compare(
    text: Annotated[str, typer.Argument(help='The text; "-" reads standard input.')],
    second: Annotated[
        str | None, typer.Option(help="A second text: the passage for a question, or of a pair.")
    ] = None,
    design: Annotated[Path | None, typer.Option(help="A design file.")] = None,
    preset: Annotated[str | None, typer.Option(help="The name of a preset.")] = None,
    learned: LearnedFolder = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the preset: word=6.")
    ] = None,
    model: Annotated[
        str, typer.Option(help="ner-mini, translate-mini, a Hub id or a folder.")
    ] = "ner-mini",
    task: Annotated[
        str | None, typer.Option(help="feature-extraction; by default the model's own task.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=0, help="How many tokens a model writes at most.")
    ] = None,
    beams: Annotated[int, typer.Option(min=1, help="Beams of a model that writes.")] = 1,
    forced: Annotated[
        str | None, typer.Option(help="A text that both runs are made to write.")
    ] = None,
    layer: Annotated[int | None, typer.Option(help="Only this layer's numbers.")] = None,
    head: Annotated[int | None, typer.Option(help="Only this head's numbers.")] = None,
    realign: Annotated[
        bool, typer.Option("--realign", help="Move the design to the words of this text.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a report page here.")] = None,
) -> None:
    """Run a text with and without a design, and show what changed."""
    from beaconviz.analysis.comparison import compare as compare_runs

    if html is not None:
        check_folder(html)
    make_design = design_maker(design, preset, settings or [], learned)
    text = argument_text(text)
    loaded = load_quietly(model, task)
    if limit is not None and not loaded.task.writes:
        raise BeaconvizError(
            f"--limit is for models that write, and {loaded.name} is for {loaded.task.name}; "
            "leave --limit out"
        )
    tokens = loaded.tokenize(text, second)
    made = make_design(loaded, tokens.names("word"))
    chosen = _fitted(made, tokens, realign)
    comparison = compare_runs(loaded, tokens, chosen, limit=limit, beams=beams, forced=forced)
    comparison.baseline.check_place(layer, head, "cross" if comparison.through_decoder else "self")
    if html is not None:
        from beaconviz.figures.report import report_html

        write_text(html, report_html(comparison, layer=layer, head=head))
    if as_json:
        print_json(comparison.to_dict(layer, head))
    else:
        _print_comparison(comparison, layer, head)


def _fitted(design: Design, tokens: Tokens, realign: bool) -> Design:
    """The design on the words of this text; raises where they differ and --realign is not given."""
    names = tokens.names(design.unit)
    if design.words == names:
        return design
    if realign:
        return design.realigned(names)
    raise BeaconvizError(
        f"the design is for other {design.unit}s than the text has ({len(design.words)}, "
        f"the text {len(names)}); --realign moves it to those that both have"
    )


def _print_comparison(comparison: Comparison, layer: int | None, head: int | None) -> None:
    from rich.console import Console

    from beaconviz.cli.shared.printed import print_output

    console = Console(soft_wrap=True, highlight=False)
    where = f"{comparison.model_name} on {comparison.device}"
    console.print(f"{where}, M read as {comparison.design.reading}", style="dim", markup=False)
    print_output(console, comparison, TOP_ROWS)
    if comparison.through_decoder:
        console.print(_source_table(comparison, layer, head))
    else:
        console.print(_word_table(comparison, layer, head))
    console.print(_head_table(comparison, layer, head))


def _source_table(comparison: Comparison, layer: int | None, head: int | None) -> Table:
    """The attention that each source word receives; words that receive almost none are marked."""
    frame = comparison.information_weights(layer, head)
    dropped = (
        ["hardly read" if is_dropped else "" for is_dropped in frame[f"dropped_{run}"]]
        for run in ("baseline", "edited")
    )
    columns = (frame["word"], frame["weight_baseline"], frame["weight_edited"], *dropped)
    return table(["word", "weight", "edited", "", "edited"], zip(*columns, strict=True))


def _word_table(comparison: Comparison, layer: int | None, head: int | None) -> Table:
    words = comparison.words(layer, head)
    tags = [run.tags or [""] * len(words) for run in (comparison.baseline, comparison.edited)]
    numbers = ["received_baseline", "received_edited", "entropy_baseline", "entropy_edited"]
    return table(
        ["word", "tag", "edited", "received", "edited", "entropy", "edited"],
        zip(words["word"], *tags, *(words[name] for name in numbers), strict=True),
    )


def _head_table(comparison: Comparison, layer: int | None, head: int | None) -> Table:
    """The heads that changed most, of the kinds of attention that the design edits."""
    metrics = comparison.metrics()
    for name, number in (("layer", layer), ("head", head)):
        metrics = metrics if number is None else metrics[metrics[name] == number]
    names = ["attention", "layer", "head", "divergence", "entropy_change", "distance_change"]
    several = comparison.kinds != ("self",)
    names = [name for name in names if several or name != "attention"]
    most = metrics.nlargest(TOP_HEADS, "divergence")[names]
    rows = (
        [("" if value != value else value) for value in row] for row in most.itertuples(index=False)
    )
    return table([name.replace("_", " ") for name in names], rows)
