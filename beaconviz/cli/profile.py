"""`beaconviz profile`: which heads an edit should act on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from beaconviz.cli.shared.command import remark
from beaconviz.cli.shared.common import (
    AsJson,
    check_folder,
    load_quietly,
    print_json,
    table,
    write_text,
)
from beaconviz.cli.shared.edits import (
    ONE_EDIT,
    Data,
    DesignFile,
    ModelName,
    PresetName,
    RuleFile,
    Settings,
    TagMap,
    edit_for,
)
from beaconviz.cli.shared.progress import ShowProgress, progress

if TYPE_CHECKING:
    from collections.abc import Iterator

    from beaconviz.evaluate.head_profile import Profile, Progress

SHOWN = 10  # heads

CONSTRAINTS = ONE_EDIT


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
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option(help="Write a page with the figures here.")] = None,
    show_progress: ShowProgress = None,
) -> None:
    """Try an edit at each head alone, and the best heads together on sentences held out.

    Prints the heads as a rule and a design file take them.
    """
    from beaconviz.data.dataset import parse_tag_map, read_dataset
    from beaconviz.evaluate.head_profile import profile as profiling

    if html is not None:
        check_folder(html)
    dataset = read_dataset(data, tag_map=parse_tag_map(tag_map or []))
    for text in dataset.remarks:
        remark(text)
    loaded = load_quietly(model)
    sentences = dataset.for_labels(loaded.labels).sentences[:limit]
    edit = edit_for(loaded, design, rule, preset, settings or [])
    assert edit is not None  # by the constraints
    # A setting that fits no sentence is an error now, not after minutes of work.
    edit.design_for(max(sentences, key=lambda sentence: len(sentence.words)).words)
    result = _last(profiling(loaded, sentences, edit.design_for, seed=seed), show_progress)
    title = f"{edit.name}, {model} on {data}, {len(sentences)} sentences"
    if html is not None:
        from beaconviz.figures.charts.head_profile import profile_html

        write_text(html, profile_html(title, result.to_dict()))
    if as_json:
        print_json(result.to_dict())
    else:
        _print(title, result)


def _last(steps: Iterator[Progress], show_progress: bool | None) -> Profile:
    """The finished profile; shows progress on the way."""
    with progress("passes", show_progress) as report:
        for step in steps:
            report(step.done, step.total)
    assert step.profile is not None  # the last step has one
    return step.profile


def _print(title: str, result: Profile) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    console.print(Text(title, style="dim"))
    heads = [(f"{layer}.{head}", result.alone[layer, head]) for layer, head in result.ranked()]
    rows = [(name, f1, f1 - result.tried) for name, f1 in heads[:SHOWN]]
    console.print(table(["head alone", "F1", "change"], rows))
    curve = [(point.k, point.best, *point.random) for point in result.curve]
    draws = len(result.curve[0].random) if result.curve else 0
    names = ["best k heads", "F1 held out", *["random heads"] * draws]
    console.print(table(names, curve))
    console.print(f"held out: baseline {result.held_out:.3f}, all heads {result.every:.3f}")
    if result.curve:
        best = max(result.curve, key=lambda point: point.best)
        console.print(f"best {best.k}: heads: {json.dumps(result.best(best.k))}")
