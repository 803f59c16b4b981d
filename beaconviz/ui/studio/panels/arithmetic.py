"""One row of attention, step by step: QKᵀ, + A, M, / √d, softmax."""

from __future__ import annotations

import pandas as pd
import streamlit as st

import beaconviz as bv
from beaconviz.core.attention import edit_scores, masked_softmax
from beaconviz.ui.shell import actions
from beaconviz.ui.shell.guard import plain
from beaconviz.ui.shell.session import Session

_FORMULAS = {
    "product": r"\mathrm{softmax}\left(\frac{M\,(QK^\top + A)}{\sqrt{d}}\right)",
    "gate": r"\mathrm{softmax}\left(\frac{M \circ (QK^\top + A)}{\sqrt{d}}\right)",
    "mask": r"\mathrm{softmax}\left(\frac{QK^\top + A}{\sqrt{d}}\ \text{where}\ M = 1\right)",
}


def arithmetic_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel: a token's row under one layer and head."""
    view, tokens = session.view, comparison.edited.aligned
    layer, head = view.layer or 0, view.head or 0
    with st.container(horizontal=True, vertical_alignment="center"):
        row = st.selectbox(
            "Row",
            range(len(tokens)),
            index=min(1, len(tokens) - 1),
            format_func=lambda number: f"{number} {tokens.tokens[number]}",
            key="arithmetic-row",
            width=200,
        )
        st.latex(_FORMULAS[view.design.reading])
    chosen = view.layer is not None and view.head is not None
    st.caption(
        f"Layer {layer}, head {head}, on tokens, as the model sees them"
        f"{'' if chosen else ' (click a head above to choose it)'}. {plain(recipe(comparison, row))}."
    )
    st.dataframe(
        steps(comparison, layer, head, row),
        hide_index=True,
        height=min(38 + 35 * len(tokens), 460),
        column_config={
            name: st.column_config.ProgressColumn(name, format="%.3f", min_value=0, max_value=1)
            for name in ("softmax", "baseline")
        },
    )


def recipe(comparison: bv.Comparison, row: int) -> str:
    """What a token's row of M does, in words; of the first edit."""
    design, names = on_tokens(comparison), comparison.edited.tokens
    marker = design.matrix("marker")[row]
    if design.reading == "product":
        parts = [f"{marker[j]:.2g} × “{names[j]}”" for j in marker.nonzero().flatten().tolist()]
        if parts == [f"1 × “{names[row]}”"]:
            return "M does not change this row"
        return "M makes this row " + (" + ".join(parts) or "all 0: its attention is uniform")
    changed = int(marker.ne(1).sum())
    done = "scales" if design.reading == "gate" else "hides"
    return f"M {done} {changed} of {len(names)} keys" if changed else "M does not change this row"


def on_tokens(comparison: bv.Comparison) -> bv.Design:
    """The comparison's design, spread over the tokens."""
    design = comparison.design
    return design if design.unit == "token" else actions.expanded(design, comparison.edited.aligned)


def steps(comparison: bv.Comparison, layer: int, head: int, row: int) -> pd.DataFrame:
    """A row per key token; a column per step of the formula, for one query token.

    Scores are in units of S until "/ √d", which is in logits; the last two columns are
    probabilities: the edited row, and the baseline's.
    """
    run = comparison.edited
    trace, tokens = run.traces[layer], run.aligned
    raw = (trace.query[head] @ trace.key[head].T).float().cpu()  # (query, key), units of S
    design = on_tokens(comparison)
    columns = {"key": list(tokens.tokens), "S = q·k": raw[row].numpy()}
    scores = raw
    stack = [n for n, edit in enumerate(design.edits) if head in edit.heads_in(layer, run.heads)]
    for number in stack:
        mark = f" {number + 1}" if len(stack) > 1 else ""
        marker, beacon = (design.matrix(name, number) for name in ("marker", "beacon"))
        columns[f"A{mark}"] = beacon[row].numpy()
        columns[f"S + A{mark}"] = (scores + beacon)[row].numpy()
        columns[f"M{mark}"] = marker[row].numpy()
        scores = edit_scores(scores, marker, beacon, design.reading)
        columns[f"after M{mark}"] = scores[row].numpy()
    logits = scores * trace.scaling
    mask = None if trace.mask is None else trace.mask[0].cpu()
    columns["/ √d"] = logits[row].numpy()
    columns["softmax"] = masked_softmax(logits, mask, raw * trace.scaling)[row].numpy()
    columns["baseline"] = comparison.baseline.attention(layer, head)[row].float().numpy()
    return pd.DataFrame(columns).replace([float("-inf")], float("nan"))
