"""`beaconviz evaluate`: does an edit help, over a whole data set?"""

from __future__ import annotations

from collections.abc import Sequence
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
from beaconviz.cli.shared.constraints import AtMostOne, ExactlyOne
from beaconviz.cli.shared.edits import (
    SETTINGS_NEED_PRESET,
    Data,
    DesignFile,
    EditGiven,
    LearnedFolder,
    ModelName,
    PresetName,
    RuleFile,
    Settings,
    TagMap,
    edit_for,
)
from beaconviz.cli.shared.progress import ShowProgress, progress
from beaconviz.core.errors import BeaconvizError

if TYPE_CHECKING:
    from beaconviz.data.conll import Sentence
    from beaconviz.evaluate.answers_file import Saved
    from beaconviz.evaluate.judge import Judged
    from beaconviz.evaluate.outcome import Outcome
    from beaconviz.models.model import Model

SHOWN = 5  # fixed and broken sentences that are listed

CONSTRAINTS = (
    ExactlyOne(("--design", "--rule", "--preset", "--learned"), "the edit to evaluate"),
    SETTINGS_NEED_PRESET,
    AtMostOne(("--json", "--csv")),
)


def evaluate(
    data: Data,
    model: ModelName = "ner-mini",
    design: DesignFile = None,
    rule: RuleFile = None,
    learned: LearnedFolder = None,
    preset: PresetName = None,
    settings: Settings = None,
    tag_map: TagMap = None,
    batch: Annotated[int, typer.Option(min=1, help="Sentences in a batch.")] = 32,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first sentences.")] = None,
    resume: Annotated[
        Path | None, typer.Option(help="Keep the answers here, and go on from those it holds.")
    ] = None,
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a row a sentence as CSV.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write a report page here.")] = None,
    show_progress: ShowProgress = None,
) -> None:
    """Score a model on labelled sentences, without and with an edit, and say if it helps.

    Ctrl+C stops: what was done is scored.
    """
    from beaconviz.data.dataset import parse_tag_map, read_dataset
    from beaconviz.evaluate.answers_file import Saved, evaluation_key
    from beaconviz.evaluate.outcome import Outcome

    if html is not None:
        check_folder(html)
    mapping = parse_tag_map(tag_map or [])
    dataset = read_dataset(data, tag_map=mapping)
    for text in dataset.remarks:
        remark(text)
    loaded = load_quietly(model)
    sentences = dataset.for_labels(loaded.labels).sentences[:limit]
    edit = edit_for(loaded, design, rule, preset, settings or [], learned)
    # A setting that does not fit the longest sentence is an error now. Shorter sentences that it
    # does not fit are left unedited.
    assert edit is not None  # by the constraints
    edit.design_for(max(sentences, key=lambda sentence: len(sentence.words)).words)
    saved = Saved(resume, evaluation_key(sentences, model, edit.content)) if resume else None
    done = _judged(loaded, sentences, edit, batch, saved, show_progress)
    outcome = Outcome.of(str(data), model, edit.name, sentences, done)
    if html is not None:
        from beaconviz.figures.charts.evaluation import evaluation_html

        write_text(html, evaluation_html(outcome.to_dict()))
    if as_json:
        print_json(outcome.to_dict())
    elif as_csv:
        typer.echo(outcome.frame().to_csv(index=False), nl=False)
    else:
        _print(outcome)


def _judged(
    model: Model,
    sentences: Sequence[Sentence],
    edit: EditGiven,
    batch: int,
    saved: Saved | None,
    show_progress: bool | None,
) -> dict[int, Judged]:
    """The answers by sentence number; fewer after Ctrl+C."""
    from beaconviz.evaluate.judge import judge

    done = dict(saved.done) if saved else {}
    answers = judge(
        model, sentences, edit.design_for, learned=edit.learned, done=done, batch_size=batch
    )
    with progress("sentences", show_progress) as report:
        report(len(done), len(sentences))
        try:
            for answers_of_batch in answers:
                done |= {answer.number: answer for answer in answers_of_batch}
                if saved:
                    saved.add(answers_of_batch)
                report(len(done), len(sentences))
        except KeyboardInterrupt:
            remark(f"stopped after {len(done)} of {len(sentences)} sentences")
    if not done:
        raise BeaconvizError("stopped before the first sentence was judged; nothing to score")
    return done


def _print(outcome: Outcome) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    size = f"{len(outcome.sentences)} of {outcome.total} sentences"
    console.print(f"{outcome.edit}, {outcome.model} on {outcome.data}, {size}", style="dim")
    console.print(Text(outcome.verdict, style="bold"))
    for line in outcome.remarks:
        console.print(Text(line, style="dim"))
    names = ["", "precision", "recall", "F1", "edited: precision", "recall", "F1"]
    console.print(table(names, outcome.score_rows()))
    slices = outcome.slices
    numbers = ["baseline", "edited", "change"]
    rows = zip(slices["by"], slices["part"], slices["entities"], slices["measure"], strict=True)
    values = slices[numbers].itertuples(index=False)
    console.print(
        table(
            ["", "", "entities", "", *numbers],
            ((*row, *scores) for row, scores in zip(rows, values, strict=True)),
        )
    )
    for title, numbers_of in (("fixed", outcome.fixed), ("broken", outcome.broken)):
        for number in numbers_of[:SHOWN]:
            console.print(Text(f"{title:<7} {number + 1}: {outcome.text(number)}"))
