"""`beaconviz profile`: which heads an edit should act on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beaconviz.cli.common import check_folder, errors_in_one_line, load_quietly, table, write_text
from beaconviz.cli.edits import (
    Data,
    DesignFile,
    ModelName,
    PresetName,
    RuleFile,
    Settings,
    TagMap,
    check_one,
    edit_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beaconviz.evaluate.head_profile import Profile, Progress

SHOWN = 10  # heads


def profile(
    data: Data,
    model: ModelName = "ner-mini",
    design: DesignFile = None,
    rule: RuleFile = None,
    preset: PresetName = None,
    settings: Settings = None,
    tag_map: TagMap = None,
    limit: Annotated[int, typer.Option(min=4, help="At most so many sentences.")] = 400,
    seed: Annotated[int, typer.Option(help="Which half is held out, and the random heads.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a page with the figures here.")] = None,
) -> None:
    """Try an edit at each head alone, and the best heads together on sentences held out.

    Prints the heads as a rule and a design file take them.
    """
    with errors_in_one_line():
        from beaconviz.data.dataset import parse_tag_map, read_dataset
        from beaconviz.evaluate.head_profile import profile as profiling

        check_one(design=design, rule=rule, preset=preset)
        if html is not None:
            check_folder(html)
        dataset = read_dataset(data, tag_map=parse_tag_map(tag_map or []))
        loaded = load_quietly(model)
        sentences = dataset.for_labels(loaded.labels).sentences[:limit]
        edit = edit_for(loaded, design, rule, preset, settings or [])
        edit.design_for(
            max(sentences, key=lambda one: len(one.words)).words
        )  # a bad setting, said now
        found = _last(profiling(loaded, sentences, edit.design_for, seed=seed))
        title = f"{edit.name}, {model} on {data}, {len(sentences)} sentences"
        if html is not None:
            from beaconviz.figures.charts.head_profile import profile_html

            write_text(html, profile_html(title, found.to_dict()))
    if as_json:
        typer.echo(json.dumps(found.to_dict(), indent=2))
    else:
        _print(title, found)


def _last(steps: Iterator[Progress]) -> Profile:
    """The profile, with a progress bar while it is made."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    with Bar(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("passes")
        for step in steps:
            bar.update(task, completed=step.done, total=step.total)
    assert step.profile is not None  # as the last one has
    return step.profile


def _print(title: str, found: Profile) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    console.print(Text(title, style="dim"))
    heads = [(f"{layer}.{head}", found.alone[layer, head]) for layer, head in found.ranked()]
    rows = [(name, f1, f1 - found.tried) for name, f1 in heads[:SHOWN]]
    console.print(table(["head alone", "F1", "change"], rows))
    curve = [(point.k, point.best, *point.random) for point in found.curve]
    draws = len(found.curve[0].random) if found.curve else 0
    names = ["best k heads", "F1 held out", *["random heads"] * draws]
    console.print(table(names, curve))
    console.print(f"held out: baseline {found.held_out:.3f}, all heads {found.every:.3f}")
    if found.curve:
        best = max(found.curve, key=lambda point: point.best)
        console.print(f"best {best.k}: heads: {json.dumps(found.best(best.k))}")
