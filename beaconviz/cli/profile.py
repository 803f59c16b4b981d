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
    assert edit is not None  # as the constraints see to
    # A setting that fits no sentence is an error now, and not after minutes.
    edit.design_for(max(sentences, key=lambda sentence: len(sentence.words)).words)
    found = _last(profiling(loaded, sentences, edit.design_for, seed=seed), show_progress)
    title = f"{edit.name}, {model} on {data}, {len(sentences)} sentences"
    if html is not None:
        from beaconviz.figures.charts.head_profile import profile_html

        write_text(html, profile_html(title, found.to_dict()))
    if as_json:
        print_json(found.to_dict())
    else:
        _print(title, found)


def _last(steps: Iterator[Progress], show_progress: bool | None) -> Profile:
    """The profile, with progress while it is made."""
    with progress("passes", show_progress) as report:
        for step in steps:
            report(step.done, step.total)
    assert step.profile is not None  # as the last step has
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
