"""Labelled sentences from CoNLL files: `token<TAB>tag` a line, a blank line between sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from beaconviz.core.errors import BeaconvizError


@dataclass(frozen=True)
class Sentence:
    """Words and their IOB2 tags, one each."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


def read_conll(path: Path) -> list[Sentence]:
    """The sentences of a file. Raises BeaconvizError naming file, line, what was found and expected."""
    sentences = [_sentence(rows) for rows in _blocks(path, _text(path))]
    if not sentences:
        raise BeaconvizError(f"{path} has no sentences: expected lines of token<TAB>tag")
    return sentences


def label_names(sentences: list[Sentence]) -> list[str]:
    """All labels that the tags need: "O", then "B-X" and "I-X" for each type in alphabetical order."""
    types = {tag[2:] for sentence in sentences for tag in sentence.tags if tag != "O"}
    return ["O", *(f"{prefix}-{kind}" for kind in sorted(types) for prefix in "BI")]


def _text(path: Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise BeaconvizError(
            f"cannot read {path}: {error.strerror}; expected a CoNLL file of token<TAB>tag lines"
        ) from None
    except UnicodeDecodeError as error:
        raise BeaconvizError(
            f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8"
        ) from None


def _blocks(path: Path, text: str) -> Iterator[list[tuple[str, str]]]:
    rows: list[tuple[str, str]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            rows.append(_row(f"{path}, line {number}", line.rstrip("\r")))
        elif rows:
            yield rows
            rows = []
    if rows:
        yield rows


def _row(where: str, line: str) -> tuple[str, str]:
    word, _, tag = line.partition("\t")
    if not word.strip() or "\t" in tag or not is_tag(tag):
        raise BeaconvizError(
            f"{where}: found {line[:60]!r}, expected token<TAB>tag with a tag O, B-TYPE or I-TYPE"
        )
    return word, tag


def is_tag(tag: str) -> bool:
    """Whether it is "O", "B-TYPE" or "I-TYPE"."""
    return tag == "O" or (tag[:2] in ("B-", "I-") and len(tag) > 2 and not tag[2:].isspace())


def _sentence(rows: list[tuple[str, str]]) -> Sentence:
    words, tags = zip(*rows, strict=True)
    return Sentence(words, tags)
