"""Read and check data sets: labelled sentences from a CoNLL or JSON Lines file, in IOB2.

data = read_dataset(Path("news.conll"), tag_map={"LOCATION": "LOC", "MISC": "O"})
data.for_labels(model.labels)
"""

import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import regex

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.labels import split_label
from beaconviz.core.words import MAX_CHARACTERS
from beaconviz.data.conll import Draft, Sentence, conll_drafts
from beaconviz.data.jsonl import Skipped, jsonl_drafts
from beaconviz.data.numbered import TagNames, names_beside
from beaconviz.data.records import EXAMPLE
from beaconviz.data.schemes import TAG, scheme_of, tags_spelled, to_iob2
from beaconviz.data.textfile import decode, read_text

_JSON_ENDINGS = (".jsonl", ".ndjson", ".json")
_OPENS_JSON = regex.compile(r'\s*(\{\s*["}]|\[\s*(\{|\[)\s*")')
_NO_WORD = regex.compile(r"[\s\p{Cc}\p{Cs}]")  # characters that join_words refuses
_VISIBLE = regex.compile(r"[^\p{Cf}\p{M}]")
_ALIKE = (  # types of about the same meaning: suggested in errors, never applied
    ("PER", "PERSON", "PERS", "PEOPLE"),
    ("LOC", "LOCATION", "GPE", "PLACE", "GEO"),
    ("ORG", "ORGANIZATION", "ORGANISATION", "CORPORATION", "COMPANY", "GROUP"),
    ("MISC", "MISCELLANEOUS", "OTHER"),
)


@dataclass(frozen=True)
class Dataset:
    """Labelled sentences.

    name: of the file. types: those of the sentences, in alphabetical order. scheme: the tag scheme
    of the file (see `scheme_of`; spans count as IOB2); the tags of `sentences` are always IOB2.
    remarks: one sentence for each kind of thing that was left out.
    """

    name: str
    sentences: tuple[Sentence, ...]
    types: tuple[str, ...]
    scheme: str
    remarks: tuple[str, ...] = ()

    def for_labels(self, labels: Sequence[str]) -> "Dataset":
        """This data set, if all of its types are among a model's labels.

        Raises:
            BeaconvizError: types that the labels lack, with a --map that fixes it.
        """
        model_types = [
            kind for kind in dict.fromkeys(split_label(label)[1] for label in labels) if kind
        ]
        if not model_types:
            raise BeaconvizError("the model names no entities: take one with labels such as B-PER")
        if lacking := [kind for kind in self.types if kind not in model_types]:
            mend = " ".join(
                f"--map {shlex.quote(f'{kind}={_likely(kind, model_types)}')}" for kind in lacking
            )
            raise BeaconvizError(
                f"{self.name} has {', '.join(lacking)}, which the model lacks; it has "
                f"{', '.join(model_types)}: map them, as with {mend} (O drops a type)"
            )
        return self


def read_dataset(path: Path, *, tag_map: Mapping[str, str] | None = None) -> Dataset:
    """The data set of a CoNLL file (2 to 4 columns) or a JSON Lines file (see `jsonl_drafts`).

    tag_map: type in the file → type of the model, or "O" to drop it. The names of numbered tags
    may stand in a file beside it (see `names_beside`).

    Raises:
        BeaconvizError: with the file, the line, what was found and what was expected.
    """
    beside = partial(names_beside, Path(path))
    return _dataset(read_text(path), str(path), Path(path).name, tag_map, beside)


def read_dataset_text(
    data: str | bytes, name: str, *, tag_map: Mapping[str, str] | None = None
) -> Dataset:
    """The same for an upload called `name`."""
    raw = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    return _dataset(decode(raw, name), name, name, tag_map)


def parse_tag_map(pairs: Iterable[str]) -> dict[str, str]:
    """The tag map of a command line.

    >>> parse_tag_map(["LOCATION=LOC", "MISC=O"])
    {'LOCATION': 'LOC', 'MISC': 'O'}

    Raises:
        BeaconvizError: not of the form "A=B", tags instead of types, or two targets for one type.
    """
    tag_map: dict[str, str] = {}
    for pair in pairs:
        source, _, target = (part.strip() for part in pair.partition("="))
        if not source or not target or "=" in target:
            raise BeaconvizError(
                f"the map {pair!r} is not of the form FROM=TO: write LOCATION=LOC, or MISC=O "
                "to drop a type"
            )
        if source == "O" or any(name[:2] in ("B-", "I-") for name in (source, target)):
            raise BeaconvizError(f"the map {pair!r} names tags: write types, as in LOCATION=LOC")
        if tag_map.setdefault(source, target) != target:
            raise BeaconvizError(
                f"{source} is mapped to both {tag_map[source]} and {target}: keep one"
            )
    return tag_map


def _dataset(
    text: str,
    where: str,
    name: str,
    tag_map: Mapping[str, str] | None,
    tag_names: TagNames | None = None,
) -> Dataset:
    """where: the name of the file in errors."""
    in_json = name.lower().endswith(_JSON_ENDINGS) or _OPENS_JSON.match(text)
    read = list(jsonl_drafts(text, where, tag_names) if in_json else conll_drafts(text, where))
    drafts = [draft for draft in read if isinstance(draft, Draft)]
    remarks = _remarks(skipped for skipped in read if isinstance(skipped, Skipped))
    for draft in drafts:
        _check_words(draft, where)
    if not drafts and remarks:
        raise BeaconvizError(
            f"{where} has no annotated sentence; expected at least one: annotate some and export "
            f"them again. {' '.join(remarks)}"
        )
    if not drafts:
        raise BeaconvizError(
            f"{where} has no sentences: expected lines of token<TAB>tag, or of JSON such as "
            f"{EXAMPLE}"
        )
    written = _tags(drafts, where)
    try:
        scheme = scheme_of(written)
    except BeaconvizError as error:
        raise BeaconvizError(f"{where}: {error}") from None
    sentences = [
        Sentence(tuple(draft.words), to_iob2(tags), draft.text)
        for draft, tags in zip(drafts, written, strict=True)
    ]
    mapped = _mapped(sentences, tag_map or {})
    types = {tag[2:] for sentence in mapped for tag in sentence.tags if tag != "O"}
    return Dataset(name, mapped, tuple(sorted(types)), scheme, remarks)


def _remarks(every: Iterable[Skipped]) -> tuple[str, ...]:
    """A sentence for each reason, with the numbers of the first records."""
    numbers: dict[str, list[str]] = defaultdict(list)
    for skipped in every:
        numbers[skipped.reason].append(f"{skipped.number:,}")
    return tuple(
        f"Left out: {reason} ({len(of):,}: number {', '.join([*of[:5], *['…'] * (len(of) > 5)])})."
        for reason, of in numbers.items()
    )


def _tags(drafts: Sequence[Draft], where: str) -> list[list[str]]:
    """The tags of each sentence in the standard spelling."""
    names = tags_spelled(tag for draft in drafts for tag in draft.tags)
    for draft in drafts:
        for tag, word, line in zip(draft.tags, draft.words, draft.lines, strict=True):
            if tag not in names:
                raise BeaconvizError(
                    f"{where}, line {line}: found the tag {tag[:60]!r} at the word {word[:60]!r}, "
                    f"expected {TAG}"
                )
    return [[names[tag] for tag in draft.tags] for draft in drafts]


def _check_words(draft: Draft, where: str) -> None:
    """Raises for words that a model cannot read."""
    together = "".join(draft.words)
    if _NO_WORD.search(together):
        word, line = next(
            pair for pair in zip(draft.words, draft.lines, strict=True) if _NO_WORD.search(pair[0])
        )
        raise BeaconvizError(
            f"{where}, line {line}: found the word {word[:60]!r}, expected one without white space "
            "or control characters: take them out, or make it several words"
        )
    if not _VISIBLE.search(together):
        raise BeaconvizError(
            f"{where}, line {draft.lines[0]}: found a sentence of invisible characters only; "
            "expected at least one word: take it out"
        )
    if len(together) + len(draft.words) > MAX_CHARACTERS:
        raise BeaconvizError(
            f"{where}, line {draft.lines[0]}: found a sentence of {len(draft.words):,} words, "
            f"expected at most {MAX_CHARACTERS:,} characters: put a blank line between sentences"
        )


def _mapped(sentences: list[Sentence], tag_map: Mapping[str, str]) -> tuple[Sentence, ...]:
    tags = {tag for sentence in sentences for tag in sentence.tags}
    new = {tag: _mapped_tag(tag, tag_map) for tag in tags}
    return tuple(replace(s, tags=tuple(new[tag] for tag in s.tags)) for s in sentences)


def _mapped_tag(tag: str, tag_map: Mapping[str, str]) -> str:
    kind = tag_map.get(tag[2:], tag[2:])
    return "O" if "O" in (tag, kind) else f"{tag[:2]}{kind}"


def _likely(kind: str, model_types: Sequence[str]) -> str:
    """The model's type that `kind` may correspond to, else "O"."""
    name = kind.upper()
    synonyms = {name, *next((names for names in _ALIKE if name in names), ())}
    return next((model_type for model_type in model_types if model_type.upper() in synonyms), "O")
