"""`beaconviz faithful`: do a method's words carry what the model says?"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beaconviz.cli.common import (
    check_folder,
    errors_in_one_line,
    given_text,
    load_quietly,
    table,
    write_text,
)
from beaconviz.cli.edits import DesignFile, PresetName, RuleFile, Settings, edit_for

if TYPE_CHECKING:
    from beaconviz.analysis.explain.faithfulness import Faithful
    from beaconviz.analysis.explain.faithfulness_data import Belief, Judged
    from beaconviz.evaluate.judge import DesignFor
    from beaconviz.models.model import Model


def faithful(
    text: Annotated[
        str | None, typer.Argument(help='One text; "-" reads standard input. Or give --data.')
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Many: CoNLL, JSONL with spans, or a .txt file with a text a line."),
    ] = None,
    about: Annotated[
        int, typer.Option(min=0, help="Of one text: which thing that the model says, from 0.")
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
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    html: Annotated[Path | None, typer.Option(help="Of one text: a page with its curves.")] = None,
) -> None:
    """Take away the words that a method says count, and see what the model says without them.

    Against random words, and against gradients. Ctrl+C stops: what was done is counted.
    """
    with errors_in_one_line():
        from beaconviz.core.errors import BeaconvizError

        _check(text, data, about, limit, html)
        chosen = _methods(methods)
        texts = None if data is None else _texts(data)[:limit]
        loaded = load_quietly(model)
        if loaded.family.writes_apart or loaded.task.second == "needed":
            raise BeaconvizError(f"explanations are of models of one text; {loaded.name} has two")
        edits = [one for one in (design, rule, preset) if one is not None]
        if len(edits) > 1:
            raise BeaconvizError("several edits were given; give one of --design, --rule, --preset")
        made = edit_for(loaded, design, rule, preset, settings or []) if edits or settings else None
        design_for = None if made is None else made.design_for
        if texts is not None:
            found = _many(loaded, texts, chosen, design_for)
            told, show = found.to_dict(), lambda: _print_many(found)
        else:
            text = given_text(str(text))
            one = _one(loaded, text, chosen, about, design_for)
            told, show = one.to_dict(), lambda: _print_one(loaded.name, one)
            if html is not None:
                from beaconviz.figures.charts.faithfulness import faithful_page

                write_text(html, faithful_page(loaded.name, text, one))
    if as_json:
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        show()


def _check(
    text: str | None, data: Path | None, about: int, limit: int | None, html: Path | None
) -> None:
    """Raises unless the options go together."""
    from beaconviz.core.errors import BeaconvizError

    if (text is None) == (data is None):
        raise BeaconvizError("one text, or a file after --data, is expected; give one of them")
    if html is not None:
        check_folder(html)
        if text is None:
            raise BeaconvizError("--html is for one text; --json prints what many say")
    if data is not None and about:
        raise BeaconvizError("--about is for one text; with --data all that is said counts")
    if text is not None and limit is not None:
        raise BeaconvizError("--limit is for --data; one text is tested whole")


def _methods(given: list[str] | None) -> tuple[Any, ...]:
    from beaconviz.analysis.explain.weights import METHODS
    from beaconviz.core.errors import BeaconvizError

    for method in given or ():
        if method not in METHODS:
            raise BeaconvizError(f"the method is {method!r}; expected one of {', '.join(METHODS)}")
    return tuple(dict.fromkeys(given or METHODS))


def _texts(data: Path) -> list[str | tuple[str, ...]]:
    """The texts of a file: lines of a .txt, else sentences."""
    from beaconviz.core.errors import BeaconvizError
    from beaconviz.data.dataset import read_dataset
    from beaconviz.data.textfile import read_text

    if data.suffix.lower() != ".txt":
        return [one.as_written for one in read_dataset(data).sentences]
    lines = [line.strip() for line in read_text(data, "a text a line").splitlines()]
    if not any(lines):
        raise BeaconvizError(f"{data} has no text; expected one a line")
    return [line for line in lines if line]


def _one(
    model: Model,
    text: str,
    methods: tuple[Any, ...],
    about: int,
    design_for: DesignFor | None,
) -> Faithful:
    from beaconviz.analysis.explain.faithfulness import faithful as tested
    from beaconviz.analysis.explain.target import sayings
    from beaconviz.core.errors import BeaconvizError
    from beaconviz.runs.execute import run

    tokens = model.tokenize(text)
    design = None if design_for is None else design_for(tokens.names("word"))
    one = run(model, tokens, design, limit=0 if model.task.writes else None)
    said = sayings(one)
    if about >= len(said):
        names = ", ".join(f"{n} ({each.name})" for n, each in enumerate(said))
        raise BeaconvizError(f"--about is {about}; this text has {names}")
    return tested(one, methods, said=said[about])


def _many(
    model: Model,
    texts: Sequence[str | tuple[str, ...]],
    methods: tuple[Any, ...],
    design_for: DesignFor | None,
) -> Belief:
    from rich.console import Console
    from rich.progress import track

    from beaconviz.analysis.explain.faithfulness_data import belief, judging

    console = Console(stderr=True)
    done: list[Judged | None] = []
    growing = judging(model, texts, methods, design_for=design_for)
    try:
        for one in track(
            growing,
            "texts",
            len(texts),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ):
            done.append(one)
    except KeyboardInterrupt:
        typer.echo(f"stopped after {len(done)} of {len(texts)} texts", err=True)
    return belief(model, methods, done)


def _print_one(name: str, found: Faithful) -> None:
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    console.print(
        f"{name} says {found.name}, {found.unit} {found.before:.3f}; words taken away: "
        f"{', '.join(map(str, found.counts))}",
        style="dim",
        markup=False,
    )
    rows = found.table()[["method", "comprehensiveness", "sufficiency", "verdict"]]
    console.print(
        table(["method", "taken away", "kept alone", "verdict"], rows.itertuples(index=False))
    )
    _explain(console)


def _print_many(found: Belief) -> None:
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    size = f"{len(found.judged)} texts"
    left = f", {found.left_out} left out (nothing to test in them)" if found.left_out else ""
    console.print(f"{found.model_name}, {size}{left}", style="dim", markup=False)
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
        for row in found.to_dict()["methods"]
    ]
    names = ["method", "taken away", "kept alone", "over random words", "verdict"]
    console.print(table(names, rows))
    _explain(console)


def _explain(console: Any) -> None:
    console.print(
        "Taken away: how much less the model says it without these words, more is better. Kept alone: "
        "how much less with nothing but these words, less is better.",
        style="dim",
    )
