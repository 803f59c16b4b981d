"""What annotation tools call a text, its spans, its words and its tags: one place for all of them.

| tool | a record |
| --- | --- |
| ours | {"text", "spans": [{"start", "end", "label"}]}, or {"words", "tags"} |
| doccano | {"text", "label" or "labels": [[start, end, label]]}, or "entities" (start_offset) |
| Prodigy | {"text", "spans", "answer"}; no spans where nothing is marked |
| Label Studio | {"data": {"text"}, "annotations": [{"result": […]}]}, or {"text", "label"} |
| spaCy | [text, {"entities": [[start, end, label]]}] |
| Hugging Face | {"tokens", "ner_tags"}, with the names of the tags |
"""

from __future__ import annotations

from typing import Any, NamedTuple

from beaconviz.core.errors import BeaconvizError

EXAMPLE = '{"text": "Ann sang", "spans": [{"start": 0, "end": 3, "label": "PER"}]}'

_SPANS = ("spans", "entities", "ents", "label", "labels", "annotations", "ner")
_WORDS = ("words", "tokens")
_TAGS = ("tags", "ner_tags", "labels", "label", "ner")
_EDGES = {
    "start": ("start", "start_offset", "startOffset", "start_char", "begin"),
    "end": ("end", "end_offset", "endOffset", "end_char", "stop"),
    "label": ("label", "labels", "type", "tag", "entity_group", "entity"),
}
_PRODIGY = ("answer", "_input_hash", "_task_hash")
_REJECTED = ("reject", "ignore")


class Field(NamedTuple):
    """An entry of a record, and what the record calls it."""

    value: Any
    name: str


class Record(NamedTuple):
    """A text with spans, or words with tags; the other two are None."""

    text: str | None = None
    spans: Field | None = None
    words: Field | None = None
    tags: Field | None = None


def record_of(data: Any) -> Record | None:
    """What a line's JSON, or an entry of a list, says; None for one that an annotator rejected.

    Raises:
        BeaconvizError: nothing that is known; names the fields that were found.
    """
    if isinstance(data, list) and len(data) == 2 and isinstance(data[1], dict):
        data = {**data[1], "text": data[0]}  # spaCy's pairs
    if not isinstance(data, dict):
        raise BeaconvizError(f"found {short(data)}, expected an object such as {EXAMPLE}")
    if data.get("answer") in _REJECTED:
        return None
    if isinstance(data.get("data"), dict) and ("annotations" in data or "completions" in data):
        return _label_studio(data)
    return _plain(data)


def _plain(data: dict[str, Any]) -> Record:
    spans, words, tags = _spans(data), _first(data, _WORDS), _first(data, _TAGS)
    if "text" in data and spans is not None:
        return Record(text=data["text"], spans=spans)
    if words is not None and tags is not None:
        return Record(words=words, tags=tags)
    if "text" in data and _is_prodigy(data, words):
        return Record(text=data["text"], spans=Field([], "spans"))
    raise BeaconvizError(
        f'found the fields {", ".join(map(repr, data))[:200] or "none"}, expected "text" and '
        f'"spans", or "words" and "tags", as in {EXAMPLE}'
    )


def _first(data: dict[str, Any], names: tuple[str, ...]) -> Field | None:
    return next((Field(data[name], name) for name in names if name in data), None)


def _spans(data: dict[str, Any]) -> Field | None:
    """The first field of spans; a list of texts is one of tags or of classes."""
    for name in _SPANS:
        value = data.get(name)
        if name in ("spans", "entities") and name in data:
            return Field([] if value is None else value, name)
        if isinstance(value, list) and not any(isinstance(entry, (str, int)) for entry in value):
            return Field(value, name)
    return None


def _is_prodigy(data: dict[str, Any], words: Field | None) -> bool:
    """Prodigy leaves "spans" out where nothing is marked."""
    tokens = words.value if words is not None and isinstance(words.value, list) else []
    return any(name in data for name in _PRODIGY) or any("start" in token for token in tokens[:1])


def _label_studio(data: dict[str, Any]) -> Record:
    """The first annotation that was not cancelled."""
    texts = [value for value in data["data"].values() if isinstance(value, str)]
    text = data["data"].get("text", texts[0] if len(texts) == 1 else None)
    if not isinstance(text, str):
        raise BeaconvizError(
            f'"data" is {short(data["data"])}, expected a text in it, called "text"'
        )
    name = "annotations" if "annotations" in data else "completions"
    done = [entry for entry in data[name] or () if not entry.get("was_cancelled")]
    results = done[0].get("result", []) if done else []
    values = [entry["value"] for entry in results if "labels" in entry.get("value", {})]
    return Record(text=text, spans=Field(values, f"{name}[0].result"))


def edges(entry: Any, field: str) -> tuple[Any, Any, Any]:
    """Start, end and label of a span, whatever they are called.

    Raises:
        BeaconvizError: one is missing; says which, and the fields that were found.
    """
    if isinstance(entry, list) and len(entry) == 3:
        start, end, label = entry
        return start, end, label
    if not isinstance(entry, dict):
        raise BeaconvizError(f'{field} is {short(entry)}, expected "start", "end" and "label"')
    found = {}
    for what, names in _EDGES.items():
        value = _first(entry, names)
        if value is None:
            raise BeaconvizError(
                f"{field} has no {what} (found the fields {', '.join(map(repr, entry))[:200]}); "
                f'expected "start", "end" and "label": rename the field that is the {what}'
            )
        found[what] = value.value
    return found["start"], found["end"], _one_label(found["label"], field)


def _one_label(label: Any, field: str) -> Any:
    """Label Studio gives a list of labels."""
    if not isinstance(label, list):
        return label
    if len(label) != 1:
        raise BeaconvizError(
            f"{field} has {len(label)} labels ({short(label)}), expected one: keep one"
        )
    return label[0]


def short(value: Any) -> str:
    """A value as an error shows it."""
    return "missing" if value is None else repr(value)[:60]
