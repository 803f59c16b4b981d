"""Tag schemes: which one a file is written in, and its tags as IOB2.

They differ in their letters, and IOB1 from IOB2 in where B- stands: at every entity's first word
(IOB2), or only where an entity touches one of its own type before it (IOB1; Ramshaw and Marcus
1995, Tjong Kim Sang and Veenstra 1999).
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import regex

from beaconviz.core.errors import BeaconvizError
from beaconviz.runs.entities import to_bio

# Letters beside O. A file is of the first scheme that has all of its letters.
SCHEMES = {"IOB": "BI", "IOE": "IE", "BIOES": "BIES", "BILOU": "BILU", "BMES": "BMES"}
TAG = "O, or a type with B- or I- before it (or a letter of BIOES, BILOU or BMES), as in B-PER"
_TAG = regex.compile(r"O|[BIESLUM]-[^\s\p{C}]+( +[^\s\p{C}]+)*")


def is_tag(tag: str) -> bool:
    """Whether it is a tag of any scheme.

    >>> [is_tag(tag) for tag in ("O", "B-PER", "S-LOC", "PER", "B-")]
    [True, True, True, False, False]
    """
    return _TAG.fullmatch(tag) is not None


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
    """Tags of any scheme as IOB2.

    An I- that continues nothing opens an entity: IOB1 means it so, and in the other schemes it is
    a slip that conlleval reads so too. seqeval.scheme would drop such entities without a word.

    >>> to_iob2(["I-PER", "E-PER", "S-LOC", "O", "B-ORG", "M-ORG"])
    ('B-PER', 'I-PER', 'B-LOC', 'O', 'B-ORG', 'I-ORG')
    """
    return tuple(to_bio([f"I{tag[1:]}" if tag[0] == "M" else tag for tag in tags]))
