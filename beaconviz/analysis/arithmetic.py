"""One row of attention, step by step: QKᵀ, + A, M, / √d, cap, softmax."""

from __future__ import annotations

import pandas as pd
from torch import Tensor

from beaconviz.analysis.comparison import Comparison
from beaconviz.core.attention import edit_scores, masked_softmax
from beaconviz.core.design import Design
from beaconviz.core.expand import expanded
from beaconviz.engine.attend import capped
from beaconviz.engine.trace import LayerTrace


def row_steps(comparison: Comparison, layer: int, head: int, row: int) -> pd.DataFrame:
    """The formula's steps for one query token: a row per key token, a column per step.

    Scores are in units of S until "/ √d", which is in logits; the last two columns are
    probabilities: the edited row, and the baseline's. "position bias" (T5), "learned beacons" and
    "cap" (Gemma 2) are columns only where the model or the run has them.
    """
    run = comparison.edited
    trace, tokens = run.traces[layer], run.aligned
    products = (trace.query[head] @ trace.key[head].T).float().cpu()  # (query, key), units of S
    added = _added(trace, head)
    columns = {"key": list(tokens.tokens), "S = q·k": products[row].numpy()}
    if added is not None:
        name = "learned beacons" if trace.pull is not None else "position bias"
        columns[f"+ {name}"] = added[row].numpy()
    unedited = products if added is None else products + added
    scores = unedited
    design = on_tokens(comparison)
    stack = [n for n, edit in enumerate(design.edits) if head in edit.heads_in(layer, run.heads)]
    for number in stack:
        mark = f" {number + 1}" if len(stack) > 1 else ""
        marker, beacon = (design.matrix(name, number) for name in ("marker", "beacon"))
        columns[f"A{mark}"] = beacon[row].numpy()
        columns[f"S + A{mark}"] = (scores + beacon)[row].numpy()
        columns[f"M{mark}"] = marker[row].numpy()
        scores = edit_scores(scores, marker, beacon, design.reading)
        columns[f"after M{mark}"] = scores[row].numpy()
    logits, fallback = scores * trace.scaling, unedited * trace.scaling
    columns["/ √d"] = logits[row].numpy()
    if trace.softcap is not None:
        logits, fallback = capped(logits, trace.softcap), capped(fallback, trace.softcap)
        columns["cap"] = logits[row].numpy()
    mask = None if trace.mask is None else trace.mask[0].cpu()
    columns["softmax"] = masked_softmax(logits, mask, fallback)[row].numpy()
    columns["baseline"] = comparison.baseline.attention(layer, head)[row].float().numpy()
    return pd.DataFrame(columns).replace([float("-inf")], float("nan"))


def describe_row(comparison: Comparison, row: int) -> str:
    """In words, what a token's row of M does in the design's first edit."""
    design = on_tokens(comparison)
    marker = design.matrix("marker")[row].tolist()
    return design.kind.describe(marker, row, comparison.edited.tokens)


def on_tokens(comparison: Comparison) -> Design:
    """The comparison's design, spread over the tokens."""
    design = comparison.design
    return design if design.unit == "token" else expanded(design, comparison.edited.aligned)


def _added(trace: LayerTrace, head: int) -> Tensor | None:
    """What is added to QKᵀ before an edit, Float[Tensor, "query key"], in units of S."""
    bias = trace.bias([head])
    return None if bias is None else (bias[0] / trace.scaling).float().cpu()
