"""Locate tokens in a text, for tokenizers that give no offsets (Marian's SentencePiece)."""

from __future__ import annotations

from collections.abc import Sequence

_SPACE = "▁"  # how SentencePiece writes a space (Kudo & Richardson 2018)


def searched_spans(
    text: str, pieces: Sequence[str], special: Sequence[bool]
) -> tuple[tuple[int, int], ...]:
    """Each piece's characters in the text, searched one after the other; case does not matter.

    A piece that the text spells otherwise (a normalised ligature, an unknown token) is placed
    between its found neighbours. Special tokens are at (0, 0).

    >>> pieces = ["▁Ada", "▁like", "s", "▁tea", "</s>"]
    >>> searched_spans("Ada likes tea", pieces, [False] * 4 + [True])
    ((0, 3), (4, 8), (8, 9), (10, 13), (0, 0))
    """
    low, at = _lower(text), 0
    lost = False  # whether pieces before this one were not found, of whatever length
    starts: list[int | None] = []
    for piece, alone in zip(pieces, special, strict=True):
        shown = _lower(piece.replace(_SPACE, " ").strip())
        place = _find(low, shown, at, piece.startswith(_SPACE)) if shown and not alone else -1
        # A match far away is another occurrence: this piece is spelled otherwise here.
        near = place >= 0 and (lost or place <= at + len(shown) + 8)
        starts.append(place if near else None)
        at = place + len(shown) if near else at
        lost = not near and (lost or (bool(shown) and not alone))
    spans, end = [], 0
    for number, (piece, alone) in enumerate(zip(pieces, special, strict=True)):
        if alone:
            spans.append((0, 0))
            continue
        start = starts[number]
        if start is None:
            following = next(
                (begin for begin in starts[number + 1 :] if begin is not None), len(text)
            )
            spans.append((end, following))
            end = following
        else:
            end = start + len(piece.replace(_SPACE, " ").strip())
            spans.append((start, end))
    return tuple(spans)


def _find(text: str, piece: str, at: int, begins: bool) -> int:
    """The position of a piece from `at` on. One that begins a word matches only at a word start."""
    place = text.find(piece, at)
    while begins and place > 0 and not text[place - 1].isspace() and text[place - 1].isalnum():
        place = text.find(piece, place + 1)
    return place


def _lower(text: str) -> str:
    """The text in lower case, where that keeps its length."""
    return "".join(
        small if len(small := character.lower()) == 1 else character for character in text
    )
