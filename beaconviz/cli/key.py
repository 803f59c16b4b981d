"""`beaconviz key`: the words of a text that count."""

from __future__ import annotations

import json
from os.path import isfile  # a long text is no name, and no error
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beaconviz.cli.common import (
    check_folder,
    design_maker,
    errors_in_one_line,
    given_text,
    load_quietly,
    table,
    write_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beaconviz.analysis.explain.keywords import KeyWords
    from beaconviz.core.design import Design
    from beaconviz.models.model import Model

MOST = 10  # words of the table, where nobody says how many


def key(
    text: Annotated[str, typer.Argument(help='The text; "-" reads standard input.')],
    method: Annotated[
        str | None,
        typer.Option(help="received, rollout, similarity, gradient or integrated."),
    ] = None,
    query: Annotated[
        str | None, typer.Option(help="What is looked for: words that are like it count.")
    ] = None,
    score: Annotated[
        str | None, typer.Option(help="Of similarity: cosine, if nothing is said, or dot.")
    ] = None,
    design: Annotated[Path | None, typer.Option(help="A design file.")] = None,
    preset: Annotated[str | None, typer.Option(help="The name of a preset.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the preset: word=6.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(help="minilm with a query, else ner-mini; a Hub id or a folder."),
    ] = None,
    layer: Annotated[
        list[int] | None, typer.Option(help="Only these layers; may be given again.")
    ] = None,
    head: Annotated[
        list[int] | None, typer.Option(help="Only these heads; may be given again.")
    ] = None,
    top: Annotated[int | None, typer.Option(min=1, help="Only so many words.")] = None,
    cover: Annotated[
        float | None, typer.Option(help="Only the words that have this share of all weight: 0.5.")
    ] = None,
    stop_words: Annotated[bool, typer.Option(help='Whether words such as "the" may count.')] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    html: Annotated[Path | None, typer.Option(help="Write the reading view here.")] = None,
) -> None:
    """The words of a text that count: its key words, also of a long text.

    With a design, they are those of the edited model, beside the untouched one's.
    """
    with errors_in_one_line():
        from beaconviz.core.errors import BeaconvizError
        from beaconviz.core.words import split_words

        if top is not None and cover is not None:
            raise BeaconvizError("--top and --cover were given; choose one of them")
        chosen = method or ("received" if query is None else "similarity")
        if score is not None and chosen != "similarity":
            raise BeaconvizError(
                f"--score is of the method similarity, and the method is {chosen}: leave one of them out"
            )
        if html is not None:
            check_folder(html)
        if isfile(text):
            raise BeaconvizError(
                f"{text} is a file, and expected is a text: beaconviz key - < {text}"
            )
        edited = any(one is not None for one in (design, preset))
        make_design = design_maker(design, preset, settings or [])
        text = given_text(text)
        split_words(text)  # raises for a text that cannot be read, before a model is loaded
        loaded = load_quietly(model or ("ner-mini" if query is None else "minilm"))
        given: dict[str, Any] = {"query": query, "layers": layer, "heads": head}
        if score is not None:
            given["score"] = score

        def weighed(made: Design | None) -> KeyWords:
            return _weighed(loaded, text, chosen, made, given, stop_words)

        before = weighed(None)
        words = [word.text for word in before.words]
        after = weighed(make_design(loaded, words)) if edited else None
        shown = after or before
        numbers = _chosen(shown, top, cover)
        if html is not None:
            from beaconviz.figures.html.reading_view import reading_page

            whole = numbers or shown.share_of_text(0.2)
            write_text(html, reading_page(before, after, shown.part_of_text(whole)))
    if as_json:
        told = shown.to_dict(numbers)
        if after is not None:
            told["baseline"] = before.to_dict(numbers)["words"]
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print(before, after, numbers or _few(shown))


def _weighed(
    model: Model,
    text: str,
    method: str,
    design: Design | None,
    given: dict[str, Any],
    stop_words: bool,
) -> KeyWords:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from beaconviz.analysis.explain.keywords import key_words

    console = Console(stderr=True)
    columns = (TextColumn("parts of the text"), BarColumn(), MofNCompleteColumn())
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as bar:
        task = bar.add_task("")
        return key_words(
            model,
            text,
            method,  # type: ignore[arg-type]  # it is checked there
            design=design,
            stop_words=stop_words,
            progress=lambda done, count: bar.update(task, completed=done, total=count),
            **given,
        )


def _chosen(words: KeyWords, top: int | None, cover: float | None) -> Sequence[int] | None:
    if top is not None:
        return words.top(top)
    return None if cover is None else words.covering(cover)


def _few(words: KeyWords) -> Sequence[int]:
    """A third of the words, and no more than a table can show."""
    return words.top(min(MOST, len(words.share_of_text(1 / 3))))


def _print(before: KeyWords, after: KeyWords | None, numbers: Sequence[int]) -> None:
    from rich.console import Console
    from rich.text import Text

    shown = after or before
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"{shown.model_name}, {shown.method}", style="dim", markup=False)
    line, position = Text(style="dim"), 0
    spans = shown.spans(numbers)
    for span in spans:
        line.append(shown.text[position : span.start])
        line.append(span.text, style="not dim bold cyan")
        position = span.end
    console.print(line.append(shown.text[position:]))
    names = ["key words", "weight"] if after is None else ["key words", "weight", "untouched"]
    heaviest = sorted(spans, key=lambda span: -span.weight)
    rows = [
        [span.text, span.weight, *([] if after is None else [before.between(span)])]
        for span in heaviest
    ]
    console.print(table(names, rows))
    for remark in shown.remarks:
        console.print(remark, style="dim", markup=False)
