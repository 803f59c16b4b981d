"""A model drawn from its input to its answer: every layer, every head, and where a design acts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from beaconviz.core.design import Design
from beaconviz.core.edit import MATRICES, Attention, Edit
from beaconviz.figures.escape import escape
from beaconviz.models.anatomy import Kind, Stack, stacks, starts_late
from beaconviz.models.model import Model
from beaconviz.models.tasks import MASK

_FEW = 9  # labels that are named at once; the others when somebody opens the list
_NO_LIMIT = 1_000_000  # tokens; what a model without positions of its own is said to take

STYLE = """<style>
.bv-net { font-size: .85rem; line-height: 1.4; }
.bv-net-stacks { display: flex; flex-wrap: wrap; gap: 1.2rem 2rem; align-items: flex-end; }
.bv-net-stack { min-width: 0; max-width: 100%; }
.bv-net h4 { margin: 0 0 .4rem; padding: 0; font-size: .95rem; }
.bv-net p { margin: 0; font-size: inherit; }
.bv-net-box { border: 1px solid color-mix(in srgb, currentColor 30%, transparent);
  border-radius: .4rem; padding: .35rem .7rem; }
.bv-net :is(p, details, td) { overflow-wrap: anywhere; }
.bv-net-arrow { text-align: center; opacity: .6; line-height: 1.3; }
.bv-net :is(small, th, .bv-net-each, figcaption) {
  color: color-mix(in srgb, currentColor 78%, transparent); }
.bv-net small { font-size: .78rem; }
.bv-net table { border-collapse: collapse; margin: .3rem 0 0; font-size: inherit; }
.bv-net :is(th, td) { border: 0; padding: 2px 1rem 2px 0; text-align: start; font-weight: 400;
  vertical-align: middle; }
.bv-net thead th { padding-bottom: .3rem; vertical-align: bottom; }
.bv-net thead b { display: block; }
.bv-net tr > th:first-child { white-space: nowrap; font-variant-numeric: tabular-nums; }
.bv-net td > div { display: flex; flex-wrap: wrap; gap: 2px; align-items: center; }
.bv-net td i { flex: none; box-sizing: border-box; width: 15px; height: 15px; border-radius: 3px;
  font: 600 10px/13px system-ui, sans-serif; text-align: center; overflow: hidden;
  border: 1px solid color-mix(in srgb, currentColor 45%, transparent); }
.bv-net td i.bv-net-on { background: #e69f00; border-color: #e69f00; color: #000; }
.bv-net td i.bv-net-last { margin-inline-end: 5px; }
.bv-net td small { margin-inline-start: .5rem; white-space: nowrap; }
.bv-net-start > * { border-bottom: 2px dashed #e69f00 !important; }
.bv-net figcaption { margin-top: .7rem; max-width: 60rem; }
.bv-net ul { margin: 0; padding-inline-start: 1.1rem; font-size: inherit; }
.bv-net li { margin: 0; font-size: inherit; }
.bv-net summary { cursor: pointer; }
</style>"""


def overview_html(model: Model, design: Design | None = None) -> str:
    """The network from the bottom (its input) to the top (its answer): a row a layer, a square a
    head, filled where the design changes that head.

    A filled square holds the number of edits that act there, and tells them when hovered over; a
    dashed line is where an edited run starts. What is drawn is told in words too.
    """
    drawn = "".join(
        f"<section class='bv-net-stack'><h4>{name}</h4>{_stack(model, stack, design, top)}</section>"
        for name, stack, top in _named(model)
    )
    return (
        f"{STYLE}<figure class='bv-net' style='margin:0'><div class='bv-net-stacks'>{drawn}</div>"
        f"<figcaption>{_told(model, design)}</figcaption></figure>"
    )


def facts(model: Model) -> dict[str, str]:
    """What a person asks of a model first: its family, task, sizes, and where it runs."""
    weights = list(model.network.parameters())
    count, size = (
        sum(some) for some in zip(*((w.numel(), w.nbytes) for w in weights), strict=True)
    )
    each = stacks(model)
    kinds = [(stack, kind) for stack in each for kind in stack.kinds]
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
        "Hidden size": _each(stack.hidden for stack in each),
        "Feed-forward size": _each(stack.inner for stack in each),
        "Vocabulary": f"{_each(stack.vocabulary for stack in each)} tokens",
        "Longest text": "no limit of its own"
        if model.max_tokens >= _NO_LIMIT
        else f"{model.max_tokens:,} tokens",
        "Parameters": f"{count / 1e6:,.{1 if count >= 1e6 else 3}f} million, {size / 1e6:,.1f} MB",
        "Runs on": f"{model.device}, {str(model.dtype).removeprefix('torch.')}",
        "An edited run": "starts at its first edited layer"
        if starts_late(model)
        else "goes through every layer",
    }


def facts_html(model: Model) -> str:
    """`facts` as a table."""
    rows = "".join(
        f"<tr><th scope='row'>{name}</th><td>{escape(told)}</td></tr>"
        for name, told in facts(model).items()
    )
    return f"{STYLE}<div class='bv-net'><table>{rows}</table></div>"


def acting(design: Design | None, kind: Attention, layer: int, heads: int) -> list[list[int]]:
    """For each head of a layer, the numbers of the edits that change it, from 0; an edit whose
    cells are all neutral changes none."""
    found: list[list[int]] = [[] for _ in range(heads)]
    for number, edit in _changing(design):
        if edit.attention == kind:
            for head in edit.heads_in(layer, heads):
                found[head].append(number)
    return found


def _changing(design: Design | None) -> list[tuple[int, Edit]]:
    if design is None:
        return []
    return [
        (number, edit)
        for number, edit in enumerate(design.edits)
        if not Design(design.words, (edit,), design.reading, design.unit).is_neutral
    ]


def _named(model: Model) -> list[tuple[str, Stack, str]]:
    """The stacks with their names, and what comes out at their tops, as HTML."""
    found = stacks(model)
    if len(found) == 1:
        return [(escape(model.family.name), found[0], _answer(model, found[0]))]
    read, written = found
    states = f"{read.hidden:,} numbers a token, which cross attention looks at"
    return [
        ("Encoder, which reads", read, states),
        (
            f"Decoder, which {'reads it again' if written.reads_again else 'writes'}",
            written,
            _answer(model, written),
        ),
    ]


def _stack(model: Model, stack: Stack, design: Design | None, top: str) -> str:
    first = _first_edited(model, design)
    one = len(stack.kinds) == 1
    heads = "".join(
        f"<th scope='col'><b>{'' if one else f'{kind.name} '}attention</b>"
        f"{_sight(kind, again=stack.reads_again)}</th>"
        for kind in stack.kinds
    )
    rows = "".join(
        _row(stack, design, layer, starts=layer == first) for layer in reversed(range(stack.layers))
    )
    arrow = "<p class='bv-net-arrow' aria-hidden='true'>↑</p>"
    middle = (
        f"<div class='bv-net-box'><p class='bv-net-each'>{_layers(stack)}</p><table><thead><tr>"
        f"<th scope='col'>layer</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
    return arrow.join(
        [
            f"<div class='bv-net-box'>{top}</div>",
            middle,
            f"<p class='bv-net-box'>{_input(stack)}</p>",
        ]
    )


def _row(stack: Stack, design: Design | None, layer: int, *, starts: bool) -> str:
    cells = "".join(f"<td>{_heads(kind, design, layer)}</td>" for kind in stack.kinds)
    mark = " class='bv-net-start'" if starts else ""
    return f"<tr{mark}><th scope='row'>{layer}</th>{cells}</tr>"


def _heads(kind: Kind, design: Design | None, layer: int) -> str:
    found = acting(design, kind.name, layer, kind.heads)
    group = kind.heads // kind.key_heads
    squares = []
    for head, edits in enumerate(found):
        classes = "bv-net-on" if edits else ""
        if group > 1 and head % group == group - 1:
            classes += " bv-net-last"
        told = f"edit {_ranges(n + 1 for n in edits)}" if edits else "not edited"
        squares.append(
            f"<i class='{classes}' title='{kind.name} attention, layer {layer}, head {head}: {told}'>"
            f"{len(edits) or ''}</i>"
        )
    touched = [head for head, edits in enumerate(found) if edits]
    label = f"{kind.heads} heads, " + (
        f"edited: {_ranges(touched)}" if touched else "none of them edited"
    )
    window = kind.windows[layer]
    reach = "" if window is None else f"<small>at most {window:,} tokens away</small>"
    return f"<div><div role='img' aria-label='{label}' style='display:contents'>{''.join(squares)}</div>{reach}</div>"


def _sight(kind: Kind, *, again: bool = False) -> str:
    """What looks at what; no HTML in it.

    >>> _sight(Kind("self", 4, 2, True, (None,)))
    'each token looks back, 2 heads share keys'
    """
    said = {
        "self": "each token looks back" if kind.causal else "words look at each other",
        "decoder": "what is written looks back",
        "cross": "what is written looks at what is read",
    }[kind.name]
    if again:
        said = {"decoder": "each token looks back"}.get(
            kind.name, "the text, read again, looks at it"
        )
    group = kind.heads // kind.key_heads
    return said if group == 1 else f"{said}, {group} heads share keys"


def _layers(stack: Stack) -> str:
    within = "attention" if len(stack.kinds) == 1 else "both kinds of attention"
    each = "1 layer:" if stack.layers == 1 else f"{stack.layers} layers, each:"
    inner = f"{stack.hidden:,} → {stack.inner:,} → {stack.hidden:,}"
    shared = ""
    if stack.modules < stack.layers:
        weights = "the same weights" if stack.modules == 1 else f"{stack.modules} sets of weights"
        shared = f"; all with {weights}"
    return f"{each} {within}, then feed-forward {inner}{shared}"


def _input(stack: Stack) -> str:
    what = "what was written so far" if stack.kinds[0].name == "decoder" else "the text"
    if stack.reads_again:
        what = "the text again, one token later"
    wider = "" if stack.embedding == stack.hidden else f", then {stack.hidden:,}"
    return (
        f"{what}: each token one of {stack.vocabulary:,}, "
        f"looked up as {stack.embedding:,} numbers{wider}"
    )


def _answer(model: Model, stack: Stack) -> str:
    said = {
        "labels": "a label for each word",
        "classes": "a class of the text",
        "spans": "where the answer starts, and where it ends",
        "vocabulary": f"the {'masked' if model.task is MASK else 'next'} token, "
        f"one of {stack.vocabulary:,}",
        "steps": f"the next token, one of {stack.vocabulary:,}, step by step",
        "states": f"{stack.hidden:,} numbers a token",
    }[model.task.over]
    return said + _list(model.labels or model.classes)


def _list(labels: Sequence[str]) -> str:
    if not labels:
        return ""
    few = escape(", ".join(labels[:_FEW]))
    if len(labels) <= _FEW:
        return f": {few}"
    more = escape(", ".join(labels[_FEW:]))
    return f"<details><summary>{few} and {len(labels) - _FEW:,} more</summary>{more}</details>"


def _told(model: Model, design: Design | None) -> str:
    """What the squares are, and each edit in words."""
    changing = _changing(design)
    grouped = any(kind.key_heads < kind.heads for one in stacks(model) for kind in one.kinds)
    key = "A square is a head" + ("; those without a gap share keys." if grouped else ".")
    if not changing:
        return f"<p>{key} The design changes none.</p>"
    key += " A filled one is changed by as many edits of the design as it says."
    first = _first_edited(model, design)
    if first:
        key += " Below the dashed line the edited run takes what the baseline had."
    edits = "".join(f"<li>Edit {number + 1}: {_place(edit)}.</li>" for number, edit in changing)
    return f"<p>{key}</p><ul>{edits}</ul>"


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
    """The layer at which an edited run starts, where it need not be the first."""
    if not starts_late(model):
        return None
    edited = (
        layer for layer in range(model.layers) if any(acting(design, "self", layer, model.heads))
    )
    return next(edited, None) or None


def _each(sizes: Iterable[int]) -> str:
    """Of the stacks, once where they agree."""
    return " and ".join(dict.fromkeys(f"{size:,}" for size in sizes))


def _divisor(d: int) -> str:
    """
    >>> _divisor(32)
    '32: A = 1 multiplies the odds by 1.19'
    """
    return f"{d:,}: A = 1 multiplies the odds by {math.exp(d**-0.5):.2f}"


def _counted(what: str, numbers: Sequence[int]) -> str:
    return f"{what}{'' if len(set(numbers)) == 1 else 's'} {_ranges(numbers)}"


def _ranges(numbers: Iterable[int]) -> str:
    """Numbers with their runs drawn together.

    >>> _ranges([7, 0, 1, 2, 4])
    '0–2, 4, 7'
    """
    found = []
    for _, run in groupby(enumerate(sorted(set(numbers))), key=lambda pair: pair[1] - pair[0]):
        some = [number for _, number in run]
        found.append(str(some[0]) if len(some) == 1 else f"{some[0]}–{some[-1]}")
    return ", ".join(found)
