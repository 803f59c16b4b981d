"""Compile a design over words into the token rows that each layer recomputes.

Each edit is affine in the unedited logits, so a stack of edits composes into one M and one offset
B.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from beaconviz.core.design import Design
from beaconviz.core.edit import Attention, Cell, DesignError, Edit, check_index, set_cells
from beaconviz.core.indicator import Spread
from beaconviz.core.interventions import EditedRows
from beaconviz.core.words import Tokens
from beaconviz.engine.rows import RowEdit


@dataclass(frozen=True)
class Axis:
    """One side of M and A: the word or step (of `size`) of each position, None for special tokens.
    With `open`, the last position stands for all tokens that are generated later."""

    units: tuple[int | None, ...]
    size: int
    open: bool = False

    @classmethod
    def of_tokens(cls, tokens: Tokens, design: Design, *, open: bool = False) -> Axis:
        units, size = tokens.units(design.unit), len(design.words)
        return cls((*units, size), size + 1, open) if open else cls(units, size)

    @classmethod
    def of_steps(cls, named: int) -> Axis:
        """`named` separate steps, and one position for all later ones."""
        return cls(tuple(range(named + 1)), named + 1, True)


def compile_design(
    design: Design,
    tokens: Tokens,
    *,
    layers: int,
    heads: int,
    attention: Attention = "self",
    open: bool = False,
) -> dict[int, tuple[RowEdit, ...]]:
    """The row edits of each layer that a design touches; empty for a neutral design.

    Args:
        open: tokens will be generated: the last row and column stand for them (for steps they
            always do). "*" covers them too, except as a column of M in the product reading, where
            it means the existing words.

    Raises:
        DesignError: words that are not the text's, or layers and heads that do not exist.
    """
    check_words(design, tokens)
    chosen = [(n, edit) for n, edit in enumerate(design.edits) if edit.attention == attention]
    for position, edit in chosen:
        _check_target(f"edits[{position}]", edit, layers, heads)
    rows, columns = _axes(design, tokens, attention, open)
    # Layers in which the edits act on the same heads share one tuple of row edits.
    targets: dict[tuple[tuple[int, ...], ...], tuple[RowEdit, ...]] = {}
    stacks: dict[tuple[int, ...], EditedRows | None] = {}
    compiled = {}
    for layer in range(layers):
        target = tuple(edit.heads_in(layer, heads) for _, edit in chosen)
        if target not in targets:
            heads_of: dict[tuple[int, ...], list[int]] = {}  # heads that share a stack of edits
            for head in range(heads):
                stack = tuple(
                    n
                    for (n, _), edit_heads in zip(chosen, target, strict=True)
                    if head in edit_heads
                )
                heads_of.setdefault(stack, []).append(head)
            for stack in heads_of.keys() - stacks.keys():
                stacks[stack] = _compile_stack(design, stack, rows, columns)
            targets[target] = tuple(
                RowEdit(design.kind, *stacked, heads=torch.tensor(members))
                for stack, members in heads_of.items()
                if (stacked := stacks[stack]) is not None
            )
        if targets[target]:
            compiled[layer] = targets[target]
    return compiled


def _axes(design: Design, tokens: Tokens, attention: Attention, open: bool) -> tuple[Axis, Axis]:
    words = Axis.of_tokens(tokens, design, open=open and attention == "self")
    if attention == "self":
        return words, words
    steps = Axis.of_steps(named_steps(design, attention))
    return steps, steps if attention == "decoder" else words


def named_steps(design: Design, attention: Attention) -> int:
    """The number of steps that a design's "cross" or "decoder" edits address by number."""
    edits = [edit for edit in design.edits if edit.attention == attention]
    both = attention == "decoder"
    indices = (
        index
        for edit in edits
        for cell in (*edit.marker, *edit.beacon)
        for index in (cell[:2] if both else cell[:1])
    )
    return 1 + max((index for index in indices if index != "*"), default=-1)


def check_words(design: Design, tokens: Tokens) -> None:
    """Raises unless the design was made for this text's words (or tokens)."""
    names = tokens.names(design.unit)
    if design.words == names:
        return
    if len(design.words) != len(names):
        design_words = f"{len(design.words)} {design.unit}s"
        text_words = f"{len(names)}"
    else:
        place = next(i for i, (a, b) in enumerate(zip(design.words, names, strict=True)) if a != b)
        design_words = f"{design.words[place]!r} at {place}"
        text_words = f"{names[place]!r}"
    raise DesignError(
        f"words: the design has {design_words}, the text has {text_words}; "
        "realign it by word (design.realigned) or use the design's own text"
    )


def _check_target(where: str, edit: Edit, layers: int, heads: int) -> None:
    numbers = () if edit.layers == "all" else edit.layers
    for layer in numbers:
        check_index(f"{where}.layers", layer, layers, "layers in this model")
    if isinstance(edit.heads, Mapping):
        for layer in edit.heads:
            check_index(f"{where}.heads", layer, layers, "layers in this model")
        members = [head for layer_heads in edit.heads.values() for head in layer_heads]
    else:
        members = [] if edit.heads == "all" else list(edit.heads)
    for head in members:
        check_index(f"{where}.heads", head, heads, "heads a layer in this model")


def _compile_stack(
    design: Design, stack: Sequence[int], rows: Axis, columns: Axis
) -> EditedRows | None:
    composed = None
    for position in stack:
        edit = _compile_edit(design, design.edits[position], rows, columns)
        composed = edit if composed is None else design.kind.compose(composed, edit)
    return composed if composed is not None and len(composed.rows) else None


def _compile_edit(design: Design, edit: Edit, rows: Axis, columns: Axis) -> EditedRows:
    """One edit on tokens: its beacon is E A Eᵀ, its marker neutral + E (M − neutral) Eᵀ, with Ē in
    place of the second E where M mixes rows. Only touched rows are built."""
    kind = design.kind
    marker_rows, change = _marker_change(design, edit, rows, rows if kind.mixes_rows else columns)
    beacon_rows, beacon = _beacon(edit, rows, columns)
    index = torch.cat([marker_rows, beacon_rows]).unique()
    marker = kind.neutral_rows(index, change.shape[-1])
    marker[torch.searchsorted(index, marker_rows)] += change
    return EditedRows(index, marker, kind.offset(marker, index, beacon_rows, beacon))


def _marker_change(design: Design, edit: Edit, rows: Axis, columns: Axis) -> tuple[Tensor, Tensor]:
    """The token rows in which M differs from neutral, and the differences."""
    kind, touched = design.kind, _touched(edit.marker, rows.size)
    neutral = kind.neutral_rows(torch.tensor(touched, dtype=torch.long), columns.size)
    values = kind.effective(_filled(neutral.clone(), edit.marker, touched))
    if kind.mixes_rows and columns.open:
        values[:, -1] = neutral[:, -1]  # M may not point to future tokens: they have no query yet
    return _on_tokens(touched, values - neutral, rows, columns, mean=kind.mixes_rows)


def _beacon(edit: Edit, rows: Axis, columns: Axis) -> tuple[Tensor, Tensor]:
    """The token rows in which A differs from 0, and their values."""
    touched = _touched(edit.beacon, rows.size)
    values = _filled(torch.zeros(len(touched), columns.size), edit.beacon, touched)
    return _on_tokens(touched, values, rows, columns, mean=False)


def _touched(cells: Sequence[Cell], size: int) -> list[int]:
    """The word rows that have a cell."""
    if any(row == "*" for row, _, _ in cells):
        return list(range(size))
    return sorted({row for row, _, _ in cells if row != "*"})


def _filled(dense: Tensor, cells: Sequence[Cell], rows: Sequence[int]) -> Tensor:
    """The rows with the cells written into them."""
    set_cells(dense, cells, row_of={row: place for place, row in enumerate(rows)})
    return dense


def _on_tokens(
    touched: Sequence[int], values: Tensor, rows: Axis, columns: Axis, *, mean: bool
) -> tuple[Tensor, Tensor]:
    """Spreads word rows over tokens; gives the numbers and values of the token rows that differ
    from 0."""
    place = {row: position for position, row in enumerate(touched)}
    tokens = [(token, place[unit]) for token, unit in enumerate(rows.units) if unit in place]
    index = torch.tensor([token for token, _ in tokens], dtype=torch.long)
    source = torch.tensor([position for _, position in tokens], dtype=torch.long)
    spread = Spread.of(columns.units, columns.size, mean=mean).columns(values)[source]
    different = spread.ne(0).any(dim=1)
    return index[different], spread[different]
