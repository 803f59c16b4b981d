"""How good a ranking is, over queries whose right documents are known, and whether two differ."""

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
from beaconviz.retrieval.asking import Asked, ask
from beaconviz.retrieval.index import Index
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
# What qrels call the query, the document and the relevance.
_ASKED = (*(name for name in QUERY_IDS if name not in ("id", "_id")), "query", "topic")
_JUDGED = ("corpus-id", "corpus_id", "doc-id", "doc", "document", "documentid", *DOCUMENT_IDS)
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
_COLUMNS = (*_ASKED, *_JUDGED, *_GRADES, "iteration", "iter")
_RECORDS = (".jsonl", ".ndjson", ".json", ".csv")
_HIGHEST = 1_000  # of relevances: gains are powers or multiples of it

Rankings = Mapping[str, Mapping[str, float]]  # query → document → score


@dataclass(frozen=True)
class Topics:
    """Queries by id, and by query the relevance of documents. remarks: what was left out."""

    queries: dict[str, str]
    relevant: dict[str, dict[str, int]]
    remarks: tuple[str, ...] = ()


def read_topics(queries: Path, qrels: Path, documents: Sequence[str]) -> Topics:
    """Queries and their right documents.

    Queries are lines of an id, a tab and a text, or JSON Lines, CSV or TSV with these fields (see
    `retrieval.tables`). Qrels are lines of a query, a document and a relevance, as BEIR has them,
    or with an iteration before the document, as TREC has them; between tabs, or spaces where there
    is no tab. A first line that names the columns is read as that. They may also be JSON Lines or
    CSV with these fields, or one JSON object: query → document → relevance.

    Args:
        documents: the ids that there are.

    Raises:
        BeaconvizError: a line of another shape, an id that comes twice, or no query that can be
            scored.
    """
    asked = _queries(queries)
    known, relevant = set(documents), dict[str, dict[str, int]]()
    lost_queries, lost_documents, count = set(), set(), 0
    for place, query, document, grade in _judgements(qrels):
        count += 1
        number = _relevance(grade, place)
        if query not in asked:
            lost_queries.add(query)
        elif document not in known:
            lost_documents.add(document)
        elif relevant.setdefault(query, {}).setdefault(document, number) != number:
            raise BeaconvizError(
                f"{place}: the relevance of {document!r} for {query!r} is {number}, and "
                f"{relevant[query][document]} in an earlier line: keep one"
            )
    scored = {
        one: text
        for one, text in asked.items()
        if any(grade > 0 for grade in relevant.get(one, {}).values())
    }
    if not count:
        raise BeaconvizError(
            f"{qrels} is empty; expected a query, a document and a relevance a line, between tabs"
        )
    if not scored:
        why = (
            "no relevance in it is above 0"
            if relevant
            else f"check that the ids are the same (not there: {_some(lost_queries | lost_documents)})"
        )
        raise BeaconvizError(
            f"{qrels} names no right document of a query of {queries} ({count:,} lines): {why}"
        )
    remarks = [
        f"Left out: {what} of {qrels.name} that are not there ({len(lost):,}: {_some(lost)})."
        for lost, what in ((lost_queries, "queries"), (lost_documents, "documents"))
        if lost
    ]
    if len(scored) < len(asked):
        remarks.append(
            f"Left out: queries without a right document ({len(asked) - len(scored):,})."
        )
    return Topics(scored, {one: relevant[one] for one in scored}, tuple(remarks))


def judging(
    index: Index,
    topics: Topics,
    methods: Sequence[Method],
    *,
    design_for: Callable[[Sequence[str]], Design] | None = None,
    extra: Mapping[str, Callable[[Asked], Ranking]] | None = None,
) -> Iterator[tuple[str, dict[str, dict[str, float]]]]:
    """Each query with the documents that each method finds, by name: document → score. With an edit
    for a query's words each method comes twice, edited as well.

    Args:
        extra: other rankings, by their names.
    """
    for query, text in topics.queries.items():
        words = index.model.tokenize(text).names("word")
        design = None if design_for is None else design_for(words)
        asked = ask(index.model, text, design)
        found: dict[str, dict[str, float]] = {}
        for method in methods:
            found[method] = _scores(index, asked.before(), method)
            if design_for is not None:
                found[method + EDITED] = _scores(index, asked, method)
        for name, ranking in (extra or {}).items():
            found[name] = _told(index, ranking(asked))
        yield query, found


@dataclass(frozen=True, eq=False)
class RankingScores:
    """Each query's measures, by method: query × measure."""

    by_query: dict[str, pd.DataFrame]

    def table(self) -> pd.DataFrame:
        """A row for each method: the means over queries, the best first."""
        rows = [{"method": name, **frame.mean().to_dict()} for name, frame in self.by_query.items()]
        return pd.DataFrame(rows).sort_values(TESTED, ascending=False, ignore_index=True)

    def tests(self) -> pd.DataFrame:
        """A row for each two methods: the mean difference in nDCG@10, and the p of a paired t-test
        (Smucker et al. 2007), corrected for so many (Benjamini and Hochberg 1995)."""
        rows = []
        for one, other in combinations(self.by_query, 2):
            apart = self.by_query[one][TESTED] - self.by_query[other][TESTED]
            p = float(ttest_rel(self.by_query[one][TESTED], self.by_query[other][TESTED]).pvalue)
            rows.append((one, other, float(apart.mean()), 1.0 if np.isnan(p) else p))
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
    """The measures of rankings by query and method, by ir-measures; queries that were not ranked
    are left out.

    Raises:
        BeaconvizError: no ranking.
    """
    if not rankings:
        raise BeaconvizError("no query was ranked; nothing to score")
    relevant = {query: topics.relevant[query] for query in rankings}
    names = list(next(iter(rankings.values())))
    return RankingScores(
        {
            name: measured(relevant, {q: found[name] for q, found in rankings.items()})
            for name in names
        }
    )


def measured(relevant: Mapping[str, Mapping[str, int]], run: Rankings) -> pd.DataFrame:
    """Each query's measures, a row a query."""
    frame = pd.DataFrame(0.0, index=list(relevant), columns=list(MEASURES))
    names = {measure: name for name, measure in MEASURES.items()}
    for one in ir_measures.iter_calc(list(names), relevant, run):
        frame.loc[one.query_id, names[one.measure]] = one.value
    return frame


def _scores(index: Index, asked: Asked, method: Method) -> dict[str, float]:
    try:
        return _told(index, rank(index, asked, method))
    except BeaconvizError:
        return {}  # a query of stop words only finds nothing by words


def _told(index: Index, ranking: Ranking) -> dict[str, float]:
    documents = index.collection.documents
    order = ranking.order[:DEPTH]
    # Places, not scores: equal scores would be ordered anew, by id.
    return {documents[int(number)].id: float(len(order) - n) for n, number in enumerate(order)}


def _queries(path: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, name, text in _asked(path):
        if name in found:
            raise BeaconvizError(f"{place}: the query {name!r} comes twice; give each its own id")
        if text.strip():
            found[name] = text
    if not found:
        raise BeaconvizError(f"{path} has no query; expected an id, a tab and a text a line")
    return found


def _asked(path: Path) -> Iterator[tuple[str, str, str]]:
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
        # TREC has an iteration, which nobody reads, after the query.
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
        fields = [field_of(record, names) for names in (_ASKED, _JUDGED, _GRADES)]
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
    """The fields of each line, but for a first one that names the columns, as `names` do.

    spaces: whether they part the fields of a line without tabs.
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
    """Whether a line has names of columns: at least two, so that no query's id is taken for one."""
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


def _some(names: set[str]) -> str:
    return ", ".join(sorted(names)[:3]) + (" …" if len(names) > 3 else "")
