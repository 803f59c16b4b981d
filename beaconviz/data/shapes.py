"""Records whose entities are nested, as some tools write them, and what all records become."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any, ClassVar, NamedTuple

import pydantic
from pydantic import AliasChoices, BaseModel, ConfigDict

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.schema import short, where
from beaconviz.data.spans import Field

# What tools call the spans of a text.
SPANS = ("spans", "entities", "ents", "label", "labels", "annotations", "annotation", "ner")


class LeftOut(StrEnum):
    """Why a record is no sentence."""

    NOT_ANNOTATED = "records that nobody annotated with entities"
    REJECTED = "records that an annotator rejected or skipped"


class Record(NamedTuple):
    """A text or words, with spans or tags; the others are None.

    last: 1 where the end of a span is its last character or word, 0 where it is the one after.
    """

    text: Any = None
    words: Field | None = None
    spans: tuple[Field, ...] | None = None
    tags: Field | None = None
    last: int = 0


class _Shape(BaseModel):
    """A nested part of a record; fields that are not read may be there too."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class Grouped(_Shape):
    """Spans of a text that are grouped, by their type for example.

    last: as in `Record`.
    """

    last: ClassVar[int]

    def record(self, text: Any, name: str) -> Record:
        """Of the spans in the field `name`."""
        return Record(text=text, spans=tuple(self.entries(name)), last=self.last)

    @abstractmethod
    def entries(self, name: str) -> Iterator[Field]:
        """A span each, with its place in the record."""


_OF_TEXT = pydantic.Field(validation_alias=AliasChoices(*SPANS))
Pair = Annotated[list[int], pydantic.Field(min_length=2, max_length=2)]


class ByType(Grouped):
    """Spans by their type, the end after the last character."""

    last = 0
    spans: dict[str, list[Pair]] = _OF_TEXT

    def entries(self, name: str) -> Iterator[Field]:
        for kind, pairs in self.spans.items():
            for number, pair in enumerate(pairs):
                yield Field([*pair, kind], where((name, kind, number)))


class Cluener(Grouped):
    """Spans by their type and their text; the end is the last character."""

    last = 1
    spans: dict[str, dict[str, list[Pair]]] = _OF_TEXT

    def entries(self, name: str) -> Iterator[Field]:
        for kind, texts in self.spans.items():
            for text, pairs in texts.items():
                for number, (start, end) in enumerate(pairs):
                    entry = {"start": start, "end": end, "label": kind, "text": text}
                    yield Field(entry, where((name, kind, text, number)))


class _Point(_Shape):
    start: int
    end: int
    text: str


class _Points(_Shape):
    label: list[str]
    points: list[_Point]


class DataTurks(Grouped):
    """Labels, each with its places in the text; the end is the last character."""

    last = 1
    spans: list[_Points] = _OF_TEXT

    def entries(self, name: str) -> Iterator[Field]:
        for number, entry in enumerate(self.spans):
            for n, point in enumerate(entry.points):
                place = where((name, number, "points", n))
                yield Field({**point.model_dump(), "label": entry.label}, place)


class _Result(_Shape):
    """A span, a choice, a relation, …: what an annotator did in Label Studio."""

    value: dict[str, Any] = {}


class _Annotation(_Shape):
    """What one annotator made of a task; skipped is what version 0 called was_cancelled."""

    result: list[_Result] | None = None
    was_cancelled: bool | None = None
    skipped: bool | None = None
    ground_truth: bool | None = None

    def spans(self, name: str) -> tuple[Field, ...] | None:
        """The spans; None where it says nothing of entities, but chooses a class, for example."""
        results = [
            Field(result.value, f"{name}.result[{number}]")
            for number, result in enumerate(self.result or ())
        ]
        for value, place in results:
            other = [key for key in value if key.endswith("labels") and key != "labels"]
            if other:
                raise BeaconvizError(
                    f'{place} has {other[0]!r}, expected "labels" of a plain text: label it with '
                    "<Labels> and <Text>, or take this out"
                )
        spans = tuple(each for each in results if "labels" in each.value)
        return spans if spans or self.result == [] else None


class Task(_Shape):
    """A task of Label Studio; its predictions are a model's, and not read."""

    data: dict[str, Any]
    annotations: list[_Annotation] | None = None
    completions: list[_Annotation] | None = None

    def record(self) -> Record | LeftOut:
        """What the annotation called ground truth says, else the first that says something."""
        name = "completions" if self.annotations is None else "annotations"
        every = list(enumerate(getattr(self, name) or ()))
        done = [each for each in every if not (each[1].was_cancelled or each[1].skipped)]
        done.sort(key=lambda each: not each[1].ground_truth)
        spans = [annotation.spans(f"{name}[{n}]") for n, annotation in done]
        text = self._text()
        if every and not done:
            return LeftOut.REJECTED
        first = next((each for each in spans if each is not None), None)
        return LeftOut.NOT_ANNOTATED if first is None else Record(text=text, spans=first)

    def _text(self) -> str:
        texts = [value for value in self.data.values() if isinstance(value, str)]
        text = self.data.get("text", texts[0] if len(texts) == 1 else None)
        if not isinstance(text, str):
            raise BeaconvizError(
                f'"data" is {short(self.data)}, expected a text in it, called "text"'
            )
        return text
