"""Once, when a model is loaded: its attention can be edited, and its layers entered late."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from torch import nn
from transformers import PreTrainedModel

from beaconviz.core.edit import Attention
from beaconviz.engine.families import Family
from beaconviz.engine.late import narrowed, put_back
from beaconviz.engine.passes import PLACE, SCALED, _current


class Layers(nn.ModuleList):
    """A model's layers, which a pass may enter late: those below its start are not run."""

    def __iter__(self) -> Iterator[nn.Module]:
        one = _current.get()
        every = super().__iter__()
        for _ in range(0 if one is None else one.start):
            next(every)
        return every


def _enter_layer(
    module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """Before each layer: hand in the hidden states to resume from, keep what enters."""
    one = _current.get()
    if one is None:
        return None
    if one.resume is not None and one.entered == 0:
        args = (one.resume, *args[1:])
    if one.around is not None and one.entered == 1:
        args = (put_back(args[0], one.rows[one.start], one.around), *args[1:])
    layer = one.start + one.entered
    one.entered += 1
    one.states = args[0]
    if one.keep and one.only is None:
        one.hidden.append(args[0])
    return narrowed(one, layer, module, args, kwargs) if layer in one.rows else (args, kwargs)


def _begin_call(module: nn.Module, args: tuple[Any, ...]) -> None:
    """Before each forward call: count layers anew, also after a call that failed half-way."""
    one = _current.get()
    if one is not None:
        one.called = one.entered = 0


def _end_layers(module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
    """After all layers: keep what they give, normalised where the network does so."""
    one = _current.get()
    if one is not None and one.keep:
        one.last = output[0]


def _note_states(module: nn.Module, args: tuple[Any, ...]) -> None:
    """Before a layer that others share: all that is kept of it is what enters."""
    one = _current.get()
    if one is not None:
        one.states = args[0]


class Size(NamedTuple):
    """Of one kind of attention in a network."""

    layers: int
    heads: int


def attention_sizes(network: PreTrainedModel) -> dict[Attention, Size]:
    """The kinds of attention whose places were noted, and their sizes."""
    found: dict[Attention, list[nn.Module]] = {}
    for module in network.modules():
        if place := getattr(module, PLACE, None):
            found.setdefault(place[0], []).append(module)
    return {kind: Size(len(some), _heads(some[0])) for kind, some in found.items()}


def _heads(module: nn.Module) -> int:
    names = ("num_heads", "n_heads", "num_attention_heads")
    return next(int(getattr(module, name)) for name in names if hasattr(module, name))


def make_steerable(network: PreTrainedModel, family: Family) -> None:
    """Once, when a model is loaded: numbers its layers, and lets a pass enter them late."""
    base = network.base_model
    for path, module in network.named_modules():
        for kind, pattern in family.places.items():
            if found := re.fullmatch(pattern, path):
                setattr(module, PLACE, (kind, int(found[1])))
        if family.scaled:
            setattr(module, SCALED, True)
    for path, module in base.named_modules():
        if family.shared is not None and re.fullmatch(family.shared, path):
            module.register_forward_pre_hook(_note_states)
    if family.layers is None:
        base.register_forward_pre_hook(_begin_call)
        base.register_forward_hook(_end_layers)
        return
    parent_path, _, name = family.layers.rpartition(".")
    parent = base.get_submodule(parent_path)
    parent.register_forward_pre_hook(_begin_call)  # OPT's head calls it without calling its base
    parent.register_forward_hook(_end_layers)
    layers = Layers(getattr(parent, name))
    setattr(parent, name, layers)
    for layer in nn.ModuleList.__iter__(layers):
        layer.register_forward_pre_hook(_enter_layer, with_kwargs=True)
