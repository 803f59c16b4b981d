"""Which words a rule matches: tests over the words of a sentence, all of which have to hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from time import monotonic
from typing import Annotated, Any, Literal

import numpy as np
import regex
from numpy.typing import NDArray
from pydantic import BeforeValidator, Field, field_validator, model_validator

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.schema import Many, Schema, short
from beaconviz.rules.fields import MOST, Given, NotEmpty, Position, RegularExpression, Whole, Word

Shape = Literal["upper", "title", "lower", "mixed", "digit"]
Mention = Literal["first", "again", "once"]
Bools = NDArray[np.bool_]

MATCH_SECONDS = 1.0  # for all patterns of a rule on one sentence

# Without "and" and "or", which join names as often as clauses.
CONJUNCTIONS = frozenset(
    [
        "but",
        "because",
        "although",
        "though",
        "while",
        "whereas",
        "when",
        "where",
        "if",
        "unless",
        "until",
        "so",
        "yet",
        "which",
        "who",
        "whom",
        "whose",
        "that",
    ]
)
_EDGES = regex.compile(r"^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$")
_CLOSERS = r"[\p{Pe}\p{Pf}'\"]*$"
_ENDS = regex.compile(rf"[,;:!?…—–。，；：！？、]{_CLOSERS}|^-+$")
_STOPS = regex.compile(rf"\.{_CLOSERS}")
_ABBREVIATED = regex.compile(r"^\W*(\p{Lu}\p{L}{0,3}|\p{L}(\.\p{L})+)\.")  # Inc. Prof. e.g.


class RuleError(BeaconvizError):
    """An invalid rule; names the step, the field, its value and what was expected."""


@dataclass(frozen=True)
class RuleText:
    """The words of one text and the properties that rules test, each computed once.

    deadline: the end of the time for patterns, in seconds of the monotonic clock.
    """

    words: tuple[str, ...]
    deadline: float = field(default_factory=lambda: monotonic() + MATCH_SECONDS)

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def bare(self) -> list[str]:
        """The words in lower case, without surrounding punctuation."""
        return [bare(word) for word in self.words]

    @cached_property
    def clauses(self) -> NDArray[np.int64]:
        """The number of each word's clause. A clause ends after a comma or similar mark, after
        a full stop that is not an abbreviation, and before a conjunction."""
        begins = [word in CONJUNCTIONS for word in self.bare]
        ends = [False, *map(_ends_clause, self.words[:-1])]
        return np.cumsum(np.array(begins, dtype=bool) | np.array(ends, dtype=bool)[: len(self)])

    @cached_property
    def mentions(self) -> list[Mention]:
        """Whether each word is the first of several mentions, a later one, or the only one."""
        counts, seen = Counter(self.bare), set[str]()
        mentions: list[Mention] = []
        for word in self.bare:
            mentions.append("again" if word in seen else "once" if counts[word] == 1 else "first")
            seen.add(word)
        return mentions

    @cached_property
    def distance(self) -> NDArray[np.int64]:
        """The distance from query to key in words, Int[Array, "query key"]."""
        places = np.arange(len(self))
        distance: NDArray[np.int64] = np.abs(places[:, None] - places)
        return distance

    def search(self, pattern: str) -> list[bool]:
        """Whether the pattern is found, for each word.

        Raises:
            RuleError: the patterns of this sentence have used up their time.
        """
        compiled = compiled_pattern(pattern)
        try:
            return [
                compiled.search(word, timeout=max(self.deadline - monotonic(), 1e-6)) is not None
                for word in self.words
            ]
        except TimeoutError:
            raise RuleError(
                f"match: the pattern {pattern!r} is not done after {MATCH_SECONDS:g} s on this "
                "sentence: write it so that there are fewer ways to match, not as (a|aa)+"
            ) from None


class PositionRange(Schema):
    """Positions from `start` to `end`, both included, in steps of `every`; -1 is the last word."""

    start: Position = Field(default=0, alias="from")
    end: Position = Field(default=-1, alias="to")
    every: Annotated[int, Field(ge=1, le=MOST)] = 1


class Length(Schema):
    """The smallest and largest number of letters and digits of a word."""

    min: Given[Whole] = None
    max: Given[Whole] = None

    @model_validator(mode="after")
    def _check_order(self) -> Length:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"has the min {self.min}, which is above max, {self.max}")
        return self


def _range(data: Any) -> Any:
    """A position as a range: "first", "last", a number, or a range itself."""
    if isinstance(data, dict):
        return data
    place = {"first": 0, "last": -1}.get(data, data) if isinstance(data, str) else data
    if type(place) is not int:
        raise ValueError(
            f"is {short(data)}; expected first, last, a whole number, or {{from, to, every}}"
        )
    return {"from": place, "to": place}


def _listed(data: Any) -> Any:
    return data if isinstance(data, list) else [data]


class Pattern(Schema):
    """Tests over words; a word matches if all given tests hold.

    >>> pattern = Pattern(shape=["title"], length={"min": 2})
    >>> pattern.caught(RuleText(("I", "met", "Ada"))).tolist()
    [False, False, True]

    Attributes:
        match: a regular expression (module regex) that is found anywhere in the word.
        shape: one of these case shapes. "upper" has two or more capitals and no small letter,
            "title" begins with its only capital (each part of "Smith-Jones" does), "mixed" is
            any other word of both cases, "digit" has digits and no letter. Scripts without case
            and punctuation have no shape.
        among: one of these words, ignoring case and surrounding punctuation.
        punctuation: whether it has neither letter nor digit.
        position: its place in the sentence, counted from 0.
        length: its number of letters and digits.
        mention: the "first" of several mentions of the same word, a later one ("again"), or the
            only one ("once").
        opposite: a pattern that does not match it.
    """

    match: Given[RegularExpression] = None
    shape: Given[Annotated[Many[Shape], BeforeValidator(_listed), Field(min_length=1)]] = None
    among: Given[Many[Word]] = Field(default=None, alias="in")
    punctuation: Given[bool] = None
    position: Given[Annotated[NotEmpty[PositionRange], BeforeValidator(_range)]] = None
    length: Given[NotEmpty[Length]] = None
    mention: Given[Mention] = None
    opposite: Given[NotEmpty[Pattern]] = Field(default=None, alias="not")

    @field_validator("opposite")
    @classmethod
    def _check_opposite(cls, opposite: Pattern | None) -> Pattern | None:
        if opposite is not None and opposite.opposite is not None:
            raise ValueError("has a 'not' within a 'not'; expected one: leave both out")
        return opposite

    def caught(self, sentence: RuleText) -> Bools:
        """Whether each word matches, Bool[Array, "word"]; raises `RuleError` when time is up."""
        caught = np.ones(len(sentence), dtype=bool)
        for name, test in _TESTS.items():
            condition = getattr(self, name)
            if condition is not None:
                caught &= np.fromiter(test(sentence, condition), dtype=bool, count=len(sentence))
        return caught


def bare(word: str) -> str:
    """The word in lower case, without surrounding punctuation.

    >>> bare("“Inc.,"), bare("co-founder"), bare("?!")
    ('inc', 'co-founder', '?!')
    """
    return (word if word.isalnum() else _EDGES.sub("", word) or word).casefold()


def shape_of(word: str) -> Shape | None:
    """The case shape of a word, see `Pattern`.

    >>> [shape_of(word) for word in ("NATO", "Smith-Jones,", "I", "iPhone", "3-1", "4th", "…")]
    ['upper', 'title', 'title', 'mixed', 'digit', 'lower', None]
    """
    if word.isupper() and sum(map(str.isalpha, word)) > 1:
        return "upper"
    if word.istitle():
        return "title"
    if word.islower():
        return "lower"
    if word.casefold() != word or word.upper() != word:
        return "mixed"
    if any(map(str.isdigit, word)) and not any(map(str.isalpha, word)):
        return "digit"
    return None


@lru_cache(maxsize=256)
def compiled_pattern(pattern: str) -> Any:
    """The compiled regular expression; raises `regex.error` and related errors for an invalid
    one."""
    return regex.compile(pattern)


@lru_cache(maxsize=256)
def _bare_words(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(bare, words))


def _ends_clause(word: str) -> bool:
    if _ENDS.search(word):
        return True
    return bool(_STOPS.search(word)) and not _ABBREVIATED.match(word)


def _letters(word: str) -> int:
    return sum(map(str.isalnum, word))


def _has_length(sentence: RuleText, length: Length) -> Iterable[bool]:
    low, high = length.min or 0, float("inf") if length.max is None else length.max
    return (low <= _letters(word) <= high for word in sentence.words)


def _is_at(sentence: RuleText, span: PositionRange) -> Iterable[bool]:
    size = len(sentence)
    start, end = (place + size if place < 0 else place for place in (span.start, span.end))
    return (start <= n <= end and (n - start) % span.every == 0 for n in range(size))


def _is_among(sentence: RuleText, words: Sequence[str]) -> Iterable[bool]:
    bare_words = _bare_words(tuple(words))
    return (word in bare_words for word in sentence.bare)


_TESTS: dict[str, Callable[[RuleText, Any], Iterable[bool]]] = {
    "shape": lambda sentence, shapes: (shape_of(word) in shapes for word in sentence.words),
    "among": _is_among,
    "punctuation": lambda sentence, is_so: (
        (not any(map(str.isalnum, word))) == is_so for word in sentence.words
    ),
    "position": _is_at,
    "length": _has_length,
    "mention": lambda sentence, kind: (mention == kind for mention in sentence.mentions),
    "opposite": lambda sentence, pattern: ~pattern.caught(sentence),
    "match": lambda sentence, pattern: sentence.search(pattern),
}
