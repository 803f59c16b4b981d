"""Where tokens lie in a text, for tokenizers that do not say it (Marian's SentencePiece)."""

from __future__ import annotations

from collections.abc import Sequence

_SPACE = "▁"  # how SentencePiece writes a space (Kudo & Richardson 2018)


def found_spans(
    text: str, pieces: Sequence[str], special: Sequence[bool]
) -> tuple[tuple[int, int], ...]:
    """Each piece's characters in the text, found one after the other; case does not matter.

    A piece that the text has in other characters (a ligature that was taken apart, an unknown one)
    lies between those that were found. Special tokens are at (0, 0).

    >>> found_spans("Ada likes tea", ["▁Ada", "▁like", "s", "▁tea", "</s>"], [False] * 4 + [True])
    ((0, 3), (4, 8), (8, 9), (10, 13), (0, 0))
    """
    low, at = text.lower(), 0
    starts: list[int | None] = []
    for piece, alone in zip(pieces, special, strict=True):
        shown = piece.replace(_SPACE, " ").strip().lower()
        place = low.find(shown, at) if shown and not alone else -1
        # Far away it is another one, and this piece is spelled otherwise here.
        near = 0 <= place <= at + len(shown) + 8
        starts.append(place if near else None)
        at = place + len(shown) if near else at
    spans, end = [], 0
    for number, (piece, alone) in enumerate(zip(pieces, special, strict=True)):
        if alone:
            spans.append((0, 0))
            continue
        start = starts[number]
        if start is None:
            following = next((one for one in starts[number + 1 :] if one is not None), len(text))
            spans.append((end, following))
            end = following
        else:
            end = start + len(piece.replace(_SPACE, " ").strip())
            spans.append((start, end))
    return tuple(spans)
