"""Elastic attention: a small module that computes beacons and gates for any sentence.

For every layer and head a few weights act on the hidden states u that enter the layer:

    beacon  A[i, j] = wᵀuⱼ + (P uᵢ)ᵀ(R uⱼ) + b[j − i]        gate  M[i, j] = 2·σ(vᵀuⱼ)

The sources call wᵀu "elastic weights". The query term, the bias by distance and the gate are
options. M(S + A) follows the `gate` reading.
All weights but R start at 0, so an untrained module changes nothing: A is 0, and 2·σ(0) is 1. The
sigmoid keeps the gate between 0 and 2, so a score is weakened or at most doubled, never negated.
The gate depends on the key alone, so it is a factor on the key and works with the fused kernel.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from beaconviz.core.errors import BeaconvizError

_CHECKS = {"query": "a rank, 0 for none", "distance": "a number of tokens, 0 for none"}


@dataclass(frozen=True)
class Options:
    """The options of a module.

    query: rank of the query term; 0 leaves it out. distance: the number of tokens on each side with
    a bias of their own; farther ones share the outermost; 0 leaves it out. marker: whether there is
    a gate. Two controls: shuffled gives every token the beacon of another token of the sentence;
    frozen draws all weights at random, so that beacons are about one logit where u has components
    of size 1, and trains none. seed: of all random draws.
    """

    query: int = 0
    distance: int = 16
    marker: bool = False
    shuffled: bool = False
    frozen: bool = False
    seed: int = 7

    def __post_init__(self) -> None:
        for name, expected in _CHECKS.items():
            value = getattr(self, name)
            if not isinstance(value, int) or value < 0:
                raise BeaconvizError(f"{name} is {value!r}; expected {expected}")


@dataclass(frozen=True)
class MadeFor:
    """The model that a module belongs to: its name (of a folder, without the path) and sizes."""

    name: str
    layers: int
    heads: int
    hidden_size: int


@dataclass(frozen=True)
class Pull:
    """One layer's beacons and gates for a batch, kept as small factors instead of a whole map.

    column: Float[Tensor, "batch head key"]. asks: Float[Tensor, "batch head query rank"], and
    answers, of keys. near: Float[Tensor, "head 2·distance+1"]. gate: Float[Tensor, "batch head
    key"].
    """

    column: Tensor
    asks: Tensor | None = None
    answers: Tensor | None = None
    near: Tensor | None = None
    gate: Tensor | None = None

    def beacon(self, rows: slice = slice(None)) -> Tensor:
        """A's rows, in units of S, Float[Tensor, "batch head row key"]; a single row where all rows
        are equal."""
        beacon = self.column[:, :, None]
        if self.asks is not None and self.answers is not None:
            beacon = beacon + self.asks[:, :, rows] @ self.answers.transpose(-2, -1)
        if self.near is not None:
            places = torch.arange(self.column.shape[-1], device=self.column.device)
            reach = self.near.shape[-1] // 2
            away = (places - places[rows, None]).clamp(-reach, reach) + reach  # (row, key)
            beacon = beacon + self.near[:, away]
        return beacon

    def added(self, rows: slice = slice(None)) -> Tensor:
        """M ∘ A, the term added to M ∘ S; shape and units as `beacon`."""
        return self.beacon(rows) if self.gate is None else self.beacon(rows) * self.gate[:, :, None]

    def of_sample(self, sample: int, length: int) -> Pull:
        """One sample's part without its padding, the batch axis kept."""
        batch_part = slice(sample, sample + 1)
        return replace(
            self,
            column=self.column[batch_part, :, :length],
            asks=None if self.asks is None else self.asks[batch_part, :, :length],
            answers=None if self.answers is None else self.answers[batch_part, :, :length],
            gate=None if self.gate is None else self.gate[batch_part, :, :length],
        )


class ElasticBeacons(nn.Module):
    """The weights w, P, R, b and v of every layer and head: all that is trained."""

    def __init__(self, made_for: MadeFor, options: Options | None = None) -> None:
        super().__init__()
        self.made_for, self.options = made_for, options or Options()
        layers, heads, hidden = made_for.layers, made_for.heads, made_for.hidden_size
        rank, reach = self.options.query, self.options.distance
        draw = torch.Generator().manual_seed(self.options.seed)
        logit = (hidden // heads) ** 0.5  # in units of S

        def start(*shape: int, drawn: float = 0.0) -> nn.Parameter:
            size = drawn or logit * hidden**-0.5
            weights = torch.randn(layers, heads, *shape, generator=draw) * size
            free = not self.options.frozen
            weights = weights.zero_() if free and not drawn else weights
            return nn.Parameter(weights, requires_grad=free)

        self.column = start(hidden)
        self.asks = start(rank, hidden) if rank else None
        self.answers = start(rank, hidden, drawn=hidden**-0.5) if rank else None
        self.near = start(2 * reach + 1) if reach else None
        self.gate = start(hidden) if self.options.marker else None

    def forward(self, layer: int, states: Tensor, mask: Tensor | None) -> Pull:
        """One layer's beacons and gates.

        Args:
            states: u, Float[Tensor, "batch token hidden"].
            mask: the model's mask, Bool[Tensor, "batch 1 query key"], True where a query may
                attend.
        """
        dtype = states.dtype
        query_states = states.to(self.column.dtype)
        key_states = (
            query_states if not self.options.shuffled else self._shuffled(query_states, mask)
        )
        pull = Pull(
            column=_read(key_states, self.column[layer]),
            asks=None if self.asks is None else _read_ranks(query_states, self.asks[layer]),
            answers=None if self.answers is None else _read_ranks(key_states, self.answers[layer]),
            near=None if self.near is None else self.near[layer],
            gate=None if self.gate is None else 2 * _read(key_states, self.gate[layer]).sigmoid(),
        )
        parts = {name: part for name, part in vars(pull).items() if part is not None}
        return replace(pull, **{name: part.to(dtype) for name, part in parts.items()})

    def _shuffled(self, states: Tensor, mask: Tensor | None) -> Tensor:
        """The tokens' states in another order, which depends only on the seed and the length."""
        batch, length, _ = states.shape
        if mask is None:
            seen = torch.ones(batch, length, dtype=torch.bool)
        else:
            seen = mask.any(dim=-2)[:, 0].expand(batch, -1).cpu()
        order = torch.arange(length).repeat(batch, 1)
        for sample, tokens in enumerate(seen):
            places = tokens.nonzero().flatten()
            draw = torch.Generator().manual_seed(self.options.seed + len(places))
            order[sample, places] = places[torch.randperm(len(places), generator=draw)]
        return states[torch.arange(batch)[:, None], order.to(states.device)]

    def check(self, model: MadeFor) -> None:
        """Raises BeaconvizError unless this module belongs to that model."""
        check_pair(self.made_for, model)


def check_pair(made_for: MadeFor, model: MadeFor) -> None:
    """Raises BeaconvizError unless beacons made for one model belong to the other."""
    if made_for != model:
        raise BeaconvizError(
            f"the learned beacons were made for {_model_text(made_for)}; this model is "
            f"{_model_text(model)}: load the model that they belong to, or train them for this one"
        )


def _read(states: Tensor, weights: Tensor) -> Tensor:
    """wᵀu for every head, Float[Tensor, "batch head token"]."""
    return torch.einsum("bnu,hu->bhn", states, weights)


def _read_ranks(states: Tensor, weights: Tensor) -> Tensor:
    """The same for every head and rank, Float[Tensor, "batch head token rank"]."""
    return torch.einsum("bnu,hru->bhnr", states, weights)


def _model_text(made_for: MadeFor) -> str:
    return (
        f"{made_for.name} ({made_for.layers} layers of {made_for.heads} heads, "
        f"hidden size {made_for.hidden_size})"
    )
