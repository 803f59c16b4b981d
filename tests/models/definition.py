"""Attention by the plain definition, to put in the place of the fast path."""

import torch

from beaconviz.core.attention import edit_scores, masked_softmax
from beaconviz.models.call import capped
from tests.core.test_rows import expand


def dense(design, tokens):
    """An eager attention function in the plainest way: full scores, edits as DESIGN §1 has them.

    Also what it gave for each call, Float[Tensor, "1 head query key"].
    """
    calls = []

    def attend(module, query, key, value, attention_mask, scaling=None, dropout=0.0, **kwargs):
        layer, n = len(calls), len(tokens)
        groups = query.shape[1] // key.shape[1]
        key, value = (x.repeat_interleave(groups, dim=1) for x in (key, value))
        raw = query @ key.transpose(-2, -1)
        scores = raw.clone()
        for position, edit in enumerate(design.edits):
            for head in edit.heads_in(layer, query.shape[1]):
                part = scores[0, head, :n, :n]
                scores[0, head, :n, :n] = edit_scores(
                    part, *expand(design, tokens, position), design.reading
                )
        mask = attention_mask
        if getattr(module, "is_causal", False):
            earlier = torch.ones(n, n, dtype=torch.bool).tril()
            mask = earlier if mask is None else mask & earlier
        edited, before = (capped(x * scaling, kwargs.get("softcap")) for x in (scores, raw))
        weights = masked_softmax(edited, mask, before)
        calls.append(weights)
        return (weights @ value).transpose(1, 2).contiguous(), None

    return attend, calls
