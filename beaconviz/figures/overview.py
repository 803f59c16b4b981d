"""A model drawn from its input to its answer: every layer, every head, and where a design acts."""

from __future__ import annotations

import html
from collections.abc import Sequence

from beaconviz.core.design import Attention, Design
from beaconviz.figures.entities import escape
from beaconviz.models.loading import Model

KINDS: dict[Attention, str] = {
    "self": "words look at each other",
    "decoder": "what is written looks at what was written before",
    "cross": "what is written looks at the words",
}

STYLE = """<style>
.bv-net { display: flex; flex-wrap: wrap; gap: 2rem; font-size: .85rem; line-height: 1.4; }
.bv-stack-of { flex: 0 1 34rem; min-width: 15rem; }
.bv-net h4 { margin: 0 0 .4rem; font-size: .95rem; padding: 0; }
.bv-box { border: 1px solid color-mix(in srgb, currentColor 30%, transparent); border-radius: .4rem;
  padding: .3rem .6rem; margin: 0; }
.bv-arrow { text-align: center; opacity: .6; line-height: 1.1; margin: 0; }
.bv-layer { display: flex; gap: .7rem; align-items: center; }
.bv-layer b { flex: 0 0 4.2rem; font-weight: 600; }
.bv-layer small { flex: 0 0 4.6rem; opacity: .75; }
.bv-heads-of { display: flex; flex-wrap: wrap; gap: 2px; }
.bv-heads-of i { display: block; width: 13px; height: 13px; border-radius: 2px; box-sizing: border-box;
  font: 700 10px/13px system-ui, sans-serif; text-align: center;
  border: 1px solid color-mix(in srgb, currentColor 45%, transparent); }
.bv-heads-of i.on { background: #E69F00; border-color: #E69F00; color: #000; }
.bv-key { margin: .6rem 0 0; opacity: .8; }
</style>"""


def overview_html(model: Model, design: Design | None = None) -> str:
    """The network from the bottom (its input) to the top (its answer), one row of squares a kind of
    attention in a layer, one square a head; a square is filled where the design changes that head.

    A filled square holds the number of edits that act there, and tells them when hovered over.
    """
    if model.family.writes_apart:
        stacks = [
            (
                "Encoder, which reads",
                _stack(model, design, ("self",), _reads(model), "hidden states"),
            ),
            (
                "Decoder, which writes",
                _stack(
                    model, design, ("cross", "decoder"), "what was written so far", _says(model)
                ),
            ),
        ]
    else:
        stacks = [
            (model.family.name, _stack(model, design, ("self",), _reads(model), _says(model)))
        ]
    drawn = "".join(
        f"<section class='bv-stack-of'><h4>{escape(name)}</h4>{stack}</section>"
        for name, stack in stacks
    )
    return f"{STYLE}<div class='bv-net'>{drawn}</div>{_key(design)}"


def facts(model: Model) -> dict[str, str]:
    """What a person asks of a model first: its family, task, sizes, and where it runs."""
    weights = sum(weight.numel() for weight in model.network.parameters())
    size = sum(weight.nbytes for weight in model.network.parameters())
    kinds = ", ".join(f"{some.layers} × {some.heads} {kind}" for kind, some in model.sizes.items())
    return {
        "model": model.name,
        "architecture": f"{model.family.name} ({type(model.network).__name__})",
        "task": model.task.name,
        "layers × heads": kinds,
        "d": f"{model.head_size} (A/√d is added to a logit: A = 1 is × {2.718281828 ** (model.head_size**-0.5):.2f} the odds)",
        "parameters": f"{weights / 1e6:,.1f} million, {size / 1e6:,.0f} MB",
        "longest text": f"{model.max_tokens:,} tokens",
        "runs on": f"{model.device}, {str(model.dtype).removeprefix('torch.')}",
    }


def _stack(
    model: Model, design: Design | None, kinds: Sequence[Attention], bottom: str, top: str
) -> str:
    rows = [_box(top)]
    for layer in reversed(range(model.sizes[kinds[0]].layers)):
        inner = "".join(_row(model, design, kind, layer, len(kinds) > 1) for kind in kinds)
        rows.append(f"<div class='bv-box'>{inner}</div>")
    return "<p class='bv-arrow'>↑</p>".join([*rows, _box(bottom)])


def _row(model: Model, design: Design | None, kind: Attention, layer: int, told_apart: bool) -> str:
    heads = model.sizes[kind].heads
    acting = [acts(design, kind, layer, head, heads) for head in range(heads)]
    squares = "".join(
        f"<i class='{'on' if some else ''}' title='{_tip(kind, layer, head, some)}'>{len(some) or ''}</i>"
        for head, some in enumerate(acting)
    )
    name = f"<small title='{KINDS[kind]}'>{kind}</small>" if told_apart else ""
    touched = sum(map(bool, acting))
    label = f"layer {layer}, {kind} attention: {touched} of {heads} heads edited"
    return (
        f"<div class='bv-layer'><b>layer {layer}</b>{name}"
        f"<div class='bv-heads-of' role='img' aria-label='{label}'>{squares}</div></div>"
    )


def acts(design: Design | None, kind: Attention, layer: int, head: int, heads: int) -> list[int]:
    """The numbers of the edits that change a head; edits without cells change none."""
    if design is None:
        return []
    return [
        number
        for number, edit in enumerate(design.edits)
        if edit.attention == kind
        and (edit.marker or edit.beacon)
        and head in edit.heads_in(layer, heads)
    ]


def _tip(kind: str, layer: int, head: int, some: Sequence[int]) -> str:
    edits = ", ".join(str(number + 1) for number in some)
    told = f"edited by edit {edits}" if some else "not edited"
    return html.escape(f"{kind} attention, layer {layer}, head {head}: {told}")


def _reads(model: Model) -> str:
    embeddings = model.network.get_input_embeddings().weight
    return f"embeddings of {embeddings.shape[0]:,} tokens, {embeddings.shape[1]:,} numbers each"


def _says(model: Model) -> str:
    labels = ", ".join(model.labels[:9]) + (" …" if len(model.labels) > 9 else "")
    return f"answer: {model.task.name}" + (f" ({labels})" if labels else "")


def _box(text: str) -> str:
    return f"<p class='bv-box'>{escape(text)}</p>"


def _key(design: Design | None) -> str:
    if design is None or not any(edit.marker or edit.beacon for edit in design.edits):
        return "<p class='bv-key'>A square is a head. The design changes none of them.</p>"
    return (
        "<p class='bv-key'>A square is a head. A filled one is changed by the design; the number in it is "
        "how many of its edits act there.</p>"
    )
