"""A design on words as the same design on tokens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from jaxtyping import Float
from torch import Tensor

from beaconviz.core.design import Design
from beaconviz.core.edit import Cell, Edit
from beaconviz.core.indicator import averaging, indicator
from beaconviz.core.words import Tokens


def expanded(design: Design, tokens: Tokens) -> Design:
    """A design on words as the same design on tokens (DESIGN §1).

    beacon E A Eᵀ; marker neutral + E (M − neutral) Eᵀ, with Ē in place of the second E where M
    mixes rows.
    """
    neutral = Design.neutral(tokens.names("token"), reading=design.reading, unit="token")
    belongs = indicator(tokens.word_of, len(design.words))
    edits = []
    for position, edit in enumerate(design.edits):
        if edit.attention == "self":
            marker = _cells(neutral.matrix("marker"), _marker_change(design, position, belongs))
            change = belongs @ design.matrix("beacon", position) @ belongs.T
            edit = replace(edit, marker=marker, beacon=_cells(neutral.matrix("beacon"), change))
        else:
            edit = _expanded_steps(design, edit, tokens)
        edits.append(edit)
    return replace(neutral, edits=tuple(edits))


def _marker_change(
    design: Design, position: int, belongs: Float[Tensor, "token word"]
) -> Float[Tensor, "token token"]:
    """The change of M on tokens."""
    columns = averaging(belongs) if design.kind.mixes_rows else belongs
    marker = design.kind.effective(design.matrix("marker", position))
    neutral = Design.neutral(design.words, reading=design.reading).matrix("marker")
    return belongs @ (marker - neutral) @ columns.T


def _cells(
    neutral: Float[Tensor, "row column"], change: Float[Tensor, "row column"]
) -> tuple[Cell, ...]:
    """The cells of neutral + change where the change is not 0."""
    matrix = neutral + change
    return tuple(
        (row, column, matrix[row, column].item()) for row, column in change.nonzero().tolist()
    )


def _expanded_steps(design: Design, edit: Edit, tokens: Tokens) -> Edit:
    """Rows are steps in both units; only columns that are words become tokens."""
    if edit.attention == "decoder":
        return edit
    every = [token for token, word in enumerate(tokens.word_of) if word is not None]

    def spread(cells: Iterable[Cell]) -> tuple[Cell, ...]:
        return tuple(
            (row, token, value)
            for row, column, value in cells
            for token in (every if column == "*" else tokens.pieces[column])
        )

    marker = edit.marker if design.kind.mixes_rows else spread(edit.marker)
    return replace(edit, marker=marker, beacon=spread(edit.beacon))
