"""A text that is longer than a model takes, as windows that it does take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from beaconviz.core.design import Design
from beaconviz.core.edit import Cell
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import MAX_CHARACTERS, Word, align
from beaconviz.models.model import Model

MOST = 512  # tokens of a window, whatever the model takes: attention grows with its square
_ENDS = tuple(".!?。！？…")


def windows(model: Model, text: str, words: Sequence[Word]) -> list[slice]:
    """Runs of words that the model takes one at a time; together they are all words.

    A window ends where a sentence does, unless that would leave more than half of it empty.

    Raises:
        BeaconvizError: a single word that is more than the model takes.
    """
    sizes = _tokens_of(model, text, words)
    room = min(model.max_tokens, MOST) - model.tokenizer.num_special_tokens_to_add()
    found, start = [], 0
    while start < len(words):
        stop, taken = start, 0
        while (
            stop < len(words)
            and taken + sizes[stop] <= room
            and words[stop].end - words[start].start <= MAX_CHARACTERS
        ):
            taken += sizes[stop]
            stop += 1
        if stop == start:
            raise BeaconvizError(
                f"the word {words[start].text[:20]!r}… has {len(words[start].text):,} characters and "
                f"{sizes[start]:,} tokens; {model.name} takes at most {room:,} tokens at a time: put a "
                "space into it"
            )
        if stop < len(words):
            stop = _sentence_end(words, start, stop)
        found.append(slice(start, stop))
        start = stop
    return found


def within(design: Design, words: slice) -> Design:
    """The part of a design over words that lies inside a window; "*" goes on meaning all.

    Raises:
        BeaconvizError: a design over tokens, which a window numbers anew.
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


def _tokens_of(model: Model, text: str, words: Sequence[Word]) -> list[int]:
    """How many tokens each word has."""
    if not model.tokenizer.is_fast:
        raise BeaconvizError(
            f"{model.name} does not say where tokens lie in a text: give a shorter one"
        )
    spans = model.tokenizer(
        text, add_special_tokens=False, return_offsets_mapping=True, verbose=False
    )["offset_mapping"]
    counts = [0] * len(words)
    for word in align(words, spans, [False] * len(spans)):
        if word is not None:
            counts[word] += 1
    return counts


def _sentence_end(words: Sequence[Word], start: int, stop: int) -> int:
    """The last end of a sentence in a full window's second half, or its own end."""
    for end in range(stop, start + (stop - start) // 2, -1):
        if words[end - 1].text.rstrip("\"'”’)]").endswith(_ENDS):
            return end
    return stop
