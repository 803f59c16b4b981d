"""Attention by the plain definition, to put in the place of the fast path."""

import torch

from beaconviz.core.attention import edit_scores, masked_softmax
from beaconviz.engine.attend import capped
from beaconviz.engine.passes import PLACE


def dense(design, tokens, after=0, apart=0):
    """An eager attention function in the plainest way: full scores, edits as DESIGN §1 has them.

    Also what it gave for each call, by kind and layer, Float[Tensor, "head query key"].

    after, apart: how many tokens are written after the text, or apart from it.
    """
    calls = {}

    def attend(module, query, key, value, attention_mask, scaling=None, dropout=0.0, **kwargs):
        kind, layer = getattr(module, PLACE, ("self", len(calls)))
        groups = query.shape[1] // key.shape[1]
        key, value = (x.repeat_interleave(groups, dim=1) for x in (key, value))
        if type(module).__name__ == "OPTAttention":  # whose queries come scaled
            query, scaling = query * query.shape[-1] ** 0.5, query.shape[-1] ** -0.5
        raw = query @ key.transpose(-2, -1)
        bias = kwargs.get("position_bias")
        raw = raw if bias is None else raw + bias / scaling
        scores = raw.clone()
        for position, edit in enumerate(design.edits):
            if edit.attention != kind:
                continue
            marker, beacon = expand(design, tokens, position, after, apart)
            n, m = beacon.shape  # what comes after is padding
            for head in edit.heads_in(layer, query.shape[1]):
                part = scores[0, head, :n, :m]
                scores[0, head, :n, :m] = edit_scores(part, marker, beacon, design.reading)
        mask = attention_mask
        if getattr(module, "is_causal", False):
            earlier = torch.ones(raw.shape[-2:], dtype=torch.bool).tril()
            mask = earlier if mask is None else mask & earlier
        edited, before = (capped(x * scaling, kwargs.get("softcap")) for x in (scores, raw))
        weights = masked_softmax(edited, mask, before)
        calls[kind, layer] = weights[0]
        return (weights @ value).transpose(1, 2).contiguous(), None

    return attend, calls


def expand(design, tokens, position, after=0, apart=0):
    """M and A of one edit on tokens, as DESIGN §1 writes it, with dense indicators.

    Every step is a word of its own, and a "*" means all words.
    """
    edit, product = design.edits[position], design.reading == "product"
    words = indicator(tokens.units(design.unit), len(design.words))
    words = torch.block_diag(words, torch.eye(after)) if after else words
    alone = torch.eye(apart)
    rows = words if edit.attention == "self" else alone
    columns = alone if edit.attention == "decoder" else words
    beacon = torch.zeros(rows.shape[1], columns.shape[1])
    fill(beacon, edit.beacon)
    beacon = rows @ beacon @ columns.T
    if product:
        marker = torch.eye(rows.shape[1])
        # As a column of M, "*" is the words that are there.
        fill(marker, edit.marker, slice(0, rows.shape[1] - after))
        mean = rows / rows.sum(0).clamp(min=1)
        return torch.eye(len(rows)) + rows @ (marker - torch.eye(len(marker))) @ mean.T, beacon
    marker = torch.ones(rows.shape[1], columns.shape[1])
    fill(marker, edit.marker)
    if design.reading == "mask":
        marker = torch.where(marker.eq(0).all(1, keepdim=True), 1.0, marker)
    return 1 + rows @ (marker - 1) @ columns.T, beacon


def indicator(units, size):
    """E, Float[Tensor, "token unit"]."""
    belongs = torch.zeros(len(units), size)
    for token, unit in enumerate(units):
        if unit is not None:
            belongs[token, unit] = 1
    return belongs


def fill(matrix, cells, every_column=slice(None)):
    for row, column, value in cells:
        if row == "*":
            row = slice(None)
        elif row >= len(matrix):
            continue  # a step that was not written
        if column != "*" and column >= matrix.shape[1]:
            continue
        matrix[row, every_column if column == "*" else column] = value
