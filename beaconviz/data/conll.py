"""Labelled sentences, and CoNLL files: a word per line with its tag last, sentences separated by
blank lines.

EU  NNP  B-NP  B-ORG
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO
from sys import intern
from typing import NamedTuple

import regex

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Word, placed_words
from beaconviz.data import conllu, webanno
from beaconviz.data.schemes import TAG, is_tag, tags_spelled

COLUMNS = range(2, 5)
_BOUNDARY = "-DOCSTART-"  # opens each document of CoNLL-2003
_SPACES = regex.compile(r"[ \t]+")
_LANGUAGE = regex.compile(r"^[a-z]{2,3}(-[a-z]+)*:(?=.)")  # before each word of WikiANN and PAN-X


@dataclass(frozen=True)
class Sentence:
    """Words with an IOB2 tag each.

    text: the original text, if the file has it, with the words of `split_words`. Without it words
    are joined by spaces (see `core.words.join_words`).
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]
    text: str | None = None

    @property
    def as_written(self) -> str | tuple[str, ...]:
        """The input for a model: the text, or the words if there is none."""
        return self.words if self.text is None else self.text

    @property
    def whole(self) -> str:
        """The text that a model reads."""
        return placed_words(self.as_written)[0]

    @property
    def placed(self) -> tuple[Word, ...]:
        """The words, by their characters in `whole`."""
        return placed_words(self.as_written)[1]


@dataclass(frozen=True)
class Draft:
    """A sentence as read from a file: tags of any scheme, the line of each word, and the text."""

    words: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    text: str | None = None


class TableRow(NamedTuple):
    """A line of a file: its number and its columns."""

    line: int
    columns: list[str]


class Layout(NamedTuple):
    """The columns of word and tag, and whether a language code precedes every word ("en:Ann")."""

    word: int = 0
    tag: int = -1
    prefixed: bool = False

    def word_in(self, columns: Sequence[str]) -> str:
        word = columns[self.word]
        return _LANGUAGE.sub("", word, count=1) if self.prefixed else word


def label_names(sentences: Iterable[Sentence]) -> list[str]:
    """All labels for the tags: "O", then "B-X" and "I-X" for each type, in alphabetical order."""
    types = {tag[2:] for sentence in sentences for tag in sentence.tags if tag != "O"}
    return ["O", *(f"{prefix}-{kind}" for kind in sorted(types) for prefix in "BI")]


def conll_drafts(text: str, name: str) -> Iterator[Draft]:
    """The sentences of a CoNLL text with 2 to 4 columns, separated by tabs or spaces; or of a
    treebank (CoNLL-U), which has ten; or in WebAnno TSV.

    -DOCSTART- lines end a sentence; lines that begin with # and are not rows are comments. A first
    column with word numbers is skipped, and so is a language code before every word ("en:Ann"). Of
    two tag columns after a number (GermEval) the first is read, which has the outer entities.

    Raises:
        BeaconvizError: wrong columns or another format; with `name`, the line and what was found.
    """
    if webanno.is_webanno(text):
        yield from map(_draft, webanno.webanno_sentences(text, name))
        return
    if conllu.is_treebank(text):
        alone = conllu.leaves_out_o(text)
        for rows in _sentences(text, name, conllu.COLUMNS):
            placed = [(row.line, row.columns) for row in rows]
            yield _draft(conllu.tagged(placed, name, names_alone=alone))
        return
    layout = _layout(_sentences(text, name, COLUMNS))
    for rows in _sentences(text, name, COLUMNS):
        yield _draft(
            (row.line, layout.word_in(row.columns), row.columns[layout.tag]) for row in rows
        )


def _draft(rows: Iterable[tuple[int, str, str]]) -> Draft:
    lines, words, tags = zip(*rows, strict=True)
    # Words repeat often in a large file.
    return Draft(list(map(intern, words)), list(map(intern, tags)), list(lines))


def _sentences(text: str, name: str, widths: range) -> Iterator[list[TableRow]]:
    """The rows of each sentence."""
    rows: list[TableRow] = []
    columns_of = _Columns(name, widths)
    for number, line in enumerate(StringIO(text), start=1):
        if not line.strip() or line.startswith(_BOUNDARY):
            if rows:
                yield rows
                rows = []
        elif columns := columns_of(number, line.rstrip("\n")):
            rows.append(TableRow(number, columns))
    if rows:
        yield rows


def _layout(sentences: Iterable[list[TableRow]]) -> Layout:
    """The layout of the columns, from all rows."""
    bases, longest, width = {0, 1}, 0, 0
    prefixed = True
    outer: set[str] = set()
    inner: set[str] = set()
    for rows in sentences:
        longest, width = max(longest, len(rows)), len(rows[0].columns)
        firsts = [row.columns[0] for row in rows]
        bases &= {n for n in bases if firsts == [str(n + k) for k in range(len(rows))]}
        prefixed = prefixed and all(map(_LANGUAGE.match, firsts))
        outer |= {row.columns[-2] for row in rows}
        inner |= {row.columns[-1] for row in rows}
    if bases and longest > 1 and width > 2:
        nested = width == COLUMNS[-1] and _are_nested(outer, inner)
        return Layout(word=1, tag=-2 if nested else -1)
    return Layout(prefixed=prefixed)


def _are_nested(outer: set[str], inner: set[str]) -> bool:
    """Whether two columns are tags of the same types, not chunks and entities."""
    out, into = ({name[2:] for name in tags_spelled(tags).values()} for tags in (outer, inner))
    names, more = out - {""}, into - {""}
    return set(tags_spelled(outer)) == outer and bool(names) and (not more or bool(names & more))


class _Columns:
    """Splits lines into columns. The first row determines the separator and number of columns."""

    def __init__(self, name: str, widths: range):
        self.name, self.widths = name, widths
        self.first: int | None = None  # its line
        self.width = 0
        self.split: Callable[[str], list[str]] = _at_spaces

    def __call__(self, number: int, line: str) -> list[str] | None:
        """The columns of a line; None for a comment."""
        if line[0] == "#" and not self._is_row(line):
            return None
        if self.first is None:
            self._settle(number, line)
        columns = self.split(line)
        if len(columns) != self.width or not columns[0].strip():
            raise self._error(number, line, self._expected())
        if not columns[-1]:
            raise self._error(number, line, f"{TAG}, instead of ''")
        return columns

    def _settle(self, number: int, line: str) -> None:
        self.split = _splitter(line)
        self.width = len(self.split(line))
        if self.width not in self.widths:
            raise self._error(
                number,
                line,
                f"{COLUMNS[0]} to {COLUMNS[-1]} columns, parted by tabs or by spaces, "
                "the token first and the tag last",
            )
        self.first = number

    def _is_row(self, line: str) -> bool:
        columns = (self.split if self.first else _splitter(line))(line)
        fits = len(columns) == self.width if self.first else len(columns) in self.widths
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
    # str.split would also split at no-break spaces.
    fields: list[str] = _SPACES.split(line.strip(" "))
    return fields
