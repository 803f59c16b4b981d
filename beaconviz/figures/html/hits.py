"""What a search found, as HTML: a row a document, with where it came from and its key words."""

from __future__ import annotations

from beaconviz.figures.escape import escape, escape_attribute
from beaconviz.retrieval.search import Hit, Results

HITS_STYLE = """<style>
.says:has(.bv-hits) { max-height: 21rem; }
.bv-hits { display: grid; grid-template-columns: auto auto fit-content(24rem) 1fr auto;
  grid-auto-flow: dense; gap: .12rem .8rem; margin: 0; align-items: baseline; font-size: .92rem; line-height: 1.5; }
.bv-hits > div { display: contents; }
.bv-hits > div > * { min-width: 0; white-space: nowrap; }
.bv-hits .n, .bv-hits .score { font-variant-numeric: tabular-nums; text-align: end; }
.bv-hits .score { grid-column: 5; font-size: .85em; opacity: .8; }
.bv-hits .moved { font-variant-numeric: tabular-nums; font-size: .85em; min-width: 2.6em; }
.bv-hits .up { color: color-mix(in srgb, #009e73 75%, currentColor); font-weight: 600; }
.bv-hits .down { color: color-mix(in srgb, #d55e00 80%, currentColor); font-weight: 600; }
.bv-hits .title { font-weight: 600; overflow: hidden; text-overflow: ellipsis; }
.bv-hits .passage { grid-column: 4; }
.bv-hits summary { overflow: hidden; text-overflow: ellipsis; list-style: none; cursor: pointer; }
.bv-hits summary:focus-visible { outline: 2px solid #2f9490; outline-offset: -2px; }
.bv-hits [open] summary { white-space: normal; }
.bv-hits [open] .cut, .bv-hits details:not([open]) .before { display: none; }
.bv-hits mark { color: inherit; border-radius: .2em; padding: 0 .15em; border-bottom: 2px solid #2f9490;
  background: color-mix(in srgb, #2f9490 calc(10% + 45% * var(--w)), transparent); }
@media (max-width: 900px) {
  .says:has(.bv-hits) { max-height: none; }
  .bv-hits { grid-template-columns: auto auto 1fr auto; }
  .bv-hits .score { grid-column: 4; }
  .bv-hits .passage { grid-column: 1 / -1; padding-bottom: .4rem; }
}
.bv-hits-note { font-size: .8rem; opacity: .85; margin: .3rem 0 0; }
</style>"""

_BEFORE = 30  # characters of the passage before its first key word


def hits_html(results: Results, *, note: str = "") -> str:
    """The hits in their order; an arrow and a number of places where the edit moved one. A passage
    is a line that opens to the whole. All text is escaped."""
    if not results.hits:
        return f"{HITS_STYLE}<p class='bv-hits-note'>No document has any of these words.</p>"
    rows = "".join(map(_row, results.hits))
    below = f"<p class='bv-hits-note'>{escape(note)}</p>" if note else ""
    return f"{HITS_STYLE}<div class='bv-hits' role='list'>{rows}</div>{below}"


def moved(hit: Hit) -> str:
    """Where a hit came from, as an arrow and places: "↑3"; "" where nothing was edited.

    >>> moved(Hit("7", 0.5, "", 2, 5, "", ())), moved(Hit("7", 0.5, "", 2, 2, "", ()))
    ('↑3', '=')
    """
    if hit.before is None:
        return ""
    if hit.before == hit.rank:
        return "="
    return f"{'↑' if hit.before > hit.rank else '↓'}{abs(hit.before - hit.rank)}"


def _row(hit: Hit) -> str:
    arrow = moved(hit)
    way = {"↑": "up", "↓": "down"}.get(arrow[:1], "")
    came = f"rank {hit.before} without the edit" if hit.before is not None else ""
    name = escape(hit.title or hit.id)
    return (
        "<div role='listitem'>"
        f"<span class='n'>{hit.rank}</span>"
        f"<span class='moved {way}' title='{came}'>{arrow}</span>"
        f"<span class='title' title='{escape_attribute(hit.id)}' dir='auto'>{name}</span>"
        f"<span class='score'>{hit.score:.3f}</span>"
        f"<details class='passage' dir='auto' data-kept='{escape_attribute(hit.id)}'>"
        f"<summary title='Show the whole passage, or a line of it'>{_marked(hit)}</summary></details>"
        "</div>"
    )


def _marked(hit: Hit) -> str:
    """The passage with its key words in strength; a line of it begins a little before the first."""
    text, most = hit.passage, max((key.weight for key in hit.key), default=1.0)
    first = min((key.start for key in hit.key), default=0)
    start = max(0, first - _BEFORE)
    if start:  # a word is not cut, where one ends before the key word
        start = text.find(" ", start, first) + 1 or start
    parts, position = [], start
    if start:
        parts.append(
            f"<span class='before'>{escape(text[:start])}</span><span class='cut'>… </span>"
        )
    for key in hit.key:
        parts.append(escape(text[position : key.start]))
        parts.append(
            f"<mark style='--w:{key.weight / most:.2f}'>{escape(text[key.start : key.end])}</mark>"
        )
        position = key.end
    return "".join([*parts, escape(text[position:])])
