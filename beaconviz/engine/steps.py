"""Row edits of what is not written yet.

While a model writes, each call of attention brings new rows (one, or with the prompt many), and in
attention to itself new columns. A design says what they get by its "*", or by the number of a step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from beaconviz.engine.rows import RowEdit


@dataclass(frozen=True)
class OpenEdit:
    """A row edit whose last row, number `named`, stands for all positions from there on.

    grows: whether its last column does so too, in attention to what is written itself.
    first: how many rows come with the first call: a prompt's, or a step's. Later rows come alone.
    """

    edit: RowEdit
    named: int
    grows: bool
    first: int

    @property
    def looks_back(self) -> bool:
        """Whether a row that is written later needs the query of another: M of the product reading
        off its diagonal. A cache keeps no queries, so that the whole text has to be run again."""
        if self.edit.reading != "product":
            return False
        later = self.edit.rows >= self.first
        marker = self.edit.marker[later].scatter(1, self.edit.rows[later][:, None], 0.0)
        return bool(marker.ne(0).any())

    def at(self, start: int, length: int, keys: int) -> RowEdit | None:
        """The edit of a call over positions start, …, start + length − 1, its rows counted from the
        call's first query; None where it touches none of them.

        A call that does not begin at position 0 must not be asked for an edit that looks back.
        """
        edit = self.edit
        rows = torch.arange(start, start + length, device=edit.rows.device).clamp(max=self.named)
        found = torch.searchsorted(edit.rows, rows).clamp(max=len(edit.rows) - 1)
        touched = (edit.rows[found] == rows).nonzero().flatten()
        if not len(touched):
            return None
        picked = found[touched]
        offset, marker = edit.offset[picked], edit.marker[picked]
        columns = torch.arange(keys, device=rows.device).clamp(max=self.named)
        if self.grows:
            offset = offset[:, columns]
        if edit.reading == "product":
            own = marker.gather(1, rows[touched][:, None])  # (k, 1), what a row keeps of itself
            wide = marker.new_zeros(len(touched), length)
            if start == 0:
                before = min(self.named, length)
                wide[:, :before] = marker[:, :before]
            marker = wide.scatter(1, touched[:, None], own)
        elif self.grows:
            marker = marker[:, columns]
        return replace(edit, rows=touched, marker=marker, offset=offset)
