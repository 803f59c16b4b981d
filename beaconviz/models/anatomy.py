"""The parts of a network: its stacks of layers, their kinds of attention, and their sizes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from torch import nn

from beaconviz.core.edit import Attention
from beaconviz.engine.attach import attention_modules
from beaconviz.engine.late import can_start_late
from beaconviz.models.model import Model

# Names of the feed-forward size in configs; the name for a single stack comes first.
_INNER = ("encoder_ffn_dim", "intermediate_size", "hidden_dim", "ffn_dim", "n_inner", "d_ff")
_INNER_OF_DECODER = ("decoder_ffn_dim", *_INNER)


@dataclass(frozen=True)
class Kind:
    """One kind of attention in a stack; every layer has it.

    key_heads: the number of key heads; query heads share them evenly.
    causal: whether a query attends only to itself and earlier tokens.
    windows: by layer, how many tokens on each side a query may attend to; None is no limit.
    """

    name: Attention
    heads: int
    key_heads: int
    causal: bool
    windows: tuple[int | None, ...]


@dataclass(frozen=True)
class Stack:
    """Layers that follow each other.

    vocabulary, embedding: the number of input tokens, and the size of their embeddings.
    hidden: the size of a token's state. inner: the size inside the feed-forward part.
    kinds: in the order in which a layer has them.
    modules: the number of layers with weights of their own; fewer than `layers` if shared.
    reads_again: whether it is a decoder that reads the text again.
    """

    layers: int
    vocabulary: int
    embedding: int
    hidden: int
    inner: int
    kinds: tuple[Kind, ...]
    modules: int
    reads_again: bool = False


def stacks(model: Model) -> tuple[Stack, ...]:
    """The network's stacks, from input to output: one, or an encoder and a decoder."""
    network = model.network
    if "decoder" not in model.sizes:
        return (_stack(model, ("self",), model.config, network.get_input_embeddings(), _INNER),)
    config = getattr(network.config, "decoder", network.config)
    written = network.get_decoder().get_input_embeddings()
    return (
        _stack(model, ("self",), model.config, network.get_input_embeddings(), _INNER),
        _stack(model, ("decoder", "cross"), config, written, _INNER_OF_DECODER),
    )


def starts_late(model: Model) -> bool:
    """Whether a run can reuse the baseline's layers below its first edited one."""
    return can_start_late(model.family)


def _stack(
    model: Model, names: tuple[Attention, ...], config: Any, embeddings: nn.Module, inner: Any
) -> Stack:
    weight: Any = embeddings.weight
    hidden = int(config.hidden_size)
    sizes = [getattr(config, name, None) for name in inner]
    return Stack(
        layers=model.sizes[names[0]].layers,
        vocabulary=weight.shape[0],
        embedding=weight.shape[1],
        hidden=hidden,
        inner=next((int(size) for size in sizes if size), 4 * hidden),  # as GPT-2 does without one
        kinds=tuple(_kind(model, name) for name in names),
        modules=len(attention_modules(model.network, model.family, names[0])),
        reads_again=names[0] == "decoder" and model.reads_twice,
    )


def _kind(model: Model, name: Attention) -> Kind:
    layers, heads = model.sizes[name]
    modules = attention_modules(model.network, model.family, name)
    windows = [getattr(module, "sliding_window", None) for module in modules]
    if len(modules) < layers:  # layers that share their weights have no windows
        windows = [None] * layers
    return Kind(
        name=name,
        heads=heads,
        key_heads=heads // int(getattr(modules[0], "num_key_value_groups", 1)),
        causal=model.is_causal(name),
        # transformers counts the query's own token too.
        windows=tuple(None if window is None else int(window) - 1 for window in windows),
    )
