"""A model drawn from its input to its answer: every layer, every head, and where a design acts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from beaconviz.core.design import Design
from beaconviz.core.edit import MATRICES, Attention, Edit
from beaconviz.figures.markup import macros
from beaconviz.models.anatomy import Kind, Stack, stacks, starts_late
from beaconviz.models.model import Model

_FEW = 9  # the number of labels that are visible at first; a list opens to all
_NO_LIMIT = 1_000_000  # tokens; the `max_tokens` of a model without a limit

_HTML = macros(__file__)


@dataclass(frozen=True)
class _Head:
    """The square of a head. count: its number of edits. last: whether it ends a group of heads that
    share keys."""

    count: int
    last: bool
    title: str


@dataclass(frozen=True)
class _Cell:
    """The heads of a kind of attention in a layer. window: their reach, in tokens."""

    label: str
    heads: list[_Head]
    window: int | None


@dataclass(frozen=True)
class _Row:
    """A layer. starts: whether an edited run starts with it."""

    layer: int
    starts: bool
    cells: list[_Cell]


def overview_html(model: Model, design: Design | None = None) -> Markup:
    """The network from the bottom (input) to the top (answer): a row per layer, a square per head,
    filled where the design edits that head.

    A filled square shows the number of its edits, with details in a tooltip; a dashed line is where
    an edited run starts. The same is written in words.
    """
    drawn = [(name, _stack(model, stack, design, top)) for name, stack, top in _named(model)]
    changing = _changing(design)
    edits = [f"Edit {number + 1}: {_place(edit)}." for number, edit in changing]
    return _HTML.overview(drawn, _notes(model, design, bool(changing)), edits)


def facts(model: Model) -> dict[str, str]:
    """The main facts of a model: its family, task, sizes, and device."""
    weights = list(model.network.parameters())
    count, size = (
        sum(sizes) for sizes in zip(*((w.numel(), w.nbytes) for w in weights), strict=True)
    )
    network_stacks = stacks(model)
    kinds = [(stack, kind) for stack in network_stacks for kind in stack.kinds]
    return {
        "Model": model.name,
        "Architecture": f"{model.family.name} ({type(model.network).__name__})",
        "Task": model.task.name,
        "Layers × heads": ", ".join(
            f"{stack.layers} × {kind.heads}" + (f" {kind.name}" if len(kinds) > 1 else "")
            for stack, kind in kinds
        ),
        "Attention": "; ".join(
            dict.fromkeys(_sight(kind, again=stack.reads_again) for stack, kind in kinds)
        ),
        "d of √d": _divisor(model.head_size),
        "Hidden size": _distinct_sizes(stack.hidden for stack in network_stacks),
        "Feed-forward size": _distinct_sizes(stack.inner for stack in network_stacks),
        "Vocabulary": f"{_distinct_sizes(stack.vocabulary for stack in network_stacks)} tokens",
        "Longest text": "no limit of its own"
        if model.max_tokens >= _NO_LIMIT
        else f"{model.max_tokens:,} tokens",
        "Parameters": f"{count / 1e6:,.{1 if count >= 1e6 else 3}f} million, {size / 1e6:,.1f} MB",
        "Runs on": f"{model.device}, {str(model.dtype).removeprefix('torch.')}",
        "An edited run": "starts at its first edited layer"
        if starts_late(model)
        else "goes through every layer",
    }


def facts_html(model: Model) -> Markup:
    """`facts` as a table."""
    return _HTML.facts(facts(model).items())


def acting(design: Design | None, kind: Attention, layer: int, heads: int) -> list[list[int]]:
    """For each head of a layer, the numbers of the edits that change it, from 0; an edit whose
    cells are all neutral changes none."""
    edits_by_head: list[list[int]] = [[] for _ in range(heads)]
    for number, edit in _changing(design):
        if edit.attention == kind:
            for head in edit.heads_in(layer, heads):
                edits_by_head[head].append(number)
    return edits_by_head


def _changing(design: Design | None) -> list[tuple[int, Edit]]:
    if design is None:
        return []
    return [
        (number, edit)
        for number, edit in enumerate(design.edits)
        if not Design(design.words, (edit,), design.reading, design.unit).is_neutral
    ]


def _named(model: Model) -> list[tuple[str, Stack, str]]:
    """The stacks with their names and the outputs at their tops, as text or HTML."""
    network_stacks = stacks(model)
    if len(network_stacks) == 1:
        return [(model.family.name, network_stacks[0], _answer(model, network_stacks[0]))]
    read, written = network_stacks
    states = f"{read.hidden:,} numbers a token, which cross attention looks at"
    return [
        ("Encoder, which reads", read, states),
        (
            f"Decoder, which {'reads it again' if written.reads_again else 'writes'}",
            written,
            _answer(model, written),
        ),
    ]


def _stack(model: Model, stack: Stack, design: Design | None, top: str) -> Markup:
    first = _first_edited(model, design)
    single = len(stack.kinds) == 1
    attention = [
        ("attention" if single else f"{kind.name} attention", _sight(kind, again=stack.reads_again))
        for kind in stack.kinds
    ]
    rows = [
        _Row(layer, layer == first, [_cell(kind, design, layer) for kind in stack.kinds])
        for layer in reversed(range(stack.layers))
    ]
    return _HTML.stack(top, _layers(stack), attention, rows, _input(stack))


def _cell(kind: Kind, design: Design | None, layer: int) -> _Cell:
    edits = acting(design, kind.name, layer, kind.heads)
    touched = [head for head, numbers in enumerate(edits) if numbers]
    status = f"edited: {_ranges(touched)}" if touched else "none of them edited"
    heads = [_head(kind, layer, head, numbers) for head, numbers in enumerate(edits)]
    return _Cell(f"{kind.heads} heads, {status}", heads, kind.windows[layer])


def _head(kind: Kind, layer: int, head: int, edits: Sequence[int]) -> _Head:
    group = kind.heads // kind.key_heads
    status = f"edit {_ranges(number + 1 for number in edits)}" if edits else "not edited"
    title = f"{kind.name} attention, layer {layer}, head {head}: {status}"
    return _Head(len(edits), group > 1 and head % group == group - 1, title)


def _sight(kind: Kind, *, again: bool = False) -> str:
    """Which tokens attend to which, as plain text.

    >>> _sight(Kind("self", 4, 2, True, (None,)))
    'each token looks back, 2 heads share keys'
    """
    text = {
        "self": "each token looks back" if kind.causal else "words look at each other",
        "decoder": "what is written looks back",
        "cross": "what is written looks at what is read",
    }[kind.name]
    if again:
        text = {"decoder": "each token looks back"}.get(
            kind.name, "the text, read again, looks at it"
        )
    group = kind.heads // kind.key_heads
    return text if group == 1 else f"{text}, {group} heads share keys"


def _layers(stack: Stack) -> str:
    within = "attention" if len(stack.kinds) == 1 else "both kinds of attention"
    count = "1 layer:" if stack.layers == 1 else f"{stack.layers} layers, each:"
    inner = f"{stack.hidden:,} → {stack.inner:,} → {stack.hidden:,}"
    shared = ""
    if stack.modules < stack.layers:
        weights = "the same weights" if stack.modules == 1 else f"{stack.modules} sets of weights"
        shared = f"; all with {weights}"
    return f"{count} {within}, then feed-forward {inner}{shared}"


def _input(stack: Stack) -> str:
    source = "what was written so far" if stack.kinds[0].name == "decoder" else "the text"
    if stack.reads_again:
        source = "the text again, one token later"
    wider = "" if stack.embedding == stack.hidden else f", then {stack.hidden:,}"
    return (
        f"{source}: each token one of {stack.vocabulary:,}, "
        f"looked up as {stack.embedding:,} numbers{wider}"
    )


def _answer(model: Model, stack: Stack) -> Markup:
    sizes = {"vocabulary": f"{stack.vocabulary:,}", "hidden": f"{stack.hidden:,}"}
    text = model.task.answer.format(**sizes)
    labels = model.labels or model.classes
    few, more = ", ".join(labels[:_FEW]), ", ".join(labels[_FEW:])
    return _HTML.answer(text, few, more, f"{len(labels) - _FEW:,}")


def _notes(model: Model, design: Design | None, changing: bool) -> str:
    """The legend of the squares."""
    grouped = any(kind.key_heads < kind.heads for stack in stacks(model) for kind in stack.kinds)
    key = "A square is a head" + ("; those without a gap share keys." if grouped else ".")
    if not changing:
        return f"{key} The design changes none."
    key += " A filled one is changed by as many edits of the design as it says."
    if _first_edited(model, design):
        key += " Below the dashed line the edited run takes what the baseline had."
    return key


def _place(edit: Edit) -> str:
    cells = ", ".join(
        f"{count} {'cell' if count == 1 else 'cells'} of the {name}"
        for name in MATRICES
        if (count := len(getattr(edit, name)))
    )
    layers = "all layers" if edit.layers == "all" else _counted("layer", edit.layers)
    if isinstance(edit.heads, Mapping):
        heads = "; ".join(
            f"{_counted('head', heads)} of layer {layer}"
            for layer, heads in sorted(edit.heads.items())
            if edit.layers == "all" or layer in edit.layers
        )
        return f"{cells}, on {edit.attention} attention, {heads}"
    heads = "all heads" if edit.heads == "all" else _counted("head", edit.heads)
    return f"{cells}, on {edit.attention} attention, {layers}, {heads}"


def _first_edited(model: Model, design: Design | None) -> int | None:
    """The layer at which an edited run starts, if it is not the first."""
    if not starts_late(model):
        return None
    edited = (
        layer for layer in range(model.layers) if any(acting(design, "self", layer, model.heads))
    )
    return next(edited, None) or None


def _distinct_sizes(sizes: Iterable[int]) -> str:
    """The sizes of the stacks; equal ones are named once."""
    return " and ".join(dict.fromkeys(f"{size:,}" for size in sizes))


def _divisor(d: int) -> str:
    """
    >>> _divisor(32)
    '32: A = 1 multiplies the odds by 1.19'
    """
    return f"{d:,}: A = 1 multiplies the odds by {math.exp(d**-0.5):.2f}"


def _counted(noun: str, numbers: Sequence[int]) -> str:
    return f"{noun}{'' if len(set(numbers)) == 1 else 's'} {_ranges(numbers)}"


def _ranges(numbers: Iterable[int]) -> str:
    """A list of numbers, with consecutive ones joined to ranges.

    >>> _ranges([7, 0, 1, 2, 4])
    '0–2, 4, 7'
    """
    ranges = []
    for _, run in groupby(enumerate(sorted(set(numbers))), key=lambda pair: pair[1] - pair[0]):
        members = [number for _, number in run]
        ranges.append(str(members[0]) if len(members) == 1 else f"{members[0]}–{members[-1]}")
    return ", ".join(ranges)
