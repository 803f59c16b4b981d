"""The formula, in its plain dense form.

    softmax( M (S + A) / √d ) V        with S = QKᵀ, a marker M and a beacon A

Everything here builds full score matrices. What M does to the scores is defined by its
kind (`core.interventions`). The fast path (`engine.rows`) recomputes only the rows that an edit
touches, and is tested against these definitions.

Axes are `batch head query key`. S and A are in raw score units; a *logit* is S / √d.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.interventions import INTERVENTIONS, READINGS, Reading


def softmax_attention(
    q: Float[Tensor, "batch head query d"],
    k: Float[Tensor, "batch head key d"],
    v: Float[Tensor, "batch head key width"],
    *,
    mask: Tensor | None = None,
    scale: float | None = None,
) -> tuple[
    Float[Tensor, "batch head query width"],
    Float[Tensor, "batch head query key"],
]:
    """Unedited attention, softmax(QKᵀ/√d)V (Vaswani et al. 2017, eq. 1).

    Args:
        mask: True (or 0.0) where a query may attend to a key, False (or -inf) where it may not;
            broadcasts to (batch, head, query, key).
        scale: logits per unit of S, 1/√d when None.

    Returns:
        The output and the weights, which are probabilities: rows sum to 1.
    """
    return beacon_attention(q, k, v, mask=mask, scale=scale)


def beacon_attention(
    q: Float[Tensor, "batch head query d"],
    k: Float[Tensor, "batch head key d"],
    v: Float[Tensor, "batch head key width"],
    marker: Tensor | None = None,
    beacon: Tensor | None = None,
    *,
    reading: Reading = "product",
    mask: Tensor | None = None,
    scale: float | None = None,
) -> tuple[
    Float[Tensor, "batch head query width"],
    Float[Tensor, "batch head query key"],
]:
    """Attention with a marker M and a beacon A, softmax(M(QKᵀ + A)/√d)V.

    Args:
        marker: query × query for `product`, query × key for `gate` and `mask`; None is neutral.
        beacon: query × key, in units of S; None is neutral. Both broadcast over batch and head.
        reading: which product M(S + A) is, see `edit_scores`.
        mask: the model's own mask, applied after the edit, so no edit lets a query see what
            the model must not see. As in `softmax_attention`.
        scale: logits per unit of S, 1/√d when None.

    Returns:
        The output and the weights, whose rows sum to 1.

    Raises:
        BeaconvizError: an unknown reading, or matrices that do not fit the scores.
    """
    scale = q.shape[-1] ** -0.5 if scale is None else scale
    raw = q @ k.transpose(-2, -1)  # (batch, head, query, key)
    edited = edit_scores(raw, marker, beacon, reading)
    weights = masked_softmax(edited * scale, mask, fallback=raw * scale)
    return weights @ v, weights


def edit_scores(
    scores: Float[Tensor, "*axes query key"],
    marker: Tensor | None,
    beacon: Tensor | None,
    reading: Reading | str = "product",
) -> Float[Tensor, "*axes query key"]:
    """One edit of the scores S, in units of S. Stacked edits are applied one after the other.

    - `product`: M @ (S + A); M is query × query, neutral at the identity.
    - `gate`: M ∘ (S + A); M is query × key, neutral at ones.
    - `mask`: S + A where M = 1, -inf where M = 0; a row of M that is all 0 masks nothing.
    """
    queries, keys = scores.shape[-2:]
    if reading not in READINGS:
        raise BeaconvizError(f"reading is {reading!r}; expected one of {', '.join(READINGS)}")
    if beacon is not None:
        _check_shape("beacon", beacon, (queries, keys))
        scores = scores + beacon.to(scores)
    if marker is None:
        return scores
    kind = INTERVENTIONS[reading]
    _check_shape("marker", marker, (queries, queries if kind.mixes_rows else keys))
    return kind.scores(scores, marker.to(scores))


def masked_softmax(
    logits: Float[Tensor, "*axes query key"],
    mask: Tensor | None,
    fallback: Float[Tensor, "*axes query key"],
) -> Float[Tensor, "*axes query key"]:
    """Softmax over keys after the model's mask, in at least float32.

    A row in which the edit and the mask together hide every key takes the unedited logits
    `fallback` instead, so no row is undefined.
    """
    masked = _apply_mask(logits, mask)
    if fallback is not logits:
        blind = masked.eq(float("-inf")).all(dim=-1, keepdim=True)
        masked = torch.where(blind, _apply_mask(fallback, mask), masked)
    accurate = torch.promote_types(logits.dtype, torch.float32)
    return torch.softmax(masked, dim=-1, dtype=accurate).to(logits.dtype)


def _apply_mask(logits: Tensor, mask: Tensor | None) -> Tensor:
    if mask is None:
        return logits
    if mask.dtype == torch.bool:
        return logits.masked_fill(~mask, float("-inf"))
    return logits + mask


def _check_shape(name: str, matrix: Tensor, expected: tuple[int, int]) -> None:
    if tuple(matrix.shape[-2:]) != expected:
        shape = "×".join(map(str, matrix.shape))
        raise BeaconvizError(
            f"{name} is {shape}; this attention expects {expected[0]}×{expected[1]}: "
            "one row a query"
        )
