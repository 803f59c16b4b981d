"""Label probabilities of every word, before and after, as an HTML table."""

from __future__ import annotations

import html

import beaconviz as bv
from beaconviz.figures.theme import label_colour
from beaconviz.models.entities import split_label

_STYLE = """<style>
.bv-tags { max-height: 26rem; overflow: auto; }
.bv-tags table { border-collapse: collapse; font-size: 0.86rem; width: 100%; }
.bv-tags th { text-align: start; font-weight: 600; opacity: 0.75; position: sticky; top: 0; }
.bv-tags th, .bv-tags td { padding: 0.2rem 0.7rem 0.2rem 0; border: 0; white-space: nowrap; }
.bv-tags tbody tr { border-top: 1px solid color-mix(in srgb, currentColor 12%, transparent); }
.bv-tags td.moved { font-weight: 600; }
.bv-tags .bars { display: inline-block; width: 6.5rem; vertical-align: middle; margin-right: 0.5rem; }
.bv-tags .bars i { display: block; height: 5px; margin: 1px 0; border-radius: 2px; background: var(--c); }
.bv-tags .bars i:first-child { opacity: 0.4; }
.bv-tags .n { font-variant-numeric: tabular-nums; opacity: 0.85; font-size: 0.8rem; }
</style>"""

_MOVED = 0.05  # a probability that moved by this much is set in bold


def labels_html(comparison: bv.Comparison) -> str:
    """A row per word: its tag, and for every type the probability before and after.

    B- and I- of a type are added up. The upper, paler bar is the baseline. Text is escaped.
    """
    table = comparison.labels()
    kinds = _kinds(comparison.baseline.labels)
    head = "".join(f"<th>{html.escape(kind)}</th>" for kind in kinds)
    body = []
    for _, row in table.iterrows():
        before, after = row["tag_baseline"], row["tag_edited"]
        cells = [
            _cell(
                kind,
                *(
                    float(sum(row[f"{label}_{run}"] for label in labels))
                    for run in ("baseline", "edited")
                ),
            )
            for kind, labels in kinds.items()
        ]
        tag = html.escape(before if before == after else f"{before} → {after}")
        moved = ' class="moved"' if before != after else ""
        word = f'<td dir="auto">{html.escape(row["word"])}</td>'
        body.append(f"<tr>{word}<td{moved}>{tag}</td>{''.join(cells)}</tr>")
    return (
        f'{_STYLE}<div class="bv-tags" tabindex="0"><table><thead><tr><th>word</th><th>tag</th>{head}'
        f"</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def _kinds(labels: tuple[str, ...]) -> dict[str, list[str]]:
    kinds: dict[str, list[str]] = {}
    for label in labels:
        kinds.setdefault(split_label(label)[1] or "none", []).append(label)
    return kinds


def _cell(kind: str, before: float, after: float) -> str:
    bars = "".join(f'<i style="width:{100 * share:.1f}%"></i>' for share in (before, after))
    moved = ' class="moved"' if abs(after - before) >= _MOVED else ""
    return (
        f'<td{moved} style="--c:{label_colour(kind)}"><span class="bars">{bars}</span>'
        f'<span class="n">{before:.2f} → {after:.2f}</span></td>'
    )
