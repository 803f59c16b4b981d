"""A design on a model: compiled for it, and steering whatever calls it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from beaconviz.core.design import Design
from beaconviz.core.edit import Attention, DesignError
from beaconviz.core.words import Tokens
from beaconviz.engine.compile import compile_design, named_steps
from beaconviz.engine.passes import Pass, Place, travelling
from beaconviz.engine.rows import RowEdit
from beaconviz.engine.steps import OpenEdit
from beaconviz.models.model import Model


@contextmanager
def steering(model: Model, design: Design, tokens: Tokens | None = None) -> Iterator[None]:
    """Calls of `model.network` inside the block attend as `design` says.

    >>> with steering(model, design):                       # doctest: +SKIP
    ...     logits = model.network(**inputs).logits

    Args:
        tokens: the text's tokens when they are not those of the design's own words; the edit
            acts on every sample of a call, from its first token on.

    Positions are counted by the keys of a cache. Where a model's own cache keeps a window of them
    alone (Gemma 2, Qwen2), call `generate` with `past_key_values=DynamicCache()`.

    Raises:
        DesignError: words, layers or heads that do not fit the model and the text.
    """
    tokens = tokens or model.tokenize(list(design.words))
    with travelling(Pass(*compile_for_writing(model, design, tokens))):
        yield


def compile_for(
    model: Model,
    design: Design,
    tokens: Tokens,
    attention: Attention = "self",
    *,
    open: bool = False,
) -> dict[int, tuple[RowEdit, ...]]:
    """The design's row edits on the model's device, by layer."""
    check_attentions(model, design)
    sizes = model.sizes[attention]
    compiled = compile_design(
        design, tokens, layers=sizes.layers, heads=sizes.heads, attention=attention, open=open
    )
    device, dtype = model.device, model.dtype
    moved = {  # layers that share their edits go on sharing them
        id(edits): tuple(edit.to(device, dtype) for edit in edits) for edits in compiled.values()
    }
    return {layer: moved[id(edits)] for layer, edits in compiled.items()}


def compile_for_writing(
    model: Model, design: Design, tokens: Tokens
) -> tuple[list[dict[int, tuple[RowEdit, ...]]], dict[Place, tuple[OpenEdit, ...]]]:
    """A pass's `edits` and `open` for a text and all that the model writes after it, or of it."""
    closed, open = [], {}
    for attention in model.sizes:
        written = attention != "self" or model.task.over_next
        compiled = compile_for(model, design, tokens, attention, open=written)
        if not written:
            closed = [compiled]
            continue
        named = first = len(tokens)
        if attention != "self":
            named, first = named_steps(design, attention), 1
            _check_steps(model, named)
        made: dict[int, tuple[OpenEdit, ...]] = {}
        for layer, edits in compiled.items():
            if id(edits) not in made:  # layers that share their edits go on sharing them
                made[id(edits)] = tuple(
                    OpenEdit(edit, named, attention != "cross", first) for edit in edits
                )
            open[attention, layer] = made[id(edits)]
    return closed, open


def check_attentions(model: Model, design: Design) -> None:
    """Raises unless the model has every kind of attention that the design edits."""
    for position, edit in enumerate(design.edits):
        if edit.attention not in model.sizes:
            raise DesignError(
                f"edits[{position}].attention is {edit.attention!r}; {model.name} has only "
                f"{', '.join(model.sizes)}: leave that edit out, or take a model that translates"
            )


def _check_steps(model: Model, named: int) -> None:
    """Raises unless the model writes as many steps as a design names."""
    if named > model.most_written:
        raise DesignError(
            f"the design names step {named - 1:,}; {model.name} writes at most "
            f"{model.most_written:,}: leave the cells of later steps out"
        )


