"""Words, the units that users edit, and tokens, the units of models."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import regex

from beaconviz.core.errors import BeaconvizError

MAX_CHARACTERS = 50_000  # far above any model's limit; bounds the cost of an accidental paste

# Scripts written without spaces: every character, with its combining marks, is a word.
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}ー"
_SPACE = r"\s\p{Cc}"
_WORD = regex.compile(rf"[{_UNSPACED}][\p{{M}}\u200d]*|[^{_SPACE}{_UNSPACED}]+")
_VISIBLE = regex.compile(r"[^\p{Cf}\p{M}]")
_GAP = regex.compile(rf"[{_SPACE}]")
# Characters written without a space between them: these scripts and their punctuation.
_TIGHT = regex.compile(
    rf"[{_UNSPACED}\p{{InCJK_Symbols_And_Punctuation}}\p{{InHalfwidth_And_Fullwidth_Forms}}]"
)


@dataclass(frozen=True)
class Word:
    """A word and its characters `text[start:end]` in the text it came from."""

    text: str
    start: int
    end: int


def split_words(text: str, what: str = "the text") -> tuple[Word, ...]:
    """Splits a text at white space; in scripts without spaces, into characters.

    >>> [word.text for word in split_words("Steve Jobs, 喜欢 Apple")]
    ['Steve', 'Jobs,', '喜', '欢', 'Apple']

    Args:
        what: the name of the text in errors.

    Raises:
        BeaconvizError: not a text, no word in it, too long, or broken Unicode.
    """
    if not isinstance(text, str):
        raise BeaconvizError(f"{what} is a {type(text).__name__}; expected a string")
    if len(text) > MAX_CHARACTERS:
        raise BeaconvizError(
            f"{what} has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read: "
            "cut it into parts"
        )
    if regex.search(r"\p{Cs}", text):
        raise BeaconvizError(f"{what} holds half a character (a lone surrogate): paste it again")
    words = find_words(text)
    if not words:
        raise BeaconvizError(f"{what} is empty; type at least one word")
    return words


def find_words(text: str) -> tuple[Word, ...]:
    """The words of any text, such as a generated one; there may be none."""
    return tuple(
        Word(match[0], match.start(), match.end())
        for match in _WORD.finditer(text)
        if _VISIBLE.search(match[0])
    )


def join_words(words: Sequence[str], what: str = "the text") -> tuple[str, tuple[Word, ...]]:
    """Joins a list of words into a text, with a space between two words unless both are of a script
    without spaces.

    >>> join_words(["Ann", "喜", "欢", "茶", "。"])[0]
    'Ann 喜欢茶。'

    Raises:
        BeaconvizError: a word that is empty or has white space in it; or as `split_words`.
    """
    placed: list[Word] = []
    parts: list[str] = []
    end = 0
    for position, word in enumerate(words):
        if not isinstance(word, str) or not word or _GAP.search(word):
            raise BeaconvizError(
                f"words[{position}] is {word!r}; expected a word without white space"
            )
        start = end + (position > 0 and not _touch(words[position - 1], word))
        parts += [" " * (start - end), word]
        end = start + len(word)
        placed.append(Word(word, start, end))
    text = "".join(parts)
    split_words(text, what)  # the same checks as for a text
    return text, tuple(placed)


def _touch(left: str, right: str) -> bool:
    """Whether two words are written without a space between them."""
    if right[0].isascii():
        return False
    last = regex.search(r"(.)[\p{M}\p{Cf}]*$", left, regex.DOTALL)
    return last is not None and bool(_TIGHT.match(last[1]) and _TIGHT.match(right[0]))


def placed_words(
    text_or_words: str | Sequence[str], what: str = "the text"
) -> tuple[str, tuple[Word, ...]]:
    """A text and its words, from the text or from a list of words."""
    if isinstance(text_or_words, str):
        return text_or_words, split_words(text_or_words, what)
    return join_words(text_or_words, what)


def moved(words: Sequence[Word], start: int) -> tuple[Word, ...]:
    """The words of a text that begins at `start` in a longer one."""
    return tuple(Word(word.text, word.start + start, word.end + start) for word in words)


@dataclass(frozen=True)
class Tokens:
    """A text, its words, and its tokens.

    `word_of[t]` is the word that token t belongs to, None for special tokens;
    `spans[t]` are its characters in `text`. Two texts that a model reads together are one `text`
    with a line break between them.

    Attributes:
        types: token type ids; empty where the network has none.
        second: the character of `text` at which the second text begins; None for one text.
        compared_text: a second text, run on its own, to compare with this one.
    """

    text: str
    words: tuple[Word, ...]
    tokens: tuple[str, ...]
    ids: tuple[int, ...]
    word_of: tuple[int | None, ...]
    spans: tuple[tuple[int, int], ...]
    special: tuple[bool, ...]
    types: tuple[int, ...] = ()
    second: int | None = None
    compared_text: Tokens | None = None

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def pieces(self) -> tuple[tuple[int, ...], ...]:
        """The tokens of every word, in order; empty for a word the tokenizer dropped."""
        pieces: list[list[int]] = [[] for _ in self.words]
        for token, word in enumerate(self.word_of):
            if word is not None:
                pieces[word].append(token)
        return tuple(map(tuple, pieces))

    @cached_property
    def without_tokens(self) -> frozenset[int]:
        """The words without tokens, such as a lone control character: no edit affects them."""
        return frozenset(word for word, tokens in enumerate(self.pieces) if not tokens)

    @cached_property
    def deciding(self) -> tuple[int | None, ...]:
        """For every word the token that decides its tag: its first with a letter or digit, else its
        first; None for a word without tokens."""
        return tuple(self._deciding(word) for word in range(len(self.words)))

    def _deciding(self, word: int) -> int | None:
        pieces = self.pieces[word]
        for token in pieces:
            start, end = self.spans[token]
            if any(character.isalnum() for character in self.text[start:end]):
                return token
        return pieces[0] if pieces else None

    @cached_property
    def owners(self) -> tuple[int | None, ...]:
        """For every word the word that its tokens belong to: itself, or, where a token extends over
        a space, the word in which the token begins; None for a word that no token covers."""
        owners = [word if tokens else None for word, tokens in enumerate(self.pieces)]
        for (_, end), owner in zip(self.spans, self.word_of, strict=True):
            if owner is None:
                continue
            for word in range(owner + 1, len(owners)):
                if owners[word] is not None or self.words[word].start >= end:
                    break
                owners[word] = owner
        return tuple(owners)

    @cached_property
    def segments(self) -> tuple[int | None, ...]:
        """The text that each token belongs to, 0 or 1; None for special tokens."""
        return tuple(
            None if special else self._segment(start)
            for (start, _), special in zip(self.spans, self.special, strict=True)
        )

    @cached_property
    def word_segments(self) -> tuple[int, ...]:
        """The text that each word belongs to, 0 or 1."""
        return tuple(self._segment(word.start) for word in self.words)

    def _segment(self, start: int) -> int:
        return int(self.second is not None and start >= self.second)

    def words_between(self, start: int, end: int) -> tuple[int, ...]:
        """The words that have a character of `text[start:end]`."""
        numbered = enumerate(self.words)
        return tuple(n for n, word in numbered if word.start < end and start < word.end)

    def units(self, unit: str) -> tuple[int | None, ...]:
        """For each token, the row and column of the matrices that it belongs to."""
        return self.word_of if unit == "word" else tuple(range(len(self)))

    def names(self, unit: str) -> tuple[str, ...]:
        """The names of the rows and columns of the matrices."""
        return tuple(word.text for word in self.words) if unit == "word" else self.tokens


def merge_words(
    text: str,
    words: Sequence[Word],
    spans: Sequence[tuple[int, int]],
    special: Sequence[bool],
) -> tuple[Word, ...]:
    """Merges words that share a token, since an edit cannot tell them apart.

    Only words without white space between them are merged, so scripts with spaces do not change.
    `spans` are the tokens' characters.

    >>> words = split_words("安娜住 in 东京")
    >>> spans = [(0, 2), (2, 3), (4, 6), (7, 9)]
    >>> [word.text for word in merge_words("安娜住 in 东京", words, spans, [False] * 4)]
    ['安娜', '住', 'in', '东京']
    """
    starts, ends = [word.start for word in words], [word.end for word in words]
    joined = [False] * len(words)  # whether a word is merged with the next one
    for (start, end), alone in zip(spans, special, strict=True):
        if not alone:
            for place in range(bisect_right(ends, start), bisect_left(starts, end) - 1):
                joined[place] |= not _GAP.search(text, ends[place], starts[place + 1])
    if not any(joined):
        return tuple(words)
    merged: list[Word] = []
    begun: int | None = None
    for word, goes_on in zip(words, joined, strict=True):
        begun = word.start if begun is None else begun
        if not goes_on:
            merged.append(Word(text[begun : word.end], begun, word.end))
            begun = None
    return tuple(merged)


def align(
    words: Sequence[Word], spans: Sequence[tuple[int, int]], special: Sequence[bool]
) -> tuple[int | None, ...]:
    """The word of each token, by the first character of the token that is not white space.

    A token that straddles words belongs to the first, a token of white space to the word that
    follows it; special tokens belong to none.
    """
    ends = [word.end for word in words]

    def word_of(start: int, end: int) -> int | None:
        after = bisect_right(ends, start)  # the first word that does not end before the token
        return after if after < len(words) and words[after].start <= end else None

    return tuple(
        None if alone else word_of(start, end)
        for (start, end), alone in zip(spans, special, strict=True)
    )
