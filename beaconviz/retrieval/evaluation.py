"""The quality of rankings over queries with known relevant documents, and tests between methods."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control, ttest_rel

from beaconviz.core.design import Design
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.extras import extra
from beaconviz.data.textfile import read_text
from beaconviz.retrieval.index import Index
from beaconviz.retrieval.query_run import QueryRun, run_query
from beaconviz.retrieval.search import Method, Ranking, rank
from beaconviz.retrieval.tables import (
    DOCUMENT_IDS,
    QUERY_FIELDS,
    QUERY_IDS,
    field_of,
    id_of,
    records_in,
    text_of,
)

with extra("retrieval", "scoring a ranking"):
    import ir_measures
    from ir_measures import AP, R, nDCG

MEASURES = {"nDCG@10": nDCG @ 10, "MAP": AP, "recall@100": R @ 100}
TESTED = "nDCG@10"  # the measure whose differences are tested
DEPTH = 1000  # documents of a ranking that are scored
EDITED = " + edit"
_QUERY = '{"id": "q1", "text": "…"}'
_JUDGEMENT = '{"query-id": "q1", "corpus-id": "7", "score": 1}'
# Names of the columns of qrels: the query, the document and the relevance.
_QUERY_COLUMNS = (
    *(name for name in QUERY_IDS if name not in ("id", "_id")),
    "query",
    "topic",
)
_DOCUMENT_COLUMNS = (
    "corpus-id",
    "corpus_id",
    "doc-id",
    "doc",
    "document",
    "documentid",
    *DOCUMENT_IDS,
)
_GRADES = (
    "score",
    "relevance",
    "relevancy",
    "rel",
    "label",
    "grade",
    "judgment",
    "judgement",
    "gain",
)
_COLUMNS = (*_QUERY_COLUMNS, *_DOCUMENT_COLUMNS, *_GRADES, "iteration", "iter")
_RECORDS = (".jsonl", ".ndjson", ".json", ".csv")
_HIGHEST = 1_000  # of relevances: gains are powers or multiples of it

Rankings = Mapping[str, Mapping[str, float]]  # query → document → score


@dataclass(frozen=True)
class Topics:
    """Queries with their relevant documents.

    Attributes:
        queries: id → text.
        relevant: query id → document id → relevance.
        remarks: one sentence for each kind of thing that was left out.
    """

    queries: dict[str, str]
    relevant: dict[str, dict[str, int]]
    remarks: tuple[str, ...] = ()


def read_topics(queries: Path, qrels: Path, documents: Sequence[str]) -> Topics:
    """Read queries and their relevant documents.

    Queries are lines of an id, a tab and a text, or JSON Lines, CSV or TSV with these fields (see
    `retrieval.tables`). Qrels are lines of a query, a document and a relevance (BEIR), or with an
    iteration before the document (TREC). Fields are separated by tabs, or by spaces in a line
    without tabs. The first line may name the columns. Qrels may also be JSON Lines or CSV with
    these fields, or one JSON object: query → document → relevance.

    Args:
        documents: the ids of all documents.

    Raises:
        BeaconvizError: a line with other fields, an id that comes twice, or no query that can be
            scored.
    """
    texts = _queries(queries)
    document_ids, relevant = set(documents), dict[str, dict[str, int]]()
    unknown_queries, unknown_documents, count = set(), set(), 0
    for place, query, document, grade in _judgements(qrels):
        count += 1
        relevance = _relevance(grade, place)
        if query not in texts:
            unknown_queries.add(query)
        elif document not in document_ids:
            unknown_documents.add(document)
        elif relevant.setdefault(query, {}).setdefault(document, relevance) != relevance:
            raise BeaconvizError(
                f"{place}: the relevance of {document!r} for {query!r} is {relevance}, and "
                f"{relevant[query][document]} in an earlier line: keep one"
            )
    scored = {
        query: text
        for query, text in texts.items()
        if any(relevance > 0 for relevance in relevant.get(query, {}).values())
    }
    if not count:
        raise BeaconvizError(
            f"{qrels} is empty; expected lines of a query, a document and a relevance, separated by tabs"
        )
    if not scored:
        reason = (
            "no relevance in it is above 0"
            if relevant
            else f"check that the ids are the same (unknown: {_examples(unknown_queries | unknown_documents)})"
        )
        raise BeaconvizError(
            f"{qrels} has no relevant document for a query of {queries} ({count:,} lines): {reason}"
        )
    remarks = [
        f"Left out: {noun} of {qrels.name} that are unknown ({len(unknown):,}: {_examples(unknown)})."
        for unknown, noun in ((unknown_queries, "queries"), (unknown_documents, "documents"))
        if unknown
    ]
    if len(scored) < len(texts):
        remarks.append(
            f"Left out: queries without a relevant document ({len(texts) - len(scored):,})."
        )
    return Topics(scored, {query: relevant[query] for query in scored}, tuple(remarks))


def judging(
    index: Index,
    topics: Topics,
    methods: Sequence[Method],
    *,
    design_for: Callable[[Sequence[str]], Design] | None = None,
    extra: Mapping[str, Callable[[QueryRun], Ranking]] | None = None,
) -> Iterator[tuple[str, dict[str, dict[str, float]]]]:
    """Rank the documents for each query: yields the query's id and method → document id → score.

    With `design_for`, each method is also run with the edit, under its name and `EDITED`.

    Args:
        design_for: the design for a query's words.
        extra: other rankings, by their names.
    """
    for query, text in topics.queries.items():
        words = index.model.tokenize(text).names("word")
        design = None if design_for is None else design_for(words)
        query_run = run_query(index.model, text, design)
        by_method: dict[str, dict[str, float]] = {}
        for method in methods:
            by_method[method] = _scores(index, query_run.before(), method)
            if design_for is not None:
                by_method[method + EDITED] = _scores(index, query_run, method)
        for name, ranking in (extra or {}).items():
            by_method[name] = _scores_by_rank(index, ranking(query_run))
        yield query, by_method


@dataclass(frozen=True, eq=False)
class RankingScores:
    """The measures of each query: method → table with a row a query and a column a measure."""

    by_query: dict[str, pd.DataFrame]

    def table(self) -> pd.DataFrame:
        """A row a method: the means over queries, highest nDCG@10 first."""
        rows = [{"method": name, **frame.mean().to_dict()} for name, frame in self.by_query.items()]
        return pd.DataFrame(rows).sort_values(TESTED, ascending=False, ignore_index=True)

    def tests(self) -> pd.DataFrame:
        """A row a pair of methods: the mean difference in nDCG@10, and the p of a paired t-test
        (Smucker et al. 2007), corrected for multiple tests (Benjamini and Hochberg 1995)."""
        rows = []
        for method, other in combinations(self.by_query, 2):
            differences = self.by_query[method][TESTED] - self.by_query[other][TESTED]
            p = float(ttest_rel(self.by_query[method][TESTED], self.by_query[other][TESTED]).pvalue)
            rows.append((method, other, float(differences.mean()), 1.0 if np.isnan(p) else p))
        frame = pd.DataFrame(rows, columns=["method", "other", "difference", "p"])
        return frame.assign(p=false_discovery_control(frame["p"])) if rows else frame

    def to_dict(self) -> dict[str, Any]:
        """Plain data, as `beaconviz retrieve --json` prints it."""
        queries = len(next(iter(self.by_query.values())))
        return {
            "queries": queries,
            "methods": self.table().to_dict("records"),
            "tests": self.tests().to_dict("records"),
        }


def score(
    topics: Topics, rankings: Mapping[str, Mapping[str, Mapping[str, float]]]
) -> RankingScores:
    """The measures of rankings, by ir-measures; queries that were not ranked are left out.

    Args:
        rankings: query id → method → document id → score.

    Raises:
        BeaconvizError: no ranking.
    """
    if not rankings:
        raise BeaconvizError("no query was ranked; nothing to score")
    relevant = {query: topics.relevant[query] for query in rankings}
    names = list(next(iter(rankings.values())))
    return RankingScores(
        {
            name: measured(relevant, {q: by_method[name] for q, by_method in rankings.items()})
            for name in names
        }
    )


def measured(relevant: Mapping[str, Mapping[str, int]], run: Rankings) -> pd.DataFrame:
    """The measures of one method: a row a query, a column a measure."""
    frame = pd.DataFrame(0.0, index=list(relevant), columns=list(MEASURES))
    names = {measure: name for name, measure in MEASURES.items()}
    for value in ir_measures.iter_calc(list(names), relevant, run):
        frame.loc[value.query_id, names[value.measure]] = value.value
    return frame


def _scores(index: Index, query_run: QueryRun, method: Method) -> dict[str, float]:
    try:
        return _scores_by_rank(index, rank(index, query_run, method))
    except BeaconvizError:
        return {}  # a search by words finds nothing for a query of stop words


def _scores_by_rank(index: Index, ranking: Ranking) -> dict[str, float]:
    documents = index.collection.documents
    order = ranking.order[:DEPTH]
    # Ranks, not scores: ir-measures would order equal scores by id.
    return {documents[int(number)].id: float(len(order) - n) for n, number in enumerate(order)}


def _queries(path: Path) -> dict[str, str]:
    texts: dict[str, str] = {}
    for place, name, text in _query_rows(path):
        if name in texts:
            raise BeaconvizError(f"{place}: the query {name!r} comes twice; give each its own id")
        if text.strip():
            texts[name] = text
    if not texts:
        raise BeaconvizError(f"{path} has no query; expected lines of an id, a tab and a text")
    return texts


def _query_rows(path: Path) -> Iterator[tuple[str, str, str]]:
    """Place, id and text of every query."""
    text = read_text(path, "a file of queries")
    if path.suffix.lower() not in _RECORDS:
        for place, fields in _rows(text, path, "id and text", (2,), QUERY_IDS):
            yield place, fields[0], fields[1]
        return
    for place, _, record in records_in(text, str(path), QUERY_FIELDS):
        name = id_of(record, place, QUERY_IDS)
        if not name:
            raise BeaconvizError(f"{place} has no id; expected a query as {_QUERY}")
        yield place, name, text_of(record, place, QUERY_FIELDS, _QUERY)


def _judgements(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """Place, query, document and relevance of every line."""
    expected = "query, document and relevance"
    text = read_text(path, "lines of query, document and relevance")
    if path.suffix.lower() in _RECORDS:
        yield from _judgement_records(text, path)
        return
    for place, fields in _rows(text, path, expected, (3, 4), QUERY_IDS, spaces=True):
        # TREC has an unused field, the iteration, after the query.
        yield place, fields[0], fields[-2], fields[-1]


def _judgement_records(text: str, path: Path) -> Iterator[tuple[str, str, str, str]]:
    whole = _by_query(text)
    if whole is not None:
        for query, grades in whole.items():
            for document, grade in grades.items():
                yield f"{path}, query {query!r}", query, document, str(grade)
        return
    first = text.partition("\n")[0]
    if path.suffix.lower() == ".csv" and not any(name in first.lower() for name in _GRADES):
        raise BeaconvizError(
            f"{path} begins with {first[:60]!r}; expected the names of its columns, such as "
            "query-id,corpus-id,score"
        )
    for place, _, record in records_in(text, str(path), _GRADES):
        fields = [field_of(record, names) for names in (_QUERY_COLUMNS, _DOCUMENT_COLUMNS, _GRADES)]
        if any(field is None for field in fields):
            found = ", ".join(map(str, record)) or "nothing"
            raise BeaconvizError(
                f"{place} lacks the query, the document or the relevance (found {found}); expected "
                f"{_JUDGEMENT}"
            )
        query, document, grade = (str(field[1]).strip() for field in fields if field is not None)
        yield place, query, document, grade


def _by_query(text: str) -> dict[str, dict[str, Any]] | None:
    """Judgements that are one JSON object, as BEIR's and MTEB's loaders hold them."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(whole, dict) or not whole:
        return None
    return whole if all(isinstance(grades, dict) for grades in whole.values()) else None


def _rows(
    text: str,
    path: Path,
    expected: str,
    counts: Sequence[int],
    names: Sequence[str],
    *,
    spaces: bool = False,
) -> Iterator[tuple[str, list[str]]]:
    """The place and the fields of each line, without a first line that names the columns.

    Args:
        counts: the numbers of fields that a line may have.
        names: names of the first column.
        spaces: whether spaces separate the fields of a line without tabs.
    """
    header = True
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        fields = line.split() if spaces and "\t" not in line else line.split("\t")
        fields = [field.strip() for field in fields]
        place = f"{path}, line {number}"
        if header and _is_header(fields, names):
            _check_order(fields, place, names)
            header = False
            continue
        header = False
        if len(fields) not in counts:
            raise BeaconvizError(
                f"{place} has {len(fields)} fields; expected {expected}, with a tab between"
            )
        yield place, fields


def _is_header(fields: Sequence[str], names: Sequence[str]) -> bool:
    """Whether a line names columns: at least two, since one may be the id of a query."""
    columns = (*names, *QUERY_FIELDS, *_COLUMNS)
    return sum(field.lower() in columns for field in fields) > 1


def _check_order(fields: Sequence[str], place: str, names: Sequence[str]) -> None:
    if fields[0].lower() not in (*names, "query", "topic"):
        raise BeaconvizError(
            f"{place} names the columns {', '.join(fields)}; expected the query first"
        )


def _relevance(grade: str, place: str) -> int:
    try:
        number = float(grade)
    except ValueError:
        number = float("nan")
    if not number.is_integer() or abs(number) > _HIGHEST:
        raise BeaconvizError(
            f"{place}: the relevance is {grade!r}; expected a whole number, at most {_HIGHEST:,}"
        )
    return int(number)


def _examples(names: set[str]) -> str:
    return ", ".join(sorted(names)[:3]) + (" …" if len(names) > 3 else "")
