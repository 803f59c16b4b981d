"""Records of documents and queries in the formats of common collections (BEIR, MS MARCO, Pyserini,
DPR): JSON Lines, one JSON list, CSV or TSV, and the names that these use for an id and a text.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

import regex

from beaconviz.core.errors import BeaconvizError

DOCUMENT_IDS = ("id", "_id", "doc_id", "docid", "docno", "document_id", "pid", "passage_id")
QUERY_IDS = ("id", "_id", "qid", "query_id", "query-id", "queryid", "topic_id")
TEXT_FIELDS = ("text", "contents", "content", "body", "passage")
QUERY_FIELDS = ("text", "query", "question", "title")
_PARTS = ("pid", "passage_id")  # of a document, which the record may name too
_INDEX = ("", "Unnamed: 0", "index")  # pandas' names for the column of row numbers
_MS_MARCO = ("id", "url", "title", "text")  # columns of its documents, which have no header
_LONGEST_FIELD = 10_000_000  # characters of a field
_QUOTED = regex.compile(r'"((?:[^"]|"")*)"')
_LIKE_AN_ID = regex.compile(r"(?i:(?:^|[_\-. ])(?:uu?)?id)$|[a-z]I[dD]$")


class Placed(NamedTuple):
    """A record of a file, its place in words, and the number of its line, entry or row."""

    place: str
    number: int
    fields: dict[str, Any]


def records_in(text: str, name: str, texts: Sequence[str]) -> Iterator[Placed]:
    """The records of a file called `name`.

    Args:
        texts: names of the field that holds the text; a table's header has one of them.

    Raises:
        BeaconvizError: a line that is no record; the message names it.
    """
    if name.lower().endswith((".csv", ".tsv")):
        return _table_records(text, name, texts)
    return _json_records(text, name)


def _json_records(text: str, name: str) -> Iterator[Placed]:
    entries = _list(text)
    if entries is not None:
        for number, entry in enumerate(entries, 1):
            yield _object(entry, f"{name}, entry {number} of the list", number)
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            place = f"{name}, line {number}"
            yield _object(_value(line, place), place, number)


def _list(text: str) -> list[Any] | None:
    """The entries of a text that is one JSON list; None if it is not."""
    if not text.lstrip().startswith("["):
        return None
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return entries if isinstance(entries, list) else None


def _value(line: str, place: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        reason = getattr(error, "msg", "nested too deep")
        raise BeaconvizError(
            f'{place} is no JSON ({reason}); expected a record a line, as {{"id": "7", "text": "…"}}'
        ) from None


def _object(value: Any, place: str, number: int) -> Placed:
    if not isinstance(value, dict):
        raise BeaconvizError(
            f'{place} is a {type(value).__name__}; expected a record, as {{"id": "7", "text": "…"}}'
        )
    return Placed(place, number, value)


def _table_records(text: str, name: str, texts: Sequence[str]) -> Iterator[Placed]:
    """The rows of a table. Its first row names the columns, except in MS MARCO's files."""
    csv.field_size_limit(_LONGEST_FIELD)
    first_line = text.lstrip("\n").split("\n", 1)[0]
    delimiter = _delimiter(first_line, name, texts)
    header = (
        None if _has_header(first_line, delimiter, texts) else _bare_header(first_line, name, texts)
    )
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if name.lower().endswith(".csv") else csv.QUOTE_NONE
    rows = csv.DictReader(
        io.StringIO(text, newline=""),
        header,
        delimiter=delimiter,
        quoting=quoting,
        skipinitialspace=quoting == csv.QUOTE_MINIMAL,
    )
    try:
        for number, row in enumerate(rows, 1):
            place = f"{name}, row {number}"
            if None in row:
                raise BeaconvizError(
                    f"{place} has more fields than the header ({len(rows.fieldnames or ())}): "
                    "put quotation marks around a text with the delimiter in it"
                )
            if quoting == csv.QUOTE_NONE:
                row = {name: _unquoted(value) for name, value in row.items()}
            yield Placed(place, number, _with_index(row))
    except csv.Error as error:
        raise BeaconvizError(
            f"{name} is no CSV ({error}); save it as comma-separated text"
        ) from None


def _unquoted(value: str | None) -> str | None:
    """A field of a tab-separated file without the quotation marks around it, as DPR writes it; one
    that only begins with a quotation keeps them (MS MARCO)."""
    match = None if value is None else _QUOTED.fullmatch(value)
    return value if match is None else match[1].replace('""', '"')


def _delimiter(first_line: str, name: str, texts: Sequence[str]) -> str:
    """The delimiter of the columns: one with which the header has a column of texts, otherwise the
    usual one of the file's ending."""
    usual = "\t" if name.lower().endswith(".tsv") else ","
    return next((d for d in (usual, *",;\t|") if _has_header(first_line, d, texts)), usual)


def _has_header(first_line: str, delimiter: str, texts: Sequence[str]) -> bool:
    columns = [column.strip().strip('"').strip().lower() for column in first_line.split(delimiter)]
    return any(text in columns for text in texts)


def _bare_header(first_line: str, name: str, texts: Sequence[str]) -> list[str]:
    """The columns of a table of MS MARCO, which does not name them.

    Raises:
        BeaconvizError: it is not one of MS MARCO's.
    """
    columns = first_line.split("\t")
    if name.lower().endswith(".tsv") and len(columns) == 2:
        return ["id", texts[0]]
    if name.lower().endswith(".tsv") and len(columns) == len(_MS_MARCO):
        return list(_MS_MARCO)
    names = ", ".join(columns)[:200] or "none"
    raise BeaconvizError(
        f"{name} has the columns {names}; expected {texts[0]}, and id and title if there are any"
    )


def _with_index(row: dict[str, Any]) -> dict[str, Any]:
    """The row with the row number that pandas writes as its id, if it has no other id."""
    if any(name in _by_name(row) for name in (*DOCUMENT_IDS, *QUERY_IDS)):
        return row
    index = next((name for name in _INDEX if name in row), None)
    return row if index is None else {"id": row[index], **row}


def id_of(record: Mapping[str, Any], place: str, names: Sequence[str]) -> str:
    """The id of a record, which is a text or a number; "" if it has none.

    A passage that also names its document (MS MARCO: pid beside docid) goes by its own.

    Raises:
        BeaconvizError: an id of another type, two that differ, or a field that looks like an id by
            another name.
    """
    by_name = _by_name(record)
    known = [by_name[name] for name in names if name in by_name]
    if not known:
        odd_name = next((name for name in record if _LIKE_AN_ID.search(str(name).strip())), None)
        if odd_name is not None:
            raise BeaconvizError(
                f"{place} has the field {odd_name!r} and no id: rename it to id, or leave it out"
            )
        return ""
    known = [by_name[part] for part in _PARTS if by_name.get(part) in known] or known
    ids = {name: _id(record[name], f"{place}: {name}") for name in known}
    if len(set(ids.values()) - {""}) > 1:
        found = " and ".join(f"{name} {record[name]!r}" for name in known)
        raise BeaconvizError(
            f"{place} has several ids ({found}): keep the one that the judgements name"
        )
    return next(filter(None, ids.values()), "")


def _id(value: Any, place: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, type(None))):
        raise BeaconvizError(f"{place} is {value!r}; expected a text or a number")
    return "" if value is None else str(value).strip()


def text_of(record: Mapping[str, Any], place: str, names: Sequence[str], example: str) -> str:
    """The text of a record.

    Raises:
        BeaconvizError: no field with one of the names, or one that is no text.
    """
    value = field_of(record, names)
    if value is None:
        names_found = ", ".join(map(str, record)) or "nothing"
        raise BeaconvizError(f"{place} has no text (found {names_found}); expected {example}")
    name, text = value
    if not isinstance(text, str):
        raise BeaconvizError(f"{place}: {name} is {text!r}; expected a text, as in {example}")
    return text


def field_of(record: Mapping[str, Any], names: Sequence[str]) -> tuple[str, Any] | None:
    """The first field that is called by one of some names, in small or capital letters."""
    by_name = _by_name(record)
    name = next((by_name[name] for name in names if name in by_name), None)
    return None if name is None else (name, record[name])


def _by_name(record: Mapping[str, Any]) -> dict[str, str]:
    """The names of a record's fields as it has them, by what they are read as."""
    return {str(name).strip().lower(): name for name in record}
