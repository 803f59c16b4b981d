"""Compile a design for a model, and apply it to every call of the model's network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from beaconviz.core.design import Design
from beaconviz.core.edit import Attention, DesignError
from beaconviz.core.words import Tokens
from beaconviz.engine.compile import compile_design, named_steps
from beaconviz.engine.passes import LayerEdits, Pass, Plan, running
from beaconviz.engine.rows import RowEdit
from beaconviz.engine.steps import OpenEdit, OpenEdits, Place
from beaconviz.models.model import Model


@contextmanager
def steering(model: Model, design: Design, tokens: Tokens | None = None) -> Iterator[None]:
    """Applies `design` to all calls of `model.network` inside the block.

    >>> with steering(model, design):                       # doctest: +SKIP
    ...     logits = model.network(**inputs).logits

    Args:
        tokens: the text's tokens when they are not those of the design's own words; the edit
            acts on every sample of a call, from its first token on.

    Positions are counted from the keys in the cache. Where a model's own cache keeps only a window
    of keys (Gemma 2, Qwen2), call `generate` with `past_key_values=DynamicCache()`.

    Raises:
        DesignError: words, layers or heads that do not fit the model and the text.
    """
    tokens = tokens or model.tokenize(list(design.words))
    with running(Pass(plan_generation(model, design, tokens))):
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


def edits_of_text(model: Model, design: Design, tokens: Tokens) -> LayerEdits:
    """All row edits of a text that is read in one call: of self-attention, and of a decoder that
    reads the text again.

    Raises:
        DesignError: words, layers, heads or positions that do not fit.
    """
    check_attentions(model, design)
    kinds = [kind for kind in model.sizes if kind != "self" and model.reads_twice]
    for attention in kinds:  # before memory is taken whose size the design decides
        _check_positions(model, named_steps(design, attention), tokens)
    edits: dict[int | Place, Sequence[RowEdit]] = dict(compile_for(model, design, tokens).items())
    for attention in kinds:
        edits.update(_decoder_edits(model, design, tokens, attention).items())
    return edits


def _decoder_edits(
    model: Model, design: Design, tokens: Tokens, attention: Attention
) -> Mapping[Place, Sequence[RowEdit]]:
    """The edits of a decoder that reads the text again: it has as many positions as the text has
    tokens."""
    count = len(tokens)
    opened = _open_edits(model, design, tokens, attention)
    cut = {  # layers that share their edits go on sharing them
        id(open): tuple(
            edit for step_edit in open if (edit := step_edit.at(0, count, count)) is not None
        )
        for open in opened.values()
    }
    return {place: edits for place, open in opened.items() if (edits := cut[id(open)])}


def plan_generation(model: Model, design: Design, tokens: Tokens) -> Plan:
    """A design as the plan of a pass over a text and over the text that the model generates for it.

    Raises:
        DesignError: words, layers, heads or steps that do not fit.
    """
    check_attentions(model, design)
    if model.reads_twice:
        return Plan([edits_of_text(model, design, tokens)])
    for attention in model.sizes:  # before memory is taken whose size the design decides
        if attention != "self":
            _check_steps(model, named_steps(design, attention))
    edits: list[LayerEdits] = []
    open: dict[Place, tuple[OpenEdit, ...]] = {}
    for attention in model.sizes:
        if attention == "self" and not model.task.over_next:
            edits = [dict(compile_for(model, design, tokens).items())]
        else:
            open |= _open_edits(model, design, tokens, attention)
    return Plan(edits, OpenEdits(open))


def _open_edits(
    model: Model, design: Design, tokens: Tokens, attention: Attention
) -> dict[Place, tuple[OpenEdit, ...]]:
    """The edits of one kind of attention, for rows that are still to be generated."""
    named = first = len(tokens)
    if attention != "self":
        named, first = named_steps(design, attention), 1
    compiled = compile_for(model, design, tokens, attention, open=True)
    made = {  # layers that share their edits go on sharing them
        id(edits): tuple(OpenEdit(edit, named, attention != "cross", first) for edit in edits)
        for edits in compiled.values()
    }
    return {(attention, layer): made[id(edits)] for layer, edits in compiled.items()}


def check_attentions(model: Model, design: Design) -> None:
    """Raises unless the model has every kind of attention that the design edits."""
    for position, edit in enumerate(design.edits):
        if edit.attention not in model.sizes:
            raise DesignError(
                f"edits[{position}].attention is {edit.attention!r}; {model.name} has only "
                f"{', '.join(model.sizes)}: leave that edit out, or take a model that translates"
            )


def _check_positions(model: Model, named: int, tokens: Tokens) -> None:
    """Raises unless the decoder has as many positions as a design names."""
    if named > len(tokens):
        raise DesignError(
            f"the design names position {named - 1:,} of the decoder; {model.name} reads this text at "
            f"positions 0 to {len(tokens) - 1:,}: leave the cells of later positions out"
        )


def _check_steps(model: Model, named: int) -> None:
    """Raises unless the model writes as many steps as a design names."""
    if named > model.most_written:
        raise DesignError(
            f"the design names step {named - 1:,}; {model.name} writes at most "
            f"{model.most_written:,}: leave the cells of later steps out"
        )
