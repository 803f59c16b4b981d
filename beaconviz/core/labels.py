"""Read the spellings of entity labels in models and data files.

A label is read as "O", a bare type ("PER"), or a letter, a dash and a type ("B-PER"). The letters
are those of BIO, BIOES, BILOU, BMES and BMEWO: B begins an entity, I and M continue it, E and L
end it, S, U and W mark an entity of a single word. Their names ("BEGIN", "INSIDE") are read as the
letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from unicodedata import normalize

import regex

OUTSIDE = "O"
UNNAMED = "ENTITY"  # the type of a label that is only a letter

_NAMES = {
    "BEGIN": "B",
    "BEGINNING": "B",
    "BEG": "B",
    "INSIDE": "I",
    "IN": "I",
    "INTERMEDIATE": "I",
    "MIDDLE": "M",
    "MID": "M",
    "END": "E",
    "LAST": "L",
    "SINGLE": "S",
    "SINGLETON": "S",
    "UNIT": "U",
    "UNIQUE": "U",
}
_LETTER = rf"([BIMELSUW]|{'|'.join(_NAMES)})"
_BREAK = r"[\p{Pd}_:./|+ ]"
_BEFORE = regex.compile(rf"{_LETTER}{_BREAK}+(\S(?:.*\S)?)", regex.IGNORECASE)
_AFTER = regex.compile(rf"(\S(?:.*\S)?){_BREAK}+{_LETTER}", regex.IGNORECASE)
_ALONE = regex.compile(_LETTER, regex.IGNORECASE)
_CUT_OFF = regex.compile(rf"{_LETTER}{_BREAK}+", regex.IGNORECASE)  # "B-" without a type
_GLUED = regex.compile(r"([BIMELSUW])(\p{Lu}\S+)")
_BRACKETED = regex.compile(r"[<\[({](.+)[>\])}]")
# Greek and Cyrillic letters that look like those of the schemes.
_ALIKE = str.maketrans("ΟΒΙΕΜОВІЕМЅ", "OBIEMOBIEMS")
_CANONICAL = regex.compile(r"([BIMELSU])-(.+)")
_SINGLE = {"W": "S"}
# Spellings of "no entity". If a label "O" exists, it is that one, and these may be types.
_NOTHING = frozenset(
    [
        "_",
        "-",
        "0",
        "out",
        "outside",
        "none",
        "null",
        "nil",
        "no",
        "other",
        "others",
        "no_entity",
        "no-entity",
        "no entity",
        "non-entity",
        "not-entity",
        "background",
    ]
)
# Labels of special tokens, in older training scripts for BERT and in CRF layers.
_SERVICE = frozenset(
    [
        "x",
        "[cls]",
        "[sep]",
        "[pad]",
        "[unk]",
        "[mask]",
        "pad",
        "cls",
        "sep",
        "unk",
        "<pad>",
        "<unk>",
        "<s>",
        "</s>",
        "<start>",
        "<stop>",
        "<end>",
    ]
)

Parts = tuple[str, str]  # a letter and a type


def split_label(label: str) -> tuple[str, str | None]:
    """The letter and type of a label in the standard spelling; a bare type counts as inside.

    >>> split_label("B-PER"), split_label("PER"), split_label("O")
    (('B', 'PER'), ('I', 'PER'), ('O', None))
    """
    if label == OUTSIDE:
        return OUTSIDE, None
    match = _CANONICAL.fullmatch(label)
    return (match[1], match[2]) if match else ("I", label)


def spelled(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels of a model, in order, in the standard spelling (O, B-TYPE, I-TYPE).

    Where no label is a known "no entity" and exactly one has another form, it is that label.

    >>> spelled(["o", "b-per", "i-per"]), spelled(["OUT", "PER_B", "PER_I"])
    (('O', 'B-per', 'I-per'), ('O', 'B-PER', 'I-PER'))
    >>> spelled(["O", "B", "I"]), spelled(["O", "PER", "E-MAIL"])
    (('O', 'B-ENTITY', 'I-ENTITY'), ('O', 'PER', 'I-E-MAIL'))
    """
    spellings = spelling(labels, deduce=True)
    if spellings is None:
        spellings = _bare(labels)
    return tuple(_same_case([spellings[label] for label in labels]))


def _same_case(labels: Sequence[str]) -> list[str]:
    """Types that differ only in case get the case of the first."""
    first: dict[str, str] = {}
    cased = []
    for label in labels:
        match = _CANONICAL.fullmatch(label)
        kind = match and first.setdefault(match[2].casefold(), match[2])
        cased.append(f"{match[1]}-{kind}" if match else label)
    return cased


def spelling(labels: Iterable[str], *, deduce: bool = False) -> dict[str, str] | None:
    """Every label in the standard spelling; None where no form fits all labels.

    The letter stands before the type ("B-PER", "b_per"), after it ("PER-B"), or alone ("B"). The
    form is chosen from all labels together.

    Args:
        deduce: whether a single label of another form than all others is "no entity".
    """
    every = list(dict.fromkeys(labels))
    inside = [label for label in every if _plain(label).upper() != OUTSIDE]
    # In a file "B-" is an error; a model may use it for its only type.
    for parse in (_before, _after, _alone, _glued, *[_cut_off] * deduce):
        parts = {label: split for label in inside if (split := parse(label)) is not None}
        unsplit = [label for label in inside if label not in parts]
        expected = all(label.strip().lower() in _NOTHING | _SERVICE for label in unsplit)
        deduced = deduce and len(unsplit) == 1 and len(inside) == len(every)
        if (expected or deduced) and _is_scheme(parts, glued=parse is _glued):
            return {label: _joined(parts.get(label)) for label in every}
    return None if inside else dict.fromkeys(every, OUTSIDE)


def _is_scheme(parts: Mapping[str, Parts], *, glued: bool) -> bool:
    """Whether the letters belong to a scheme and are not part of names ("E-MAIL"). Letters glued to
    types count only if each type has both a begin and a continuation label."""
    if not glued:
        return any(letter in "BI" for letter, _ in parts.values())
    begun, continued = (
        {kind for x, kind in parts.values() if (x == "B") is b} for b in (True, False)
    )
    return bool(begun) and begun == continued


def _bare(labels: Sequence[str]) -> dict[str, str]:
    """Labels in the standard spelling, where some are types without a letter: B-PER and MISC."""
    has_outside = any(label.strip().upper() == OUTSIDE for label in labels)
    parts = {label: split for label in labels if (split := _before(label)) is not None}
    types = {kind for letter, kind in parts.values() if letter in "BI"}

    def name(label: str) -> str:
        plain = label.strip()
        if plain.upper() == OUTSIDE or (not has_outside and plain.lower() in _NOTHING):
            return OUTSIDE
        if label in parts and parts[label][1] in types:
            return _joined(parts[label])
        return label if split_label(label) == ("I", label) else f"I-{label}"

    return {label: name(label) for label in labels}


def _plain(label: str) -> str:
    """A label without surrounding white space and brackets, with full-width characters normalised
    and a look-alike first letter replaced."""
    text = normalize("NFKC", label).strip()
    if match := _BRACKETED.fullmatch(text):
        text = match[1].strip()
    return text[:1].translate(_ALIKE) + text[1:]


def _before(label: str) -> Parts | None:
    match = _BEFORE.fullmatch(_plain(label))
    return (_letter(match[1]), match[2]) if match else None


def _after(label: str) -> Parts | None:
    match = _AFTER.fullmatch(_plain(label))
    return (_letter(match[2]), match[1]) if match else None


def _alone(label: str) -> Parts | None:
    match = _ALONE.fullmatch(_plain(label))
    return (_letter(match[1]), UNNAMED) if match else None


def _cut_off(label: str) -> Parts | None:
    match = _CUT_OFF.fullmatch(_plain(label))
    return (_letter(match[1]), UNNAMED) if match else None


def _glued(label: str) -> Parts | None:
    match = _GLUED.fullmatch(_plain(label))
    return (match[1], match[2]) if match else None


def _letter(name: str) -> str:
    return _NAMES.get(name.upper(), name.upper())


def _joined(parts: Parts | None) -> str:
    return OUTSIDE if parts is None else f"{_SINGLE.get(parts[0], parts[0])}-{parts[1]}"


def to_bio(labels: Sequence[str]) -> list[str]:
    """Labels of any scheme as BIO: an entity opens with B-.

    An I- that continues nothing opens an entity: that is its meaning in IOB1, and conlleval reads
    it so in the other schemes.

    >>> to_bio(["I-PER", "I-PER", "O", "I-ORG", "B-ORG", "M-ORG"])
    ['B-PER', 'I-PER', 'O', 'B-ORG', 'B-ORG', 'I-ORG']
    """
    tags: list[str] = []
    previous: str | None = None  # the type that an I- may continue
    for label in labels:
        letter, kind = split_label(label)
        if kind is None:
            tags.append(OUTSIDE)
        else:
            inside = letter in "IMEL" and kind == previous
            tags.append(f"{'I' if inside else 'B'}-{kind}")
        previous = None if letter in "ELSU" else kind
    return tags
