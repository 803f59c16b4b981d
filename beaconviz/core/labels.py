"""How labels of entities are spelled, by models and by data files: one place that reads them all.

A label is read as "O", a bare type ("PER"), or a letter, a dash and a type ("B-PER"). The letters
are those of BIO, BIOES, BILOU, BMES and BMEWO: B begins an entity, I and M go on, E and L end it,
S, U and W are one of a single word. Their names ("BEGIN", "INSIDE") are read as the letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from unicodedata import normalize

import regex

OUTSIDE = "O"
UNNAMED = "ENTITY"  # the type of labels that are a letter alone

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
_CUT_OFF = regex.compile(rf"{_LETTER}{_BREAK}+", regex.IGNORECASE)  # "B-", of no type
_GLUED = regex.compile(r"([BIMELSUW])(\p{Lu}\S+)")
_BRACKETED = regex.compile(r"[<\[({](.+)[>\])}]")
# Letters of other scripts that look like those of the schemes, as keyboards of these have them.
_ALIKE = str.maketrans("ΟΒΙΕΜОВІЕМЅ", "OBIEMOBIEMS")
_CANONICAL = regex.compile(r"([BIMELSU])-(.+)")
_SINGLE = {"W": "S"}
# Spellings of "no entity". A label "O" is it wherever there is one; then these may be types.
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
# Labels of tokens that are no word: of older training scripts for BERT, and of CRF layers.
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
    """The letter and the type of a label as `spelling` gives it; a bare type reads as inside.

    >>> split_label("B-PER"), split_label("PER"), split_label("O")
    (('B', 'PER'), ('I', 'PER'), ('O', None))
    """
    if label == OUTSIDE:
        return OUTSIDE, None
    match = _CANONICAL.fullmatch(label)
    return (match[1], match[2]) if match else ("I", label)


def spelled(labels: Sequence[str]) -> tuple[str, ...]:
    """The labels of a model, in order, in the one spelling.

    Where all but one are of one shape and none is known to be "no entity", it is that one.

    >>> spelled(["o", "b-per", "i-per"]), spelled(["OUT", "PER_B", "PER_I"])
    (('O', 'B-per', 'I-per'), ('O', 'B-PER', 'I-PER'))
    >>> spelled(["O", "B", "I"]), spelled(["O", "PER", "E-MAIL"])
    (('O', 'B-ENTITY', 'I-ENTITY'), ('O', 'PER', 'I-E-MAIL'))
    """
    found = spelling(labels, deduce=True)
    if found is None:
        found = _bare(labels)
    return tuple(_one_case([found[label] for label in labels]))


def _one_case(labels: Sequence[str]) -> list[str]:
    """Labels whose types differ only in small and capital letters get the type of the first."""
    first: dict[str, str] = {}
    cased = []
    for label in labels:
        match = _CANONICAL.fullmatch(label)
        kind = match and first.setdefault(match[2].casefold(), match[2])
        cased.append(f"{match[1]}-{kind}" if match else label)
    return cased


def spelling(labels: Iterable[str], *, deduce: bool = False) -> dict[str, str] | None:
    """Every label in the one spelling; None where they have no letters that all are written with.

    The letter stands before the type ("B-PER", "b_per"), after it ("PER-B"), or alone ("B"); which
    it is, all labels say together.

    Args:
        deduce: one label that is of another shape than all others is "no entity".
    """
    every = list(dict.fromkeys(labels))
    rest = [label for label in every if _plain(label).upper() != OUTSIDE]
    # In a file "B-" is a slip; a model may have it for its only type.
    for parse in (_before, _after, _alone, _glued, *[_cut_off] * deduce):
        parts = {label: found for label in rest if (found := parse(label)) is not None}
        others = [label for label in rest if label not in parts]
        known = all(label.strip().lower() in _NOTHING | _SERVICE for label in others)
        deduced = deduce and len(others) == 1 and len(rest) == len(every)
        if (known or deduced) and _is_scheme(parts, glued=parse is _glued):
            return {label: _joined(parts.get(label)) for label in every}
    return None if rest else dict.fromkeys(every, OUTSIDE)


def _is_scheme(parts: Mapping[str, Parts], *, glued: bool) -> bool:
    """Whether the letters are those of a scheme, and not the first letters of names ("E-MAIL"); of
    letters that are glued to types, each type is begun and goes on."""
    if not glued:
        return any(letter in "BI" for letter, _ in parts.values())
    begun, other = ({kind for x, kind in parts.values() if (x == "B") is b} for b in (True, False))
    return bool(begun) and begun == other


def _bare(labels: Sequence[str]) -> dict[str, str]:
    """Labels of which some are types without a letter: B-PER beside MISC."""
    has_outside = any(label.strip().upper() == OUTSIDE for label in labels)
    parts = {label: found for label in labels if (found := _before(label)) is not None}
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
    """A label without white space or brackets around it, in letters that are half a cell wide, and
    a letter in front that is a scheme's."""
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

    An I- that continues nothing opens an entity: IOB1 means it so, and in the other schemes it is
    a slip that conlleval reads so too.

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
