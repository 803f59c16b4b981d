"""`beaconviz compare`: a text with and without a design."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beaconviz.cli.shared.common import (
    check_folder,
    design_maker,
    given_text,
    load_quietly,
    print_json,
    table,
    write_text,
)
from beaconviz.cli.shared.constraints import AtMostOne, needs
from beaconviz.cli.shared.edits import SETTINGS_NEED_PRESET, LearnedFolder
from beaconviz.core.errors import BeaconvizError

if TYPE_CHECKING:
    from pandas import DataFrame
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from beaconviz.analysis.comparison import Comparison
    from beaconviz.core.design import Design
    from beaconviz.core.words import Tokens
    from beaconviz.models.tasks import Over
    from beaconviz.runs.run import Run

TOP_HEADS = 8
TOP_GUESSES = 5


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
    text = given_text(text)
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

    console = Console(soft_wrap=True, highlight=False)
    where = f"{comparison.model_name} on {comparison.device}"
    console.print(f"{where}, M read as {comparison.design.reading}", style="dim", markup=False)
    _PRINTERS[comparison.baseline.model.task.over](console, comparison)
    if comparison.through_decoder:
        console.print(_source_table(comparison, layer, head))
    else:
        console.print(_word_table(comparison, layer, head))
    console.print(_head_table(comparison, layer, head))


def _print_entities(console: Console, comparison: Comparison) -> None:
    console.print(_entity_line("baseline", comparison.baseline))
    console.print(_entity_line("edited", comparison.edited))
    _print_changes(console, comparison, "entity")


def _print_changes(console: Console, comparison: Comparison, what: str) -> None:
    for change in comparison.changes:
        console.print(f"  {change}", style="bold", markup=False)
    if not comparison.changes:
        console.print(f"  no {what} changed", style="dim")


def _print_classes(console: Console, comparison: Comparison) -> None:
    names = ["class", "score", "edited", "change", "rank", "edited"]
    frame = comparison.classes().head(TOP_GUESSES)
    numbers = comparison.baseline.model.classing == "numbers"
    _print_ranked(console, names, frame if numbers else _written(frame))
    _print_changes(console, comparison, "class")


def _print_answers(console: Console, comparison: Comparison) -> None:
    names = ["answer", "start", "end", "score", "edited", "change", "rank", "edited"]
    _print_ranked(console, names, _written(comparison.answers(TOP_GUESSES)))
    _print_changes(console, comparison, "answer")


def _print_guesses(console: Console, comparison: Comparison) -> None:
    names = ["token", "guess", "probability", "edited", "change", "rank", "edited"]
    _print_ranked(console, names, _written(comparison.guesses(TOP_GUESSES)))
    if comparison.edited.generation is not None:
        _print_text(console, comparison)
    else:
        _print_changes(console, comparison, "word")


def _print_text(console: Console, comparison: Comparison) -> None:
    for who, run in (("baseline", comparison.baseline), ("edited", comparison.edited)):
        console.print(f"{who:<9} {run.text}", markup=False)
    _print_changes(console, comparison, "text")


def _print_ranked(console: Console, names: list[str], frame: DataFrame) -> None:
    console.print(table(names, frame.itertuples(index=False)))


def _written(frame: DataFrame) -> DataFrame:
    """The frame with its probabilities in digits that count."""
    from beaconviz.figures.html.numbers import probability

    shown = {name: frame[name].map(probability) for name in ("baseline", "edited")}
    return frame.assign(**shown)


def _print_cosine(console: Console, comparison: Comparison) -> None:
    before, after = comparison.baseline.cosine, comparison.edited.cosine
    if before is not None and after is not None:
        line = f"cosine of both texts {before:.3f} → {after:.3f}"
        console.print(line, style="bold", markup=False)


_PRINTERS: dict[Over, Callable[[Console, Comparison], None]] = {
    "labels": _print_entities,
    "classes": _print_classes,
    "spans": _print_answers,
    "vocabulary": _print_guesses,
    "steps": _print_text,
    "states": _print_cosine,
}


def _entity_line(who: str, run: Run) -> Text:
    from rich.text import Text

    line, position = Text(f"{who:<9} ", style="dim"), 0
    for entity in run.entities:
        line.append(run.source[position : entity.start], style="not dim")
        line.append(f"[{run.source[entity.start : entity.end]} ", style="not dim bold")
        line.append(f"{entity.label} {entity.score:.2f}]", style="not dim bold cyan")
        position = entity.end
    return line.append(run.source[position:], style="not dim")


def _source_table(comparison: Comparison, layer: int | None, head: int | None) -> Table:
    """The attention that each word that was read receives, and the words that get almost none."""
    frame = comparison.information_weights(layer, head)
    dropped = (
        ["hardly read" if each else "" for each in frame[f"dropped_{run}"]]
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
