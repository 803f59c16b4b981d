"""What annotation tools call a text, its spans, its words and its tags: one place for all of them.

| tool | a record |
| --- | --- |
| ours | {"text", "spans": [{"start", "end", "label"}]}, or {"words", "tags"} |
| doccano | {"text" or "data", "label" or "labels": [[start, end, label]]}, or "entities" |
| Prodigy | {"text", "spans", "answer"}; no spans where nothing is marked |
| Label Studio | {"data": {"text"}, "annotations": [{"result": […]}]}, or {"text", "label"} |
| Argilla | {"text", "annotation": [{"start", "end", "label"} or [label, start, end]]} |
| Azure | {"text", "entities": [{"offset", "length", "category"}]} |
| spaCy | [text, {"entities": [[start, end, label]]}] |
| by type | {"text", "entities": {type: [[start, end]]}} |
| CLUENER | {"text", "label": {type: {name: [[start, last]]}}} |
| DataTurks | {"content", "annotation": [{"label", "points": [{"start", "end" (last), "text"}]}]} |
| GLiNER | {"tokenized_text", "ner": [[first word, last word, label]]} |
| SpERT | {"tokens", "entities": [{"start", "end", "type"}]}, of words, the end after the last |
| Hugging Face | {"tokens", "ner_tags"}, with the names of the tags, or numbers (see `numbered`) |
"""

from __future__ import annotations

from typing import Any

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.schema import read_as, short
from beaconviz.data.shapes import SPANS, ByType, Cluener, DataTurks, Grouped, LeftOut, Record, Task
from beaconviz.data.spans import Field

EXAMPLE = '{"text": "Ann sang", "spans": [{"start": 0, "end": 3, "label": "PER"}]}'

_TEXTS = ("text", "data", "sentence", "content")
_WORDS = ("words", "tokens")
_TAGS = ("tags", "ner_tags", "labels", "label", "ner")
_DONE = ("annotations", "completions", "predictions")  # of a task of Label Studio
_PRODIGY = ("answer", "_input_hash", "_task_hash")
_REJECTED = {"answer": ("reject", "ignore"), "status": ("Discarded", "discarded")}


def record_of(data: Any) -> Record | LeftOut:
    """What a line's JSON, or an entry of a list, says.

    Raises:
        BeaconvizError: nothing that is known; names the fields that were found.
    """
    if isinstance(data, list) and len(data) == 2 and isinstance(data[1], dict):
        data = {**data[1], "text": data[0]}  # spaCy's pairs
    if not isinstance(data, dict):
        raise BeaconvizError(f"found {short(data)}, expected an object such as {EXAMPLE}")
    if any(data.get(name) in values for name, values in _REJECTED.items()):
        return LeftOut.REJECTED
    if isinstance(data.get("data"), dict) and _first(data, _DONE):
        return read_as(Task, data, "the task").record()
    if "tokenized_text" in data and isinstance(data.get("ner"), list):  # GLiNER
        words = Field(data["tokenized_text"], "tokenized_text")
        return Record(words=words, spans=_numbered(data["ner"], "ner"), last=1)
    return _flat(data)


def _flat(data: dict[str, Any]) -> Record | LeftOut:
    text, spans = _text(data), _spans(data)
    words, tags = _first(data, _WORDS), _first(data, _TAGS)
    if text is not None and spans is not None:
        if spans.value is None and not _is_prodigy(data, words):
            return LeftOut.NOT_ANNOTATED
        return _with_spans(text, spans)
    if words is not None and tags is not None:
        return Record(words=words, tags=tags)
    if words is not None and isinstance(data.get("entities"), list):
        return _spert(words, data["entities"])
    if text is not None and _is_prodigy(data, words):
        return Record(text=text.value, spans=())
    raise BeaconvizError(
        f'found the fields {", ".join(map(repr, data))[:200] or "none"}, expected "text" and '
        f'"spans", or "words" and "tags", as in {EXAMPLE}'
    )


def _first(data: dict[str, Any], names: tuple[str, ...]) -> Field | None:
    return next((Field(data[name], name) for name in names if name in data), None)


def _text(data: dict[str, Any]) -> Field | None:
    """The field "text", or the only other one that may be the text."""
    if "text" in data:
        return Field(data["text"], "text")
    texts = [Field(data[name], name) for name in _TEXTS if isinstance(data.get(name), str)]
    if len(texts) > 1:
        names = " and ".join(repr(text.name) for text in texts)
        raise BeaconvizError(
            f'found the texts {names}, expected one: rename that with the entities to "text"'
        )
    return texts[0] if texts else None


def _spans(data: dict[str, Any]) -> Field | None:
    """The first field of spans, one with entries before an empty one; a list of texts is one of
    tags or of classes."""
    every = [Field(data[name], name) for name in SPANS if _may_be_spans(data, name)]
    return next((spans for spans in every if spans.value), every[0] if every else None)


def _may_be_spans(data: dict[str, Any], name: str) -> bool:
    value = data.get(name)
    if isinstance(value, list):
        return name in SPANS[:2] or not any(isinstance(entry, (str, int)) for entry in value)
    if isinstance(value, dict):
        return name in SPANS[:2] or name in ("label", "labels")
    return name in data and (name in SPANS[:2] or (name == "annotation" and value is None))


def _is_prodigy(data: dict[str, Any], words: Field | None) -> bool:
    """Prodigy leaves "spans" out where nothing is marked."""
    tokens = words.value if words is not None and isinstance(words.value, list) else []
    return any(name in data for name in _PRODIGY) or any(
        isinstance(token, dict) and "start" in token for token in tokens[:1]
    )


def _with_spans(text: Field, spans: Field) -> Record:
    entries, name = spans
    if isinstance(entries, dict) and name != "spans":
        nested = any(isinstance(value, dict) for value in entries.values())
        return _grouped(Cluener if nested else ByType, text, spans)
    if entries is not None and not isinstance(entries, list):
        raise BeaconvizError(f"{name} is {short(entries)}, expected a list of spans")
    if any(isinstance(entry, dict) and "points" in entry for entry in entries or ()):
        return _grouped(DataTurks, text, spans)
    return Record(text=text.value, spans=_numbered(entries or [], name))


def _grouped(shape: type[Grouped], text: Field, spans: Field) -> Record:
    return read_as(shape, {spans.name: spans.value}, spans.name).record(text.value, spans.name)


def _spert(words: Field, entities: list[Any]) -> Record:
    spans = _numbered(entities, "entities")
    for entry, name in spans:
        if not isinstance(entry, dict) or not {"type", "start", "end"} <= entry.keys():
            raise BeaconvizError(
                f'{name} is {short(entry)}, expected "type", "start" and "end" of words, the end '
                'after the last, as SpERT writes them; spans of characters need a "text" too'
            )
    return Record(words=words, spans=spans)


def _numbered(entries: list[Any], name: str) -> tuple[Field, ...]:
    return tuple(Field(entry, f"{name}[{number}]") for number, entry in enumerate(entries))
