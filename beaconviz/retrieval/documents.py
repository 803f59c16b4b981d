"""Documents to search: a folder of text files, JSON Lines, or CSV.

collection = read_documents(Path("papers.jsonl"))
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import regex

from beaconviz.core.errors import BeaconvizError
from beaconviz.data.textfile import decode, read_text

TEXTS = (".txt", ".md", ".text")
_JSON = (".jsonl", ".ndjson", ".json")
_EXAMPLE = '{"id": "7", "title": "…", "text": "…"}'
_EXPECTED = "a folder of text files, a .jsonl or a .csv file"
_HALF = regex.compile(r"\p{Cs}")  # of a character; JSON can spell it, no text may hold it
_LONGEST_FIELD = 10_000_000  # characters of a CSV's field


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
        told = [[one.id, one.title, one.text] for one in self.documents]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def read_documents(path: Path) -> Collection:
    """The documents of a folder (its text files, and those of folders in it; a link that leads out of it
    is not followed) or of a file.

    Raises:
        BeaconvizError: nothing there, no text in it, another encoding, a line that is no document, or
            an id that comes twice.
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
    if ending in _JSON:
        return _collection(name, list(_of_lines(text, name)))
    if ending == ".csv":
        return _collection(name, list(_of_rows(text, name)))
    return _collection(name, [Document(name, "", text)])


def _check_ending(name: str) -> None:
    ending = Path(name).suffix.lower()
    if ending not in (*TEXTS, *_JSON, ".csv"):
        raise BeaconvizError(f"{name} ends with {ending or 'nothing'!r}; expected {_EXPECTED}")


def _of_lines(text: str, name: str) -> Iterator[Document]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        place = f"{name}, line {number}"
        try:
            record = json.loads(line)
        except ValueError as error:
            raise BeaconvizError(
                f"{place} is no JSON ({error}); expected a document a line: {_EXAMPLE}"
            ) from None
        if not isinstance(record, dict):
            raise BeaconvizError(f"{place} is a {type(record).__name__}; expected {_EXAMPLE}")
        yield _document(record, number, place)


def _of_rows(text: str, name: str) -> Iterator[Document]:
    csv.field_size_limit(_LONGEST_FIELD)
    rows = csv.DictReader(io.StringIO(text, newline=""))
    try:
        if "text" not in (rows.fieldnames or ()):
            found = ", ".join(rows.fieldnames or ()) or "none"
            raise BeaconvizError(
                f"{name} has the columns {found}; expected text, and id and title if there are any"
            )
        for number, row in enumerate(rows, 1):
            yield _document(row, number, f"{name}, row {number}")
    except csv.Error as error:
        raise BeaconvizError(
            f"{name} is no CSV ({error}); save it as comma-separated text"
        ) from None


def _document(record: dict[str, Any], number: int, place: str) -> Document:
    """A record as a document; without an id it goes by its number."""
    name = record.get("id")
    if isinstance(name, bool) or not isinstance(name, (str, int, type(None))):
        raise BeaconvizError(f"{place}: id is {name!r}; expected a text or a number")
    if "text" not in record:
        found = ", ".join(record) or "nothing"
        raise BeaconvizError(f"{place} has no text (found {found}); expected {_EXAMPLE}")
    fields = []
    for field, default in (("title", ""), ("text", None)):
        value = record.get(field, default)
        value = "" if value is None and field == "title" else value
        if not isinstance(value, str):
            raise BeaconvizError(
                f"{place}: {field} is {value!r}; expected a text, as in {_EXAMPLE}"
            )
        fields.append(value)
    return Document(str(name if name not in (None, "") else number), *fields)


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
