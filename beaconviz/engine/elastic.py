"""Elastic attention: beacons, and gates, that a small module makes for any sentence.

For every layer and head a few weights read the hidden states u that enter the layer:

    beacon  A[i, j] = wᵀuⱼ + (P uᵢ)ᵀ(R uⱼ) + b[j − i]        gate  M[i, j] = 2·σ(vᵀuⱼ)

wᵀu is the sources' "elastic weights"; the query term and the bias by distance are options, and
so is the gate. M(S + A) is read as the `gate` reading has it. All weights but R start at 0, so
an untrained module changes nothing: A is 0, and 2·σ(0) is 1. The gate is a sigmoid because that
keeps it between 0 and 2, so that a pull is faded or doubled and never turned round; and because
it goes by column, it is one factor on a key, which the fused kernel takes as it is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from beaconviz.core.errors import BeaconvizError

_CHECKS = {"query": "a rank, 0 for none", "distance": "a number of tokens, 0 for none"}


@dataclass(frozen=True)
class Options:
    """What a module is made of.

    query: rank of the query term; 0 is none. distance: how many tokens to either side have a bias
    of their own, the rest share the outermost; 0 is none. marker: a gate too. Two controls:
    shuffled gives every token the beacon of another one of the sentence; frozen draws all weights
    at random, about one logit each where u has components of size 1, and trains none. seed: of
    what is drawn.
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
    """The model that a module belongs to: its name, a folder's without the path, and its sizes."""

    name: str
    layers: int
    heads: int
    hidden_size: int


@dataclass(frozen=True)
class Pull:
    """One layer's beacons and gates for a batch, in parts, so that a run can keep them.

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
        """A's rows, in units of S, Float[Tensor, "batch head row key"]; one row where all are
        alike."""
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
        """M ∘ A, what is added to M ∘ S: shape and units as `beacon`."""
        return self.beacon(rows) if self.gate is None else self.beacon(rows) * self.gate[:, :, None]

    def of_sample(self, sample: int, length: int) -> Pull:
        """One sample's part without its padding, the batch axis kept."""
        one = slice(sample, sample + 1)
        return replace(
            self,
            column=self.column[one, :, :length],
            asks=None if self.asks is None else self.asks[one, :, :length],
            answers=None if self.answers is None else self.answers[one, :, :length],
            gate=None if self.gate is None else self.gate[one, :, :length],
        )


class ElasticBeacons(nn.Module):
    """The weights w, P, R, b and v of every layer and head; what it learns is all in here."""

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
        """One layer's pull.

        Args:
            states: u, Float[Tensor, "batch token hidden"].
            mask: the model's mask, Bool[Tensor, "batch 1 query key"], True where a query may look.
        """
        kind = states.dtype
        asking = states.to(self.column.dtype)
        told = asking if not self.options.shuffled else self._shuffled(asking, mask)
        pull = Pull(
            column=_read(told, self.column[layer]),
            asks=None if self.asks is None else _read_each(asking, self.asks[layer]),
            answers=None if self.answers is None else _read_each(told, self.answers[layer]),
            near=None if self.near is None else self.near[layer],
            gate=None if self.gate is None else 2 * _read(told, self.gate[layer]).sigmoid(),
        )
        parts = {name: part for name, part in vars(pull).items() if part is not None}
        return replace(pull, **{name: part.to(kind) for name, part in parts.items()})

    def _shuffled(self, states: Tensor, mask: Tensor | None) -> Tensor:
        """The tokens' states in another order, which goes by the sentence's length alone."""
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
    """Raises BeaconvizError unless what was made for the one belongs to the other."""
    if made_for != model:
        raise BeaconvizError(
            f"the learned beacons were made for {_told(made_for)}; this model is "
            f"{_told(model)}: load the model that they belong to, or train them for this one"
        )


def _read(states: Tensor, weights: Tensor) -> Tensor:
    """wᵀu of every head, Float[Tensor, "batch head token"]."""
    return torch.einsum("bnu,hu->bhn", states, weights)


def _read_each(states: Tensor, weights: Tensor) -> Tensor:
    """The same of every rank, Float[Tensor, "batch head token rank"]."""
    return torch.einsum("bnu,hru->bhnr", states, weights)


def _told(made_for: MadeFor) -> str:
    return (
        f"{made_for.name} ({made_for.layers} layers of {made_for.heads} heads, "
        f"hidden size {made_for.hidden_size})"
    )
