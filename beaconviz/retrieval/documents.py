"""Documents to search: a folder of text files, JSON Lines, or a table (CSV, TSV).

collection = read_documents(Path("papers.jsonl"))
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import regex

from beaconviz.core.errors import BeaconvizError
from beaconviz.data.textfile import decode, read_text
from beaconviz.retrieval.tables import (
    DOCUMENT_IDS,
    TEXT_FIELDS,
    Placed,
    field_of,
    id_of,
    records_in,
    text_of,
)

TEXTS = (".txt", ".md", ".text")
_JSON = (".jsonl", ".ndjson", ".json")
_TABLES = (".csv", ".tsv")
_EXAMPLE = '{"id": "7", "title": "…", "text": "…"}'
_EXPECTED = "a folder of text files, a .jsonl, a .csv or a .tsv file"
_SURROGATE = regex.compile(r"\p{Cs}")  # half a character; JSON can spell it, UTF-8 cannot


@dataclass(frozen=True)
class Document:
    """A text with a unique id; `title` may be empty."""

    id: str
    title: str
    text: str

    @property
    def full(self) -> str:
        """The text that is searched: title and text, or the text if it begins with the title."""
        if not self.title or self.text.startswith(self.title):
            return self.text
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True)
class Collection:
    """Documents, none empty and no id twice.

    remarks: one sentence for each kind of thing that was left out.
    """

    name: str
    documents: tuple[Document, ...]
    remarks: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all ids, titles and texts, in hexadecimal."""
        entries = [[entry.id, entry.title, entry.text] for entry in self.documents]
        return hashlib.sha256(json.dumps(entries).encode()).hexdigest()


def read_documents(path: Path) -> Collection:
    """The documents of a file, or of a folder: its text files and those of its subfolders.

    Links that lead out of the folder are not followed.

    Raises:
        BeaconvizError: a path that does not exist, no text, an unknown encoding, a line that is no
            document, or an id that comes twice.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        return _from_folder(path)
    if path.exists():
        _check_ending(path.name)
    return _parsed(read_text(path, _EXPECTED), path.name)


def documents_in(data: bytes, name: str) -> Collection:
    """The documents of an uploaded file; raises as `read_documents`."""
    _check_ending(name)
    return _parsed(decode(data, name), name)


def _from_folder(folder: Path) -> Collection:
    root = folder.resolve()
    inside = [
        file
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.resolve().is_relative_to(root)
    ]
    texts = [file for file in inside if file.suffix.lower() in TEXTS]
    if not texts:
        endings = Counter(file.suffix.lower() or "no ending" for file in inside)
        file_counts = (
            ", ".join(f"{count} {ending}" for ending, count in endings.most_common(4)) or "no file"
        )
        raise BeaconvizError(
            f"the folder {folder} has no text file ({', '.join(TEXTS)}); found {file_counts}"
        )
    documents = [
        Document(file.relative_to(folder).as_posix(), "", read_text(file, "a text"))
        for file in texts
    ]
    other_files = len(inside) - len(texts)
    remarks = (f"Left out: files that are no text ({other_files:,}).",) if other_files else ()
    return _collection(folder.name, documents, remarks)


def _parsed(text: str, name: str) -> Collection:
    ending = Path(name).suffix.lower()
    if ending in (*_JSON, *_TABLES):
        return _collection(name, _documents(records_in(text, name, TEXT_FIELDS)))
    return _collection(name, [Document(name, "", text)])


def _check_ending(name: str) -> None:
    ending = Path(name).suffix.lower()
    if ending not in (*TEXTS, *_JSON, *_TABLES):
        raise BeaconvizError(f"{name} ends with {ending or 'nothing'!r}; expected {_EXPECTED}")


def _documents(records: Iterable[Placed]) -> Iterator[Document]:
    """The records as documents; the id of one without an id is its line, entry or row number."""
    for place, number, fields in records:
        name = id_of(fields, place, DOCUMENT_IDS) or str(number)
        yield _document(name, fields, place)


def _document(name: str, record: Mapping[str, Any], place: str) -> Document:
    found = field_of(record, ("title",))
    title = "" if found is None or found[1] is None else found[1]
    if not isinstance(title, str):
        raise BeaconvizError(f"{place}: title is {title!r}; expected a text, as in {_EXAMPLE}")
    return Document(name, title, text_of(record, place, TEXT_FIELDS, _EXAMPLE))


def _collection(
    name: str, documents: Iterable[Document], remarks: tuple[str, ...] = ()
) -> Collection:
    by_id: dict[str, Document] = {}
    empty: list[str] = []
    for document in documents:
        if _SURROGATE.search(document.full):
            raise BeaconvizError(
                f"{name}: document {document.id!r} has half a character (a lone surrogate): save the file again"
            )
        if document.id in by_id:
            raise BeaconvizError(
                f"{name}: the id {document.id!r} comes twice; give every document its own"
            )
        if any(character.isalnum() for character in document.full):
            by_id[document.id] = document
        else:
            empty.append(document.id)
    if not by_id:
        raise BeaconvizError(f"{name} has no document with a word in it; expected {_EXPECTED}")
    if empty:
        examples = ", ".join(empty[:5]) + (" …" if len(empty) > 5 else "")
        remarks = (*remarks, f"Left out: empty documents ({len(empty):,}: {examples}).")
    return Collection(name, tuple(by_id.values()), remarks)
