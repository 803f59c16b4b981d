"""WebAnno TSV 3, as exported by INCEpTION and WebAnno: a token per line, its entities in the column
of a layer.

#FORMAT=WebAnno TSV 3.3
#T_SP=de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity|identifier|value

#Text=Ann Lee sang
1-1	0-3	Ann	*	PER[1]
"""

from collections.abc import Iterator
from io import StringIO

import regex

from beaconviz.core.errors import BeaconvizError

_OPENING = "#FORMAT=WebAnno TSV"
_NOTHING = ("_", "")
_UNSET = "*"  # an annotation without a value
_PLACE = regex.compile(r"\d+-\d+(\.\d+)?")
_VALUE = regex.compile(r"(?P<label>.*?)((?<!\\)\[(?P<number>\d+)\])?")
_SEPARATOR = regex.compile(r"(?<!\\)\|")  # between the annotations of one token
_ESCAPED = regex.compile(r"\\(.)")

Row = tuple[int, str, str]  # line, word, tag


def is_webanno(text: str) -> bool:
    """Whether a text has the header of this format."""
    return text.startswith(_OPENING)


def webanno_sentences(text: str, name: str) -> Iterator[list[Row]]:
    """Line, word and IOB2 tag of the tokens of each sentence. An annotation of a part of
    a token counts for the whole token if that has none.

    Raises:
        BeaconvizError: no layer of named entities, an annotation without a value, or an invalid
            line; with `name` and the line.
    """
    column = _column(text, name)
    rows: list[tuple[int, str, str]] = []
    for number, line in enumerate(StringIO(text), start=1):
        fields = line.rstrip("\n").split("\t")
        if line.startswith("#") or not line.strip():
            if rows:
                yield _tagged(rows, name)
            rows = []
        elif _PLACE.fullmatch(fields[0]) is None or len(fields) <= column:
            raise BeaconvizError(
                f"{name}, line {number}: found {line[:60]!r}, expected a number such as 1-1, the "
                f"characters, the token and {column - 2} columns of layers, between tabs"
            )
        elif "." not in fields[0]:
            rows.append((number, _ESCAPED.sub(r"\1", fields[2]), fields[column]))
        elif rows and rows[-1][2] in _NOTHING:
            rows[-1] = (*rows[-1][:2], fields[column])
    if rows:
        yield _tagged(rows, name)


def _column(text: str, name: str) -> int:
    """The column of the entities: of the layer of named entities, or of the only span layer."""
    layers: list[tuple[str, int, list[str]]] = []
    column = 3  # after the number, the characters and the token
    for line in StringIO(text):
        if line.startswith(("#T_SP=", "#T_CH=", "#T_RL=")):
            layer, *features = line.strip().partition("=")[2].split("|")
            layers.append((layer if line.startswith("#T_SP=") else "", column, features))
            column += max(1, len(features))
        elif not line.startswith("#") and line.strip():
            break
    spans = [layer for layer in layers if layer[0]]
    named = [layer for layer in spans if "NamedEntity" in layer[0]] or spans
    if len(named) != 1:
        names = ", ".join(layer[0] for layer in spans) or "none"
        raise BeaconvizError(
            f"{name} has the span layers {names}; expected one called NamedEntity: export that alone"
        )
    _, column, features = named[0]
    return column + (features.index("value") if "value" in features else 0)


def _tagged(rows: list[tuple[int, str, str]], name: str) -> list[Row]:
    tagged: list[Row] = []
    before: str | None = None
    for line, word, value in rows:
        first = _SEPARATOR.split(value)[0]  # the outermost of nested ones
        match = _VALUE.fullmatch(first)
        if first in _NOTHING or match is None:
            tagged.append((line, word, "O"))
            before = None
            continue
        if match["label"] == _UNSET:
            raise BeaconvizError(
                f"{name}, line {line}: the annotation of {word[:60]!r} has no value (*); expected a type "
                "such as PER: give it one in the tool, or take the annotation out"
            )
        label = _ESCAPED.sub(r"\1", match["label"])
        goes_on = match["number"] is not None and first == before
        tagged.append((line, word, f"{'I' if goes_on else 'B'}-{label}"))
        before = first
    return tagged
