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
_HALF = regex.compile(r"\p{Cs}")  # of a character; JSON can spell it, no text may hold it


@dataclass(frozen=True)
class Document:
    """A text with a name of its own; `title` may be empty."""

    id: str
    title: str
    text: str

    @property
    def full(self) -> str:
        """What is searched: the text, and the title before it where it does not begin with that."""
        if not self.title or self.text.startswith(self.title):
            return self.text
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True)
class Collection:
    """Documents, none empty and no id twice. remarks: what was left out, a sentence each."""

    name: str
    documents: tuple[Document, ...]
    remarks: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that is in it, in hexadecimal."""
        entries = [[entry.id, entry.title, entry.text] for entry in self.documents]
        return hashlib.sha256(json.dumps(entries).encode()).hexdigest()


def read_documents(path: Path) -> Collection:
    """The documents of a folder (its text files, and those of folders in it; a link that leads out
    of it is not followed) or of a file.

    Raises:
        BeaconvizError: nothing there, no text in it, another encoding, a line that is no document,
            or an id that comes twice.
    """
    path = Path(path).expanduser()
    if path.is_dir():
        return _from_folder(path)
    if path.exists():
        _check_ending(path.name)
    return _parsed(read_text(path, _EXPECTED), path.name)


def documents_in(data: bytes, name: str) -> Collection:
    """Those of an uploaded file; raises as `read_documents`."""
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
        kinds = Counter(file.suffix.lower() or "no ending" for file in inside)
        found = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common(4)) or "no file"
        raise BeaconvizError(
            f"the folder {folder} has no text file ({', '.join(TEXTS)}); found {found}"
        )
    documents = [
        Document(file.relative_to(folder).as_posix(), "", read_text(file, "a text"))
        for file in texts
    ]
    other = len(inside) - len(texts)
    left = (f"Left out: files that are no text ({other:,}).",) if other else ()
    return _collection(folder.name, documents, left)


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
    """The records as documents; one without an id goes by its line, entry or row."""
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
    kept: dict[str, Document] = {}
    empty: list[str] = []
    for one in documents:
        if _HALF.search(one.full):
            raise BeaconvizError(
                f"{name}: document {one.id!r} holds half a character (a lone surrogate): save it again"
            )
        if one.id in kept:
            raise BeaconvizError(
                f"{name}: the id {one.id!r} comes twice; give every document its own"
            )
        if any(character.isalnum() for character in one.full):
            kept[one.id] = one
        else:
            empty.append(one.id)
    if not kept:
        raise BeaconvizError(f"{name} has no document with a word in it; expected {_EXPECTED}")
    if empty:
        some = ", ".join(empty[:5]) + (" …" if len(empty) > 5 else "")
        remarks = (*remarks, f"Left out: empty documents ({len(empty):,}: {some}).")
    return Collection(name, tuple(kept.values()), remarks)
