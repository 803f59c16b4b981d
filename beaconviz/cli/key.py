"""`beaconviz key`: the words of a text that count."""

from __future__ import annotations

from os.path import isfile  # unlike Path.is_file, accepts a text that is too long for a file name
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beaconviz.cli.shared.common import (
    AsJson,
    argument_text,
    check_folder,
    design_maker,
    load_quietly,
    print_json,
    table,
    write_text,
)
from beaconviz.cli.shared.constraints import AtMostOne, OnlyWith, Values
from beaconviz.cli.shared.edits import SETTINGS_NEED_PRESET
from beaconviz.cli.shared.progress import ShowProgress, progress
from beaconviz.core.errors import BeaconvizError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beaconviz.analysis.explain.keywords import KeyWords
    from beaconviz.core.design import Design

MOST = 10  # the most words in the table, by default


def _method(values: Values) -> Any:
    """The named method, which `key_words` checks; or similarity with a query, or received."""
    by_default = "received" if values["--query"] is None else "similarity"
    return values["--method"] or by_default


CONSTRAINTS = (
    AtMostOne(("--design", "--preset")),
    SETTINGS_NEED_PRESET,
    AtMostOne(("--top", "--cover")),
    OnlyWith(("--query",), "--method similarity", lambda values: _method(values) == "similarity"),
    OnlyWith(
        ("--score",), "--method similarity (or --query)", lambda v: _method(v) == "similarity"
    ),
    OnlyWith(
        ("--layer", "--head"),
        "--method received, rollout or gradient",
        lambda values: _method(values) not in ("similarity", "integrated"),
    ),
)


def key(
    text: Annotated[str, typer.Argument(help='The text; "-" reads standard input.')],
    method: Annotated[
        str | None,
        typer.Option(help="received, rollout, similarity, gradient or integrated."),
    ] = None,
    query: Annotated[
        str | None, typer.Option(help="A query: words that are similar to it count.")
    ] = None,
    score: Annotated[
        str | None, typer.Option(help="Of similarity: cosine (the default) or dot.")
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
    as_json: AsJson = False,
    html: Annotated[Path | None, typer.Option(help="Write the reading view here.")] = None,
    show_progress: ShowProgress = None,
) -> None:
    """The words of a text that count: its key words, also of a long text.

    With a design they are those of the edited model, next to the unedited model's weights.
    """
    from beaconviz.core.words import split_words

    chosen = _method({"--query": query, "--method": method})
    if html is not None:
        check_folder(html)
    if isfile(text):
        raise BeaconvizError(f"{text} is a file; expected a text: beaconviz key - < {text}")
    edited = design is not None or preset is not None
    make_design = design_maker(design, preset, settings or [])
    text = argument_text(text)
    split_words(text)  # raises for a text that cannot be read, before a model is loaded
    loaded = load_quietly(model or ("ner-mini" if query is None else "minilm"))
    options: dict[str, Any] = {"query": query, "layers": layer, "heads": head}
    if score is not None:
        options["score"] = score

    def weigh(made: Design | None) -> KeyWords:
        from beaconviz.analysis.explain.keywords import key_words

        with progress("parts of the text", show_progress) as report:
            return key_words(
                loaded,
                text,
                chosen,
                design=made,
                stop_words=stop_words,
                progress=report,
                **options,
            )

    before = weigh(None)
    words = [word.text for word in before.words]
    after = weigh(make_design(loaded, words)) if edited else None
    shown = after or before
    numbers = _chosen(shown, top, cover)
    if html is not None:
        from beaconviz.figures.html.reading_view import reading_page

        whole = numbers or shown.share_of_text(0.2)
        write_text(html, reading_page(before, after, shown.part_of_text(whole)))
    if as_json:
        baseline = {} if after is None else {"baseline": before.to_dict(numbers)["words"]}
        print_json(shown.to_dict(numbers) | baseline)
    else:
        _print(before, after, numbers or _few(shown))


def _chosen(words: KeyWords, top: int | None, cover: float | None) -> Sequence[int] | None:
    if top is not None:
        return words.top(top)
    return None if cover is None else words.covering(cover)


def _few(words: KeyWords) -> Sequence[int]:
    """A third of the words, but at most `MOST`."""
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
