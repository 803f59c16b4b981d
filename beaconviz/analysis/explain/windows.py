"""Cut a text that exceeds the model's limit into windows that do not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from beaconviz.core.design import Design
from beaconviz.core.edit import Cell
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import MAX_CHARACTERS, Tokens, Word, find_words, moved
from beaconviz.models.model import Model
from beaconviz.models.tokenizing import read

MOST = 512  # tokens of a window, whatever the model takes: attention grows with its square
_ENDS = tuple(".!?。！？…")


@dataclass(frozen=True)
class Window:
    """A part of a text that is read in one run.

    tokens: of this part alone. start: its first character in the whole text.
    first: the number of its first word among the words of all windows.
    """

    tokens: Tokens
    start: int
    first: int

    @property
    def numbers(self) -> slice:
        """Its words among those of all windows."""
        return slice(self.first, self.first + len(self.tokens.words))

    @property
    def words(self) -> tuple[Word, ...]:
        """Its words, by their characters in the whole text."""
        return moved(self.tokens.words, self.start)


def windows(model: Model, text: str) -> list[Window]:
    """Cuts a text between words into parts within the model's limit.

    A window ends at the end of a sentence, unless that would leave more than half of it empty. A
    text within the limit is one window. Tokens are counted in each window by itself, since
    many tokenizers cut the first word of a text differently from the same word after a space.

    Raises:
        BeaconvizError: a single word that exceeds the model's limit.
    """
    whole = read(model, text, find_words(text))
    if len(whole) <= _most(model) and len(text) <= MAX_CHARACTERS:
        return [Window(whole, 0, 0)]
    parts: list[Window] = []
    room = _most(model) - sum(whole.special)
    start = first = 0
    while start < len(whole.words):
        stop, tokens = _window(model, whole, start, room)
        parts.append(Window(tokens, whole.words[start].start, first))
        start, first = stop, first + len(tokens.words)
    return parts


def words_in(windows: Iterable[Window]) -> tuple[Word, ...]:
    """The words of a text that was cut into windows, as the model reads them."""
    return tuple(word for window in windows for word in window.words)


def _most(model: Model) -> int:
    return min(model.max_tokens, MOST)


def _window(model: Model, whole: Tokens, start: int, room: int) -> tuple[int, Tokens]:
    """The window that begins with the word `start`: the number of the word after it, and its
    tokens.

    room: the most tokens that are not special ones.
    """
    most, words = _most(model), whole.words
    while True:
        stop = _full(whole, start, room)
        if stop < len(words):
            stop = _sentence_end(words, start, stop)
        part = whole.text[words[start].start : words[stop - 1].end]
        tokens = read(model, part, find_words(part))
        if len(tokens) <= most and len(part) <= MAX_CHARACTERS:
            return stop, tokens
        if stop == start + 1:
            raise _too_long(model, words[start], len(tokens))
        counted = sum(len(whole.pieces[word]) for word in range(start, stop))
        room = counted - (len(tokens) - most)


def _full(whole: Tokens, start: int, room: int) -> int:
    """The number of the word after a window of at most `room` tokens; at least one word fits."""
    words, taken = whole.words, 0
    for stop in range(start, len(words)):
        taken += len(whole.pieces[stop])
        if taken > room or words[stop].end - words[start].start > MAX_CHARACTERS:
            return max(stop, start + 1)
    return len(words)


def _too_long(model: Model, word: Word, count: int) -> BeaconvizError:
    return BeaconvizError(
        f"the word {word.text[:20]!r}… has {len(word.text):,} characters and {count:,} tokens, "
        f"special ones included; {model.name} takes at most {_most(model):,} tokens and "
        f"{MAX_CHARACTERS:,} characters at a time: put a space into it"
    )


def within(design: Design, words: slice) -> Design:
    """The part of a design over words that lies inside a window; "*" still means all.

    Raises:
        BeaconvizError: a design over tokens, since each window counts its tokens from 0.
    """
    if design.unit != "word":
        raise BeaconvizError(
            "the design is over tokens, and the text is read in parts; make it over words"
        )

    def inside(cells: Sequence[Cell]) -> tuple[Cell, ...]:
        kept = []
        for row, column, value in cells:
            places = [
                place if place == "*" else place - words.start
                for place in (row, column)
                if place == "*" or words.start <= place < words.stop
            ]
            if len(places) == 2:
                kept.append((places[0], places[1], value))
        return tuple(kept)

    edits = tuple(
        replace(edit, marker=inside(edit.marker), beacon=inside(edit.beacon))
        for edit in design.edits
    )
    return Design(design.words[words], edits, design.reading)


def _sentence_end(words: Sequence[Word], start: int, stop: int) -> int:
    """The last sentence end in the second half of a full window; the window's end if none."""
    for end in range(stop, start + (stop - start) // 2, -1):
        if words[end - 1].text.rstrip("\"'”’)]").endswith(_ENDS):
            return end
    return stop
