"""Search results as HTML: a row per document, with its change of rank and key words."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from beaconviz.figures.markup import macros
from beaconviz.retrieval.search import Hit, Results

_HTML = macros(__file__)

_BEFORE = 30  # characters of the passage before its first key word


@dataclass(frozen=True)
class _Row:
    """A hit as it is drawn. way: "up", "down", or "". cut: the part of the passage before the
    visible line; pieces: the rest, each with its weight if it is a key word."""

    hit: Hit
    arrow: str
    way: str
    cut: str
    pieces: list[tuple[str, str | None]]


def hits_html(results: Results, *, note: str = "") -> Markup:
    """The hits in order, each with an arrow and the number of ranks that the edit moved it. A
    passage is one line that expands to the whole. All text is escaped."""
    if not results.hits:
        return _HTML.nothing()
    return _HTML.hits(list(map(_row, results.hits)), note)


def moved(hit: Hit) -> str:
    """The change of a hit's rank: "↑3"; "" where nothing was edited.

    >>> moved(Hit("7", 0.5, "", 2, 5, "", ())), moved(Hit("7", 0.5, "", 2, 2, "", ()))
    ('↑3', '=')
    """
    if hit.before is None:
        return ""
    if hit.before == hit.rank:
        return "="
    return f"{'↑' if hit.before > hit.rank else '↓'}{abs(hit.before - hit.rank)}"


def _row(hit: Hit) -> _Row:
    arrow, start = moved(hit), _line_start(hit)
    way = {"↑": "up", "↓": "down"}.get(arrow[:1], "")
    return _Row(hit, arrow, way, hit.passage[:start], _pieces(hit, start))


def _line_start(hit: Hit) -> int:
    """The start of the visible line of a passage: a little before its first key word."""
    first = min((key.start for key in hit.key), default=0)
    start = max(0, first - _BEFORE)
    if not start:
        return 0
    # Start at a word boundary if there is one before the key word.
    return hit.passage.find(" ", start, first) + 1 or start


def _pieces(hit: Hit, start: int) -> list[tuple[str, str | None]]:
    """The passage from `start` on, with the weights of its key words."""
    text, most = hit.passage, max((key.weight for key in hit.key), default=1.0)
    pieces: list[tuple[str, str | None]] = []
    for key in hit.key:
        pieces += [
            (text[start : key.start], None),
            (text[key.start : key.end], f"{key.weight / most:.2f}"),
        ]
        start = key.end
    return [*pieces, (text[start:], None)]
