"""`beaconviz faithful`: test whether what the model says depends on a method's words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beaconviz.cli.shared.command import remark
from beaconviz.cli.shared.common import (
    AsJson,
    argument_text,
    check_folder,
    load_quietly,
    print_json,
    table,
    write_text,
)
from beaconviz.cli.shared.constraints import AtMostOne, ExactlyOne, needs
from beaconviz.cli.shared.edits import (
    AT_MOST_ONE_EDIT,
    DesignFile,
    PresetName,
    RuleFile,
    Settings,
    edit_for,
)
from beaconviz.cli.shared.progress import ShowProgress, progress, tracked
from beaconviz.core.errors import BeaconvizError

if TYPE_CHECKING:
    from beaconviz.analysis.explain.faithfulness import Faithful
    from beaconviz.analysis.explain.faithfulness_data import LeftOut, TextResult, TextsResult
    from beaconviz.evaluate.judge import DesignFor
    from beaconviz.models.model import Model

CONSTRAINTS = (
    ExactlyOne(("TEXT", "--data"), "a text, or a file of texts,"),
    AtMostOne(("--data", "--about")),
    AtMostOne(("--data", "--html")),
    needs("--limit", "--data"),
    *AT_MOST_ONE_EDIT,
)


def faithful(
    text: Annotated[
        str | None, typer.Argument(help='One text; "-" reads standard input. Or give --data.')
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Many: CoNLL, JSONL with spans, or a .txt file with a text a line."),
    ] = None,
    about: Annotated[
        int, typer.Option(min=0, help="Of one text: which of the model's outputs, from 0.")
    ] = 0,
    methods: Annotated[
        list[str] | None,
        typer.Option("--method", help="Only these methods; may be given again. All by default."),
    ] = None,
    model: Annotated[str, typer.Option(help="ner-mini, a Hub id or a folder.")] = "ner-mini",
    design: DesignFile = None,
    rule: RuleFile = None,
    preset: PresetName = None,
    settings: Settings = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first texts.")] = None,
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option(help="Of one text: a page with its curves.")] = None,
    show_progress: ShowProgress = None,
) -> None:
    """Take away the words that a method puts first, and measure what the model says without them.

    Against random words, and against gradients. Ctrl+C stops: with --data, what was done is
    counted.
    """
    if html is not None:
        check_folder(html)
    chosen = _methods(methods)
    texts = None if data is None else _texts(data)[:limit]
    loaded = load_quietly(model)
    if loaded.family.writes_apart or loaded.task.second == "required":
        raise BeaconvizError(f"explanations are of models of one text; {loaded.name} has two")
    edit = edit_for(loaded, design, rule, preset, settings or [])
    design_for = None if edit is None else edit.design_for
    if texts is not None:
        result = _tested_many(loaded, texts, chosen, design_for, show_progress)
        print_json(result.to_dict()) if as_json else _print_many(result)
        return
    text = argument_text(str(text))
    text_result = _tested(loaded, text, chosen, about, design_for, show_progress)
    if html is not None:
        from beaconviz.figures.charts.faithfulness import faithful_page

        write_text(html, faithful_page(loaded.name, text, text_result))
    print_json(text_result.to_dict()) if as_json else _print_text(loaded.name, text_result)


def _methods(names: list[str] | None) -> tuple[Any, ...]:
    from beaconviz.analysis.explain.weights import METHODS

    for method in names or ():
        if method not in METHODS:
            raise BeaconvizError(f"the method is {method!r}; expected one of {', '.join(METHODS)}")
    return tuple(dict.fromkeys(names or METHODS))


def _texts(data: Path) -> list[str | tuple[str, ...]]:
    """The texts of a file: lines of a .txt file, sentences of other files."""
    from beaconviz.data.dataset import read_dataset
    from beaconviz.data.textfile import read_text

    if data.suffix.lower() != ".txt":
        dataset = read_dataset(data)
        for text in dataset.remarks:
            remark(text)
        return [sentence.as_written for sentence in dataset.sentences]
    lines = [line.strip() for line in read_text(data, "a text a line").splitlines()]
    if not any(lines):
        raise BeaconvizError(f"{data} has no text; expected one a line")
    return [line for line in lines if line]


def _tested(
    model: Model,
    text: str,
    methods: tuple[Any, ...],
    about: int,
    design_for: DesignFor | None,
    show_progress: bool | None,
) -> Faithful:
    from beaconviz.analysis.explain.faithfulness import faithful as measure
    from beaconviz.runs.execute import run

    tokens = model.tokenize(text)
    design = None if design_for is None else design_for(tokens.names("word"))
    text_run = run(model, tokens, design, limit=0 if model.task.writes else None)
    statements = text_run.output.statements()
    if about >= len(statements):
        names = ", ".join(f"{n} ({statement.name})" for n, statement in enumerate(statements))
        raise BeaconvizError(f"--about is {about}; this text has {names}")
    with progress("readings of the text", show_progress) as report:
        return measure(text_run, methods, statement=statements[about], progress=report)


def _tested_many(
    model: Model,
    texts: Sequence[str | tuple[str, ...]],
    methods: tuple[Any, ...],
    design_for: DesignFor | None,
    show_progress: bool | None,
) -> TextsResult:
    from beaconviz.analysis.explain.faithfulness_data import results_by_text, texts_result

    results: list[TextResult | LeftOut] = []
    steps = results_by_text(model, texts, methods, design_for=design_for)
    try:
        for result in tracked(steps, len(texts), "texts", show_progress):
            results.append(result)
    except KeyboardInterrupt:
        remark(f"stopped after {len(results)} of {len(texts)} texts")
    if not results:
        raise BeaconvizError("stopped before the first text was tested")
    return texts_result(model, methods, results)


def _print_text(name: str, result: Faithful) -> None:
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    console.print(
        f"{name}: {result.name}, {result.unit} {result.before:.3f}; words taken away: "
        f"{', '.join(map(str, result.counts))}",
        style="dim",
        markup=False,
    )
    rows = result.table()[["method", "comprehensiveness", "sufficiency", "verdict"]]
    console.print(
        table(["method", "taken away", "kept alone", "verdict"], rows.itertuples(index=False))
    )
    _explain(console)


def _print_many(result: TextsResult) -> None:
    from rich.console import Console

    from beaconviz.analysis.explain.faithfulness_data import described

    console = Console(soft_wrap=True, highlight=False)
    size = f"{len(result.texts)} texts, {len(result.left_out)} left out"
    why = f" ({described(result.left_out)})" if result.left_out else ""
    console.print(f"{result.model_name}, {size}{why}", style="dim", markup=False)
    rows = [
        (
            row["method"],
            row["comprehensiveness"],
            row["sufficiency"],
            ""
            if row["over_random"] is None
            else "{over_random:+.3f} [{low:.3f}, {high:.3f}]".format(**row),
            row["verdict"],
        )
        for row in result.to_dict()["methods"]
    ]
    names = ["method", "taken away", "kept alone", "over random words", "verdict"]
    console.print(table(names, rows))
    _explain(console)


def _explain(console: Any) -> None:
    console.print(
        "Taken away: by how much the value falls without these words, more is better. Kept alone: "
        "by how much it falls with nothing but these words, less is better.",
        style="dim",
    )
