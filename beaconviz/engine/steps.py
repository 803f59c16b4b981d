"""Row edits of tokens that are not generated yet.

During generation each attention call has new rows (one, or many for the prompt), and new columns in
attention to generated tokens. A design edits them by "*" or by the number of a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch

from beaconviz.core.edit import Attention
from beaconviz.engine.rows import RowEdit

Place = tuple[Attention, int]  # the kind of attention, and the layer


@dataclass(frozen=True)
class OpenEdit:
    """A row edit whose last row, number `named`, stands for all positions from there on.

    columns_grow: whether its last column also stands for all later ones (keys that are generated).
    first: the rows of the first call: the prompt's tokens, or one step. Later calls have one row.
    """

    edit: RowEdit
    named: int
    columns_grow: bool
    first: int

    @property
    def needs_earlier_queries(self) -> bool:
        """Whether a later row needs the query of another row: M mixes rows and has entries off its
        diagonal. A cache holds no queries, so the whole text must then be run at each step."""
        if not self.edit.kind.mixes_rows:
            return False
        later = self.edit.rows >= self.first
        marker = self.edit.marker[later].scatter(1, self.edit.rows[later][:, None], 0.0)
        return bool(marker.ne(0).any())

    def at(self, start: int, length: int, keys: int) -> RowEdit | None:
        """The edit of a call over positions start, …, start + length − 1, its rows counted from the
        call's first query; None where it touches none of them.

        An edit that needs earlier queries is only valid for a call that begins at position 0.
        """
        edit = self.edit
        rows = torch.arange(start, start + length, device=edit.rows.device).clamp(max=self.named)
        positions = torch.searchsorted(edit.rows, rows).clamp(max=len(edit.rows) - 1)
        touched = (edit.rows[positions] == rows).nonzero().flatten()
        if not len(touched):
            return None
        picked = positions[touched]
        offset, marker = edit.offset[picked], edit.marker[picked]
        columns = torch.arange(keys, device=rows.device).clamp(max=self.named)
        if self.columns_grow:
            offset = offset[:, columns]
        if edit.kind.mixes_rows:
            own = marker.gather(1, rows[touched][:, None])  # (k, 1), M's diagonal entries
            wide = marker.new_zeros(len(touched), length)
            if start == 0:
                before = min(self.named, length)
                wide[:, :before] = marker[:, :before]
            marker = wide.scatter(1, touched[:, None], own)
        elif self.columns_grow:
            marker = marker[:, columns]
        return replace(edit, rows=touched, marker=marker, offset=offset)


@dataclass
class OpenEdits(Mapping[Place, Sequence[OpenEdit]]):
    """The open edits of a pass, by place. Tracks the position in the text, and caches the row edits
    of each call."""

    by_place: Mapping[Place, Sequence[OpenEdit]] = field(default_factory=dict)
    _position: int = 0  # of the call's first query in the text
    _cut: dict[tuple[int, ...], RowEdit | None] = field(default_factory=dict)

    def __getitem__(self, place: Place) -> Sequence[OpenEdit]:
        return self.by_place[place]

    def __iter__(self) -> Iterator[Place]:
        return iter(self.by_place)

    def __len__(self) -> int:
        return len(self.by_place)

    @property
    def need_earlier_queries(self) -> bool:
        """Whether any of them does."""
        return any(edit.needs_earlier_queries for edits in self.values() for edit in edits)

    def of_call(self, place: Place, queries: int, keys: int) -> list[RowEdit]:
        """The row edits of a call with these numbers of queries and keys."""
        if (
            place[0] != "cross"
        ):  # keys of cross-attention do not grow; it runs after the layer's self-attention
            self._position = keys - queries
        edits = []
        for edit in self.get(place, ()):
            # Single rows after the last named step all have the same edit.
            start = min(self._position, edit.named) if queries == 1 else self._position
            key = (id(edit), start, queries, keys)
            if key not in self._cut:
                self._cut[key] = edit.at(start, queries, keys)
            edits.append(self._cut[key])
        return [edit for edit in edits if edit is not None]
