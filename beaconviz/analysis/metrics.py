"""Metrics of attention maps, whose rows are probability distributions over keys.

Entropies and divergences are in nats, distances in words. Long texts are computed in blocks of
rows.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import repeat

import torch
from jaxtyping import Float
from torch import Tensor

from beaconviz.core.edit import Attention
from beaconviz.engine.trace import Traces
from beaconviz.runs.run import Run

Watcher = Callable[[int, slice, Tensor], None]

NAMES = ("entropy", "distance")


def entropy(weights: Float[Tensor, "*axes query key"]) -> Float[Tensor, "*axes query"]:
    """Shannon entropy of each row, in nats; 0 where all weight is on one key."""
    least = torch.finfo(weights.dtype).tiny  # 0 · log 0 is 0
    return -(weights * weights.clamp(min=least).log()).sum(dim=-1)


def divergence(
    before: Float[Tensor, "*axes query key"], after: Float[Tensor, "*axes query key"]
) -> Float[Tensor, "*axes query"]:
    """Jensen–Shannon divergence of each pair of rows, in nats, from 0 to ln 2 (Lin 1991)."""
    middle = (before + after) / 2
    return (entropy(middle) - (entropy(before) + entropy(after)) / 2).clamp(min=0)


def distance(
    weights: Float[Tensor, "*axes query key"],
    rows: Float[Tensor, " query"],
    columns: Float[Tensor, " key"],
) -> Float[Tensor, "*axes query"]:
    """The mean distance between each query word and the words that it attends to.

    rows, columns: the word of each row and column; nan for special tokens, which are left out.
    """
    away = (rows[:, None] - columns[None, :]).abs()  # (query, key)
    counted = weights * away.isfinite()
    total = counted.sum(dim=-1).clamp(min=torch.finfo(weights.dtype).tiny)
    return (counted * away.nan_to_num()).sum(dim=-1) / total


def received(weights: Float[Tensor, "*axes query key"]) -> Float[Tensor, "*axes key"]:
    """What each key receives from all queries, Σᵢ aᵢⱼ: the information weight of a word."""
    return weights.sum(dim=-2)


def by_head(
    before: Run, after: Run, attention: Attention = "self"
) -> dict[str, Float[Tensor, "layer head"]]:
    """Row means for every layer and head of a kind of attention.

    Keys are `divergence`, and entropy and distance with `_baseline` and `_edited`. Only rows of
    "self" have a distance; of the others it is nan.
    """
    if attention != "self":
        return _by_head_of_written(before.of(attention), after.of(attention))
    words = torch.tensor([float("nan") if w is None else w for w in before.aligned.word_of])
    inside = words.isfinite()
    layers, heads, tokens = before.layers, before.heads, len(before.aligned)
    table = {
        name: torch.zeros(layers, heads)
        for name in ("divergence", *(f"{n}_{run}" for n in NAMES for run in ("baseline", "edited")))
    }
    for layer in range(layers):
        blocks = (run.blocks(layer, range(heads)) for run in (before, after))
        for (rows, old), (_, new) in zip(*blocks, strict=True):
            share = rows.stop - rows.start
            table["divergence"][layer] += divergence(old, new).mean(dim=-1).cpu() * share / tokens
            for run, weights in (("baseline", old), ("edited", new)):
                weights = weights.cpu()
                table[f"entropy_{run}"][layer] += entropy(weights).mean(dim=-1) * share / tokens
                away = distance(weights, words[rows], words)[:, inside[rows]]
                table[f"distance_{run}"][layer] += away.sum(dim=-1) / inside.sum().clamp(min=1)
    return table


def divergence_by_head(
    before: Run, after: Run, see: Watcher | None = None
) -> Float[Tensor, "layer head"]:
    """How much each head changed: mean Jensen–Shannon divergence, in nats.

    see: called with every block of `after`'s maps, so that a caller can use them without computing
        them again: the layer, the rows, and the weights, Float[Tensor, "head row key"].
    """
    table = torch.zeros(before.layers, before.heads)
    heads = range(before.heads)
    for layer in range(before.layers):
        same = before.traces[layer] is after.traces[layer]  # below the first edited layer
        if same and see is None:
            continue
        old = repeat((slice(0), None)) if same else before.blocks(layer, heads)
        for (_, earlier), (rows, later) in zip(old, after.blocks(layer, heads), strict=False):
            if earlier is not None:
                table[layer] += divergence(earlier, later).sum(dim=-1).cpu() / len(before.aligned)
            if see is not None:
                see(layer, rows, later)
    return table


def divergence_of(before: Traces, after: Traces) -> Float[Tensor, "layer head"]:
    """The same for a decoder's attention.

    Rows of generated texts of different length cannot be paired. Where both attend to the same
    keys (the source), the means of their rows are compared; otherwise the result is nan.
    """
    table = torch.zeros(len(before.layers), before.heads)
    for layer in range(len(before.layers)):
        old, new = before.weights(layer), after.weights(layer)
        if old.shape[1] != new.shape[1]:
            old, new = (weights.mean(dim=1, keepdim=True) for weights in (old, new))
        same = old.shape == new.shape
        table[layer] = divergence(old, new).mean(dim=-1).cpu() if same else float("nan")
    return table


def _by_head_of_written(before: Traces, after: Traces) -> dict[str, Tensor]:
    table = {"divergence": divergence_of(before, after)}
    for run, traces in (("baseline", before), ("edited", after)):
        rows = [entropy(traces.weights(layer)) for layer in range(len(traces.layers))]
        table[f"entropy_{run}"] = torch.stack([row.mean(dim=-1).cpu() for row in rows])
        table[f"distance_{run}"] = torch.full_like(table[f"entropy_{run}"], float("nan"))
    return table
