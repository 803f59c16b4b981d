"""Label probabilities of every word, before and after, as an HTML table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from beaconviz.core.labels import split_label
from beaconviz.figures.escape import escape
from beaconviz.figures.theme import label_colour
from beaconviz.models.tasks.values import LabelTable

# No `opacity` and no clipping in what comes many times: each makes the browser keep a layer of
# its own, and with 500 of them every frame of the whole page took 8 ms longer.
STYLE = """<style>
.bv-tags { max-height: 26rem; overflow: auto; }
.bv-tags table { border-collapse: collapse; font-size: 0.86rem; width: 100%; }
.bv-tags th { text-align: start; font-weight: 600; position: sticky; top: 0; }
.bv-tags th, .bv-tags td { padding: 0.2rem 0.7rem 0.2rem 0; border: 0; white-space: nowrap; }
.bv-tags tbody tr { border-top: 1px solid color-mix(in srgb, currentColor 12%, transparent); }
.bv-tags td.moved { font-weight: 600; }
.bv-tags .bars { display: inline-block; width: 6.5rem; vertical-align: middle; margin-right: 0.5rem; }
.bv-tags .bars i { display: block; height: 5px; margin: 1px 0; border-radius: 2px; background: var(--c); }
.bv-tags .bars i:first-child { background: color-mix(in srgb, var(--c) 40%, transparent); }
.bv-tags .n { font-variant-numeric: tabular-nums; font-size: 0.8rem; }
</style>"""

_MOVED = 0.05  # a probability that moved by this much is set in bold


def labels_html(table: LabelTable) -> str:
    """A row per word: its tag, and for every type the probability before and after.

    B- and I- of a type are added up. The upper, paler bar is the baseline. Text is escaped.
    """
    kinds = _kinds(table.labels)
    head = "".join(f"<th>{escape(kind)}</th>" for kind in kinds)
    frame = table.frame
    before, after = (_shares(table, kinds, when) for when in ("baseline", "edited"))
    rows = zip(
        frame["word"], frame["tag_baseline"], frame["tag_edited"], before, after, strict=True
    )
    body = [_row(kinds, *row) for row in rows]
    return (
        f'<div class="bv-tags" tabindex="0"><table><thead><tr><th>word</th><th>tag</th>{head}'
        f"</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _kinds(labels: Sequence[str]) -> dict[str, list[int]]:
    """The types of entities, and the numbers of the labels that mean them."""
    kinds: dict[str, list[int]] = {}
    for number, label in enumerate(labels):
        kinds.setdefault(split_label(label)[1] or "none", []).append(number)
    return kinds


def _shares(table: LabelTable, kinds: dict[str, list[int]], when: str) -> list[list[float]]:
    """For every word, the probability of every type."""
    probabilities = table.frame[[f"{label}_{when}" for label in table.labels]].to_numpy().tolist()
    return [
        [sum(row[number] for number in numbers) for numbers in kinds.values()]
        for row in probabilities
    ]


def _row(
    kinds: Iterable[str], word: str, old: str, new: str, before: list[float], after: list[float]
) -> str:
    tag = escape(old if old == new else f"{old} → {new}")
    moved = "" if old == new else ' class="moved"'
    cells = "".join(map(_cell, kinds, before, after))
    return f'<tr><td dir="auto">{escape(word)}</td><td{moved}>{tag}</td>{cells}</tr>'


def _cell(kind: str, before: float, after: float) -> str:
    bars = "".join(f'<i style="width:{100 * share:.1f}%"></i>' for share in (before, after))
    moved = ' class="moved"' if abs(after - before) >= _MOVED else ""
    return (
        f'<td{moved} style="--c:{label_colour(kind)}"><span class="bars">{bars}</span>'
        f'<span class="n">{before:.2f} → {after:.2f}</span></td>'
    )
