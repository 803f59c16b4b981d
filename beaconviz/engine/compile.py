"""From a design over words to the rows that a layer computes again.

Stacked edits are affine in the unedited logits, as each one is, so a stack composes into one M and B.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from beaconviz.core.attention import Reading
from beaconviz.core.design import Design
from beaconviz.core.edit import Attention, Cell, DesignError, Edit, check_index, set_cells
from beaconviz.core.words import Tokens
from beaconviz.engine.rows import RowEdit


@dataclass(frozen=True)
class Axis:
    """One side of M and A: to which of its `size` words or steps each position belongs, None for
    special tokens. Where more is going to be written, the last position stands for all of that."""

    units: tuple[int | None, ...]
    size: int
    open: bool = False

    @classmethod
    def of_tokens(cls, tokens: Tokens, design: Design, *, open: bool = False) -> Axis:
        units, size = tokens.units(design.unit), len(design.words)
        return cls((*units, size), size + 1, open) if open else cls(units, size)

    @classmethod
    def of_steps(cls, named: int) -> Axis:
        """So many steps one by one, and all after them."""
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
        open: more tokens are going to be written: the last row and the last column stand for them
            (as they always do for steps). A "*" covers them; only, as a column of M in the product
            reading, it is the words that are there.

    Raises:
        DesignError: words that are not the text's, or layers and heads the model has not.
    """
    check_words(design, tokens)
    chosen = [(n, edit) for n, edit in enumerate(design.edits) if edit.attention == attention]
    for position, edit in chosen:
        _check_target(f"edits[{position}]", edit, layers, heads)
    rows, columns = _axes(design, tokens, attention, open)
    # Layers in which the edits act on the same heads share one tuple of row edits.
    targets: dict[tuple[tuple[int, ...], ...], tuple[RowEdit, ...]] = {}
    stacks: dict[tuple[int, ...], _Rows | None] = {}
    compiled = {}
    for layer in range(layers):
        target = tuple(edit.heads_in(layer, heads) for _, edit in chosen)
        if target not in targets:
            heads_of: dict[tuple[int, ...], list[int]] = {}  # heads that share a stack of edits
            for head in range(heads):
                stack = tuple(
                    n for (n, _), some in zip(chosen, target, strict=True) if head in some
                )
                heads_of.setdefault(stack, []).append(head)
            for stack in heads_of.keys() - stacks.keys():
                stacks[stack] = _compile_stack(design, stack, rows, columns)
            targets[target] = tuple(
                RowEdit(design.reading, *stacked, heads=torch.tensor(members))
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
    """How many steps, from the first, a design's edits of "cross" or "decoder" tell apart."""
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
        found = f"{len(design.words)} {design.unit}s"
        expected = f"{len(names)}"
    else:
        place = next(i for i, (a, b) in enumerate(zip(design.words, names, strict=True)) if a != b)
        found = f"{design.words[place]!r} at {place}"
        expected = f"{names[place]!r}"
    raise DesignError(
        f"words: the design has {found}, the text has {expected}; "
        "realign it by word (design.realigned) or use the design's own text"
    )


def _check_target(where: str, edit: Edit, layers: int, heads: int) -> None:
    numbers = () if edit.layers == "all" else edit.layers
    for layer in numbers:
        check_index(f"{where}.layers", layer, layers, "layers in this model")
    if isinstance(edit.heads, Mapping):
        for layer in edit.heads:
            check_index(f"{where}.heads", layer, layers, "layers in this model")
        members = [head for some in edit.heads.values() for head in some]
    else:
        members = [] if edit.heads == "all" else list(edit.heads)
    for head in members:
        check_index(f"{where}.heads", head, heads, "heads a layer in this model")


class _Rows(NamedTuple):
    """Rows `index` of M and of the offset B; all other rows are neutral."""

    rows: Tensor  # (k,)
    marker: Tensor  # (k, rows) in the product reading, else (k, columns)
    offset: Tensor  # (k, columns)


def _compile_stack(design: Design, stack: Sequence[int], rows: Axis, columns: Axis) -> _Rows | None:
    done = None
    for position in stack:
        edit = _compile_edit(design, design.edits[position], rows, columns)
        done = _compose(done, edit, design.reading)
    if done is None or not len(done.rows):
        return None
    return done


def _compile_edit(design: Design, edit: Edit, rows: Axis, columns: Axis) -> _Rows:
    """One edit on tokens. Word rows expand as DESIGN §1: beacon E A Eᵀ, gate and mask
    1 + E(M − 1)Eᵀ, product I + E(M − I)Ēᵀ; only touched rows are ever built."""
    product = design.reading == "product"
    m_index, m_delta = _delta("marker", design, edit, rows, rows if product else columns)
    b_index, b_rows = _delta("beacon", design, edit, rows, columns)
    index = torch.cat([m_index, b_index]).unique()
    marker_out = _neutral_rows(index, m_delta.shape[-1], design.reading)
    marker_out[torch.searchsorted(index, m_index)] += m_delta
    if product:  # B = M A, and M is neutral outside its rows
        offset = marker_out[:, b_index] @ b_rows
    else:
        offset = torch.zeros(len(index), b_rows.shape[-1])
        offset[torch.searchsorted(index, b_index)] = b_rows
        if design.reading == "gate":
            offset = offset * marker_out
    return _Rows(index, marker_out, offset)


def _delta(
    name: str, design: Design, edit: Edit, rows: Axis, columns: Axis
) -> tuple[Tensor, Tensor]:
    """The token rows in which M or A differs from neutral, and by how much."""
    cells = edit.marker if name == "marker" else edit.beacon
    if not cells:
        return torch.zeros(0, dtype=torch.long), torch.zeros(0, len(columns.units))
    touched = _touched(cells, rows.size)
    values = _dense_rows(cells, touched, design, name, columns.size)  # (rows, columns)
    mean = name == "marker" and design.reading == "product"
    if name == "marker":
        if design.reading == "mask":  # a row that is all 0 is left unedited
            values[values.eq(0).all(dim=1)] = 1.0
        neutral = _dense_rows((), touched, design, "marker", columns.size)
        if mean and columns.open:  # nobody attends the way of what is not written yet
            values[:, -1] = neutral[:, -1]
        values = values - neutral
    expanded = _expand(
        touched, values, rows.units, _columns(columns.units, columns.size, mean=mean)
    )
    return _drop_neutral(*expanded)


def _compose(first: _Rows | None, second: _Rows, reading: Reading) -> _Rows:
    """`second` on the scores that `first` left: M = M₂M₁ and B = M₂B₁ + B₂ (∘ for the gate)."""
    if first is None:
        return second
    index = torch.cat([first.rows, second.rows]).unique()
    at_first, at_second = (torch.searchsorted(index, some.rows) for some in (first, second))
    marker = _neutral_rows(index, second.marker.shape[-1], reading)
    marker[at_second] = second.marker
    offset = torch.zeros(len(index), second.offset.shape[-1])
    offset[at_second] = second.offset
    if reading == "product":
        through = marker[:, first.rows]  # (k, k₁): how much of each first row is used
        marker[:, first.rows] = 0.0
        return _Rows(index, marker + through @ first.marker, offset + through @ first.offset)
    first_marker = torch.ones_like(marker)
    first_marker[at_first] = first.marker
    first_offset = torch.zeros_like(offset)
    first_offset[at_first] = first.offset
    gate = marker if reading == "gate" else 1.0
    return _Rows(index, marker * first_marker, offset + gate * first_offset)


def _touched(cells: Sequence[Cell], size: int) -> list[int]:
    if any(row == "*" for row, _, _ in cells):
        return list(range(size))
    return sorted({row for row, _, _ in cells if row != "*"})


def _dense_rows(
    cells: Sequence[Cell], rows: list[int], design: Design, name: str, size: int
) -> Tensor:
    """Rows of M or A over so many words or steps, Float[Tensor, "rows columns"]."""
    if name == "beacon":
        dense = torch.zeros(len(rows), size)
    else:
        dense = _neutral_rows(torch.tensor(rows, dtype=torch.long), size, design.reading)
    set_cells(dense, cells, row_of={row: position for position, row in enumerate(rows)})
    return dense


def _neutral_rows(index: Tensor, n: int, reading: Reading) -> Tensor:
    if reading != "product":
        return torch.ones(len(index), n)
    return torch.zeros(len(index), n).scatter_(1, index[:, None], 1.0)


def _columns(units: Sequence[int | None], size: int, *, mean: bool) -> tuple[Tensor, Tensor]:
    """E (or Ē, whose columns sum to 1) as an index: each token's word, and its weight."""
    words = torch.tensor([size if unit is None else unit for unit in units], dtype=torch.long)
    counts = torch.bincount(words, minlength=size + 1)[:size]
    weights = torch.cat([1 / counts.clamp(min=1) if mean else torch.ones(size), torch.zeros(1)])
    return words, weights[words]


def _expand(
    rows: list[int], values: Tensor, units: Sequence[int | None], columns: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor]:
    """Word rows to token rows: the tokens touched, and their rows over tokens."""
    place = {row: position for position, row in enumerate(rows)}
    touched = [(token, place[unit]) for token, unit in enumerate(units) if unit in place]
    index = [token for token, _ in touched]
    source = torch.tensor([position for _, position in touched], dtype=torch.long)
    words, weights = columns
    padded = torch.cat([values, values.new_zeros(len(values), 1)], dim=1)  # special tokens: 0
    return torch.tensor(index, dtype=torch.long), padded[source][:, words] * weights


def _drop_neutral(index: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
    touched = rows.ne(0).any(dim=1)
    return index[touched], rows[touched]
