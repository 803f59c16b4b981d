"""`beaconviz retrieve`: search a collection, or score the search methods."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from beaconviz.cli.shared.command import remark
from beaconviz.cli.shared.common import AsJson, design_maker, load_quietly, print_json, table
from beaconviz.cli.shared.constraints import AtMostOne, ExactlyOne, needs
from beaconviz.cli.shared.edits import AT_MOST_ONE_EDIT, RuleFile, edit_for
from beaconviz.cli.shared.progress import ShowProgress, progress
from beaconviz.core.errors import BeaconvizError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from beaconviz.core.design import Design
    from beaconviz.models.model import Model
    from beaconviz.retrieval.evaluation import RankingScores, Topics
    from beaconviz.retrieval.index import Index
    from beaconviz.retrieval.search import Method, Results


CONSTRAINTS = (
    ExactlyOne(("--query", "--queries"), "a query, or a file of queries,"),
    needs("--queries", "--qrels"),
    needs("--qrels", "--queries"),
    AtMostOne(("--queries", "--top")),
    *AT_MOST_ONE_EDIT,
)


def retrieve(
    docs: Annotated[
        Path,
        typer.Option(help="A folder of text files, a .jsonl (id, title, text) or a .csv file."),
    ],
    query: Annotated[str | None, typer.Option(help="What to look for.")] = None,
    queries: Annotated[
        Path | None, typer.Option(help="Many queries to score: an id, a tab and a text a line.")
    ] = None,
    qrels: Annotated[
        Path | None, typer.Option(help="Their right documents: query, document, relevance a line.")
    ] = None,
    methods: Annotated[
        list[str] | None,
        typer.Option("--method", help="tfidf, bm25, mean, received, similarity, or all to score."),
    ] = None,
    design: Annotated[
        Path | None, typer.Option(help="A design over the query's words; of many, realigned.")
    ] = None,
    rule: RuleFile = None,
    preset: Annotated[str | None, typer.Option(help="The name of a preset.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="A setting of the preset: word=2.")
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="How many results.")] = 10,
    model: Annotated[str, typer.Option(help="minilm, or another that gives vectors.")] = "minilm",
    index: Annotated[
        Path | None, typer.Option(help="The folder of the index; by default in the user's cache.")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="Passages in a batch.")] = 32,
    as_json: AsJson = False,
    show_progress: ShowProgress = None,
) -> None:
    """Search documents by words and by vectors, with an edit of the query's attention.

    The index is built once, and again when documents or model change.
    """
    from beaconviz.retrieval.documents import read_documents
    from beaconviz.retrieval.search import methods_of

    chosen = methods_of(methods or (["mean"] if query is not None else ["all"]))
    if query is not None and len(chosen) > 1:
        raise BeaconvizError("a query is searched by one method; --queries scores several")
    collection = read_documents(docs)
    topics = _topics(queries, qrels, [document.id for document in collection.documents])
    loaded = load_quietly(model)
    ready = _index(collection, loaded, index, batch, show_progress)
    for text in (*collection.remarks, *(topics.remarks if topics else ())):
        remark(text)
    if topics is not None:
        edit = edit_for(loaded, design, rule, preset, settings or [])
        design_for = None if edit is None else edit.design_for
        scores = _scored(ready, topics, chosen, design_for, show_progress)
        print_json(scores.to_dict()) if as_json else _print_scores(scores)
        return
    made = _design(loaded, str(query), design, rule, preset, settings or [])
    results = _searched(ready, str(query), chosen[0], made, top)
    print_json(results.to_dict()) if as_json else _print_results(results)


def _topics(queries: Path | None, qrels: Path | None, documents: Sequence[str]) -> Topics | None:
    from beaconviz.retrieval.evaluation import read_topics

    if queries is None or qrels is None:
        return None
    return read_topics(queries, qrels, documents)


def _design(
    model: Model,
    query: str,
    design: Path | None,
    rule: Path | None,
    preset: str | None,
    settings: list[str],
) -> Design | None:
    """The design for one query, if an edit was given; a design file must have the query's words."""
    if design is None and rule is None and preset is None:
        return None
    words = model.tokenize(query).names("word")
    if rule is None:
        return design_maker(design, preset, settings)(model, words)
    edit = edit_for(model, None, rule, None, [])
    return None if edit is None else edit.design_for(words)


def _index(
    collection: Any, model: Model, folder: Path | None, batch: int, show_progress: bool | None
) -> Index:
    from beaconviz.retrieval.index import ready_index

    with progress("passages", show_progress) as report:
        ready = ready_index(collection, model, folder, batch=batch, progress=report)
    if ready.rebuilt:
        remark(f"{ready.rebuilt}: it was built again")
    return ready


def _searched(index: Index, query: str, method: Method, design: Design | None, top: int) -> Results:
    from beaconviz.retrieval.search import search

    return search(index, query, method, design=design, top=top)


def _scored(
    index: Index,
    topics: Topics,
    methods: Sequence[Method],
    design_for: Callable[[Sequence[str]], Design] | None,
    show_progress: bool | None,
) -> RankingScores:
    from beaconviz.retrieval.evaluation import judging, score

    done: dict[str, Any] = {}
    try:
        with progress("queries", show_progress) as report:
            for name, ranking in judging(index, topics, methods, design_for=design_for):
                done[name] = ranking
                report(len(done), len(topics.queries))
    except KeyboardInterrupt:
        remark(f"stopped after {len(done)} of {len(topics.queries)} queries")
    return score(topics, done)


def _print_results(results: Results) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False)
    for hit in results.hits:
        line = Text(f"{hit.rank:>3} ")
        line.append(_moved(hit.rank, hit.before), style="bold")
        line.append(f" {hit.title or hit.id}", style="bold")
        line.append(f"  {hit.id}" if hit.title else "", style="dim")
        line.append(f"  {hit.score:.3f}", style="dim")
        console.print(line)
        console.print(Text(f"      {', '.join(key.word for key in hit.key)}", style="cyan"))
    if not results.hits:
        console.print("no document has any of these words", style="dim")


def _moved(rank: int, before: int | None) -> str:
    """The change of a hit's rank: "↑3" for three ranks up."""
    if before is None:
        return ""
    if before == rank:
        return "= "
    return f"{'↑' if before > rank else '↓'}{abs(before - rank)}"


def _print_scores(scores: RankingScores) -> None:
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    frame = scores.table()
    console.print(table(list(frame.columns), frame.itertuples(index=False)))
    tests = scores.tests()
    if len(tests):
        rows = (
            (row.method, row.other, f"{row.difference:+.3f}", f"{row.p:.2g}")
            for row in tests.itertuples()
        )
        console.print(table(["nDCG@10 of", "less that of", "", "p"], rows))
        console.print("Paired t-tests over queries, corrected for so many.", style="dim")
