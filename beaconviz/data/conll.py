"""Labelled sentences, and CoNLL files of them: a word a line, its tag last, blank lines between.

EU  NNP  B-NP  B-ORG
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from sys import intern

import regex

from beaconviz.core.errors import BeaconvizError
from beaconviz.data.schemes import TAG, is_tag

COLUMNS = range(2, 5)
_BOUNDARY = "-DOCSTART-"  # CoNLL-2003 opens each document with a line of it
_SPACES = regex.compile(r"[ \t]+")


@dataclass(frozen=True)
class Sentence:
    """Words and their IOB2 tags, one each."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """A sentence as its file has it: tags of any scheme, and the line of each word."""

    words: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)


def label_names(sentences: Iterable[Sentence]) -> list[str]:
    """All labels that the tags need: "O", then "B-X" and "I-X" for each type in alphabetical order."""
    types = {tag[2:] for sentence in sentences for tag in sentence.tags if tag != "O"}
    return ["O", *(f"{prefix}-{kind}" for kind in sorted(types) for prefix in "BI")]


def conll_drafts(text: str, name: str) -> Iterator[Draft]:
    """The sentences of a CoNLL text with 2 to 4 columns, parted by tabs or by runs of spaces.

    Lines of -DOCSTART- end a sentence; lines that open with # and are no row are comments.

    Raises:
        BeaconvizError: columns that do not fit, or no tag, naming `name`, line and what was found.
    """
    draft, row_of = Draft(), _Rows(name)
    for number, line in enumerate(StringIO(text), start=1):
        if not line.strip() or line.startswith(_BOUNDARY):
            if draft.words:
                yield draft
                draft = Draft()
        elif row := row_of(number, line.rstrip("\n")):
            draft.words.append(row[0])
            draft.tags.append(row[1])
            draft.lines.append(number)
    if draft.words:
        yield draft


class _Rows:
    """Lines as word and tag. The first row says how columns are parted, and how many there are."""

    def __init__(self, name: str):
        self.name = name
        self.first: int | None = None  # its line
        self.width = 0
        self.split: Callable[[str], list[str]] = _at_spaces
        self.tags: dict[str, str] = {}  # those found good, each kept once

    def __call__(self, number: int, line: str) -> tuple[str, str] | None:
        """Word and tag of a line; None for a comment."""
        if line[0] == "#" and not self._is_row(line):
            return None
        if self.first is None:
            self._settle(number, line)
        columns = self.split(line)
        word, tag = columns[0], columns[-1]
        if len(columns) != self.width or not word.strip():
            raise self._error(number, line, self._expected())
        if tag not in self.tags:
            if not is_tag(tag):
                raise self._error(number, line, f"{TAG}, instead of {tag[:60]!r}")
            self.tags[tag] = tag
        return intern(word), self.tags[tag]  # a large file is mostly the same words

    def _settle(self, number: int, line: str) -> None:
        self.split = _splitter(line)
        self.width = len(self.split(line))
        if self.width not in COLUMNS:
            raise self._error(
                number,
                line,
                f"{COLUMNS[0]} to {COLUMNS[-1]} columns, parted by tabs or by spaces, "
                "the token first and the tag last",
            )
        self.first = number

    def _is_row(self, line: str) -> bool:
        columns = (self.split if self.first else _splitter(line))(line)
        fits = len(columns) == self.width if self.first else len(columns) in COLUMNS
        return fits and is_tag(columns[-1])

    def _expected(self) -> str:
        part = "<TAB>" if self.split is _at_tabs else " "
        columns = part.join(["token", *["…"] * (self.width - 2), "tag"])
        return f"{columns} ({self.width} columns, as in line {self.first})"

    def _error(self, number: int, line: str, expected: str) -> BeaconvizError:
        return BeaconvizError(
            f"{self.name}, line {number}: found {line[:60]!r}, expected {expected}"
        )


def _splitter(line: str) -> Callable[[str], list[str]]:
    return _at_tabs if "\t" in line else _at_spaces


def _at_tabs(line: str) -> list[str]:
    return line.rstrip(" ").split("\t")


def _at_spaces(line: str) -> list[str]:
    return _SPACES.split(line.strip(" "))  # str.split would part at no-break spaces as well
