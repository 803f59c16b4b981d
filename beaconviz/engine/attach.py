"""Prepare a loaded network so that its attention can be edited and its layers entered late."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from torch import nn
from transformers import PreTrainedModel

from beaconviz.core.edit import Attention
from beaconviz.engine.families import Family
from beaconviz.engine.forward import SCALED
from beaconviz.engine.late import Layers, enter_layer
from beaconviz.engine.passes import PLACE, current_pass


class Size(NamedTuple):
    """Layers and heads of one kind of attention in a network."""

    layers: int
    heads: int


def make_steerable(network: PreTrainedModel, family: Family) -> None:
    """Numbers a network's layers, and lets a pass enter them late."""
    base = network.base_model
    for path, module in network.named_modules():
        for kind, pattern in family.places.items():
            if match := re.fullmatch(pattern, path):
                setattr(module, PLACE, (kind, int(match[1])))
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
    parent.register_forward_pre_hook(
        _begin_call
    )  # OPT's head calls it directly, not through its base
    parent.register_forward_hook(_end_layers)
    layers = Layers(getattr(parent, name))
    setattr(parent, name, layers)
    for layer in nn.ModuleList.__iter__(layers):
        layer.register_forward_pre_hook(_enter_layer, with_kwargs=True)


def attention_sizes(network: PreTrainedModel) -> dict[Attention, Size]:
    """The size of each kind of attention whose modules were marked by `make_steerable`."""
    modules: dict[Attention, list[nn.Module]] = {}
    for module in network.modules():
        if place := getattr(module, PLACE, None):
            modules.setdefault(place[0], []).append(module)
    return {kind: Size(len(layers), _heads(layers[0])) for kind, layers in modules.items()}


def attention_modules(network: PreTrainedModel, family: Family, kind: Attention) -> list[nn.Module]:
    """The modules of a kind of attention, by layer; each has `is_causal`."""
    if not family.places:
        return [module for module in network.modules() if hasattr(module, "is_causal")]
    placed = [(getattr(module, PLACE, None), module) for module in network.modules()]
    return [module for place, module in placed if place is not None and place[0] == kind]


def _heads(module: nn.Module) -> int:
    names = ("num_heads", "n_heads", "num_attention_heads")
    return next(int(getattr(module, name)) for name in names if hasattr(module, name))


def _begin_call(module: nn.Module, args: tuple[Any, ...]) -> None:
    """Hook before each forward call."""
    forward_pass = current_pass()
    if forward_pass is not None:
        forward_pass.begin_call()


def _enter_layer(
    module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """Hook before each layer."""
    forward_pass = current_pass()
    return None if forward_pass is None else enter_layer(forward_pass, module, args, kwargs)


def _note_states(module: nn.Module, args: tuple[Any, ...]) -> None:
    """Hook before a shared layer: only its input is kept."""
    forward_pass = current_pass()
    if forward_pass is not None:
        forward_pass.cursor.states = args[0]


def _end_layers(module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
    """Hook after all layers: keeps the last hidden states, after the network's final normalisation
    if any. Of an encoder–decoder network they are the encoder's."""
    forward_pass = current_pass()
    if forward_pass is not None and forward_pass.recorder is not None:
        named = getattr(output, "encoder_last_hidden_state", None)
        if named is None:  # the output may begin with a head's logits
            named = getattr(output, "last_hidden_state", None)
        forward_pass.recorder.last = output[0] if isinstance(output, tuple) else named
