"""Tag schemes: find the scheme of a file, and convert its tags to IOB2.

Schemes differ in their letters. IOB1 and IOB2 differ in the place of B-: at every entity's first
word (IOB2), or only where an entity touches one of its own type before it (IOB1; Ramshaw and Marcus
1995, Tjong Kim Sang and Veenstra 1999).
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import regex

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.labels import OUTSIDE, spelling, to_bio

# Letters other than O. A file has the first scheme that has all of its letters.
SCHEMES = {"IOB": "BI", "IOE": "IE", "BIOES": "BIES", "BILOU": "BILU", "BMES": "BMES"}
TAG = "O, or a type with B- or I- before it (or a letter of BIOES, BILOU or BMES), as in B-PER"
_TYPE = regex.compile(r"[^\s\p{C}]+( +[^\s\p{C}]+)*")


def is_type(name: str) -> bool:
    """Whether a name can be the type of an entity.

    >>> is_type("PER"), is_type("O"), is_type("")
    (True, False, False)
    """
    return name != OUTSIDE and _TYPE.fullmatch(name) is not None


def tags_spelled(tags: Iterable[str]) -> dict[str, str]:
    """The tags of a file in the standard spelling of `core.labels`; invalid tags are left out.

    >>> tags_spelled(["o", "per-b", "per-i"])
    {'o': 'O', 'per-b': 'B-per', 'per-i': 'I-per'}
    """
    every = list(dict.fromkeys(tags))
    spellings = spelling(every)
    if spellings is None:  # some are wrong: the others are read as a letter before a type
        reference = "B-X"
        good = [tag for tag in every if spelling([OUTSIDE, reference, tag])]
        spellings = spelling([*good, reference]) or {}
    return {
        tag: spellings[tag]
        for tag in every
        if tag in spellings and (spellings[tag] == OUTSIDE or is_type(spellings[tag][2:]))
    }


def is_tag(tag: str) -> bool:
    """Whether a name is a tag of any scheme, in any spelling.

    >>> [is_tag(tag) for tag in ("O", "B-PER", "S-LOC", "PER", "B-")]
    [True, True, True, False, False]
    """
    return bool(
        tags_spelled(["O", "B-X", tag]).get(tag) or tags_spelled(["O", "X-B", tag]).get(tag)
    )


def scheme_of(sentences: Sequence[Sequence[str]]) -> str:
    """The scheme of a file, from the tags of all its sentences.

    "IOB1", "IOB2" (also for a file without entities), "IOE", "BIOES", "BILOU" or "BMES". seqeval's
    auto_detect does not know BMES, and takes IOB1 for IOB2.

    >>> scheme_of([["I-PER", "I-PER", "B-PER", "O"], ["I-LOC"]])
    'IOB1'

    Raises:
        BeaconvizError: a set of letters that no scheme has.
    """
    tags = {tag for sentence in sentences for tag in sentence if tag != "O"}
    letters = {tag[0] for tag in tags}
    scheme = next((name for name, has in SCHEMES.items() if letters <= set(has)), None)
    if scheme is None:
        examples = ", ".join(min(t for t in tags if t[0] == letter) for letter in sorted(letters))
        raise BeaconvizError(
            f"found the tags {examples}, which no scheme has together; expected IOB1, IOB2, BIOES, "
            "BILOU or BMES"
        )
    if scheme != "IOB":
        return scheme
    return "IOB1" if letters and not any(map(_opens_with_b, sentences)) else "IOB2"


def _opens_with_b(tags: Sequence[str]) -> bool:
    """Whether a B- has no entity of its type right before it, which IOB1 does not allow."""
    return any(tag[0] == "B" and tag[2:] != before[2:] for before, tag in pairwise(("O", *tags)))


def to_iob2(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags of any scheme as IOB2 (see `core.labels.to_bio`). seqeval.scheme would drop entities
    that begin with I-.

    >>> to_iob2(["I-PER", "E-PER", "S-LOC", "O", "B-ORG", "M-ORG"])
    ('B-PER', 'I-PER', 'B-LOC', 'O', 'B-ORG', 'I-ORG')
    """
    return tuple(to_bio(list(tags)))
