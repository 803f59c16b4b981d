"""Tag schemes: which one a file is written in, and its tags as IOB2.

They differ in their letters, and IOB1 from IOB2 in where B- stands: at every entity's first word
(IOB2), or only where an entity touches one of its own type before it (IOB1; Ramshaw and Marcus
1995, Tjong Kim Sang and Veenstra 1999).
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import regex

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.labels import OUTSIDE, spelling, to_bio

# Letters beside O. A file is of the first scheme that has all of its letters.
SCHEMES = {"IOB": "BI", "IOE": "IE", "BIOES": "BIES", "BILOU": "BILU", "BMES": "BMES"}
TAG = "O, or a type with B- or I- before it (or a letter of BIOES, BILOU or BMES), as in B-PER"
_TYPE = regex.compile(r"[^\s\p{C}]+( +[^\s\p{C}]+)*")


def is_type(name: str) -> bool:
    """Whether it can be the type of an entity.

    >>> is_type("PER"), is_type("O"), is_type("")
    (True, False, False)
    """
    return name != OUTSIDE and _TYPE.fullmatch(name) is not None


def tags_spelled(tags: Iterable[str]) -> dict[str, str]:
    """The tags of a file in the one spelling of `core.labels`; those that are none are left out.

    >>> tags_spelled(["o", "per-b", "per-i"])
    {'o': 'O', 'per-b': 'B-per', 'per-i': 'I-per'}
    """
    every = list(dict.fromkeys(tags))
    found = spelling(every)
    if found is None:  # a slip in some: the others are read with the letter before the type
        known = "B-X"
        good = [tag for tag in every if spelling([OUTSIDE, known, tag])]
        found = spelling([*good, known]) or {}
    return {
        tag: found[tag]
        for tag in every
        if tag in found and (found[tag] == OUTSIDE or is_type(found[tag][2:]))
    }


def is_tag(tag: str) -> bool:
    """Whether it is a tag of any scheme, in any spelling.

    >>> [is_tag(tag) for tag in ("O", "B-PER", "S-LOC", "PER", "B-")]
    [True, True, True, False, False]
    """
    return bool(
        tags_spelled(["O", "B-X", tag]).get(tag) or tags_spelled(["O", "X-B", tag]).get(tag)
    )


def scheme_of(sentences: Sequence[Sequence[str]]) -> str:
    """The scheme of a file, told from the tags of all its sentences.

    "IOB1", "IOB2" (also where there is no entity to tell them apart by), "IOE", "BIOES", "BILOU"
    or "BMES". seqeval's auto_detect knows neither IOB1 nor BMES, and takes IOB1 for IOB2.

    >>> scheme_of([["I-PER", "I-PER", "B-PER", "O"], ["I-LOC"]])
    'IOB1'

    Raises:
        BeaconvizError: letters that no scheme has together.
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
    """Whether a B- stands where no entity of its type is before it, as IOB1 never writes."""
    return any(tag[0] == "B" and tag[2:] != before[2:] for before, tag in pairwise(("O", *tags)))


def to_iob2(tags: Iterable[str]) -> tuple[str, ...]:
    """Tags of any scheme as IOB2 (see `core.labels.to_bio`). seqeval.scheme would drop entities
    that an I- opens.

    >>> to_iob2(["I-PER", "E-PER", "S-LOC", "O", "B-ORG", "M-ORG"])
    ('B-PER', 'I-PER', 'B-LOC', 'O', 'B-ORG', 'I-ORG')
    """
    return tuple(to_bio(list(tags)))
