"""The design as text: its cells as a table, its stack of edits, its JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st
from markupsafe import Markup

import beaconviz as bv
from beaconviz.core.edit import MATRICES, MAX_VALUE, Edit, Index
from beaconviz.figures.markup import macros
from beaconviz.ui.shell import actions
from beaconviz.ui.shell.session import Session
from beaconviz.ui.shell.state import View

_HTML = macros(__file__)
_COLUMNS = ("matrix", "row", "column", "value")
_EVERY = "every"


def design_panel(session: Session, comparison: bv.Comparison) -> None:
    """Draw the panel."""
    view = session.view
    left, right = st.columns([3, 2])
    with left:
        _cells(session, view, comparison)
    with right:
        _stack(session, view)
        with st.expander("The design as JSON"):
            st.code(view.design.to_json(), language="json", wrap_lines=True, height=240)


@dataclass(frozen=True)
class Sides:
    """The names of rows and columns; `among` names the columns of a marker that mixes rows."""

    rows: Sequence[str]
    columns: Sequence[str]
    among: Sequence[str]

    @classmethod
    def of(cls, view: View, run: bv.Run | None = None) -> Sides:
        """Words; for a decoder's attention the rows are its steps."""
        words = view.design.words
        if view.attention == "self":
            return cls(words, words, words)
        steps, keys = ((), ()) if run is None else (x.tokens for x in run.axes(view.attention))
        columns = words if view.attention == "cross" else keys
        return cls(steps, columns, steps if view.design.kind.mixes_rows else columns)

    def column(self, matrix: str, index: Index) -> str:
        return _name(self.among if matrix == "marker" else self.columns, index)


def rows_of(view: View, sides: Sides | None = None) -> list[dict[str, Any]]:
    """The cells of the shown edit, a dictionary per cell."""
    edit, sides = view.design.edits[view.edit], sides or Sides.of(view)
    return [
        dict(
            zip(
                _COLUMNS,
                (name, _name(sides.rows, row), sides.column(name, column), value),
                strict=True,
            )
        )
        for name in MATRICES
        for row, column, value in getattr(edit, name)
    ]


def retyped(view: View, changes: Mapping[str, Any]) -> View:
    """The view after changes in the table, as `st.data_editor` reports them.

    Incomplete rows are left out.
    """
    rows = rows_of(view)
    for position, change in changes.get("edited_rows", {}).items():
        rows[int(position)] |= change
    gone = set(changes.get("deleted_rows", ()))
    rows = [row for position, row in enumerate(rows) if position not in gone]
    rows += changes.get("added_rows", ())
    whole = [row for row in rows if all(row.get(column) is not None for column in _COLUMNS)]
    marker, beacon = (
        [
            (_index(row["row"]), _index(row["column"]), row["value"])
            for row in whole
            if row["matrix"] == name
        ]
        for name in MATRICES
    )
    return actions.painted(view, marker, beacon)


def _cells(session: Session, view: View, comparison: bv.Comparison) -> None:
    sides = Sides.of(view, comparison.edited)
    rows = rows_of(view, sides)
    key = f"cells-{session.exchange.number}-{hash(repr(rows)) % 10**9}"
    st.data_editor(
        pd.DataFrame(rows, columns=list(_COLUMNS)).astype({"value": float}),
        key=key,
        num_rows="dynamic",
        hide_index=True,
        height=300,
        on_change=lambda: session.attempt(lambda: retyped(session.view, st.session_state[key])),
        column_config={
            "matrix": st.column_config.SelectboxColumn("Matrix", options=MATRICES, required=True),
            "row": st.column_config.SelectboxColumn(
                "Row", options=_options(rows, "row", sides.rows), required=True
            ),
            "column": st.column_config.SelectboxColumn(
                "Column",
                options=_options(rows, "column", sides.columns, sides.among),
                required=True,
            ),
            "value": st.column_config.NumberColumn(
                "Value", min_value=-MAX_VALUE, max_value=MAX_VALUE, format="%g", required=True
            ),
        },
    )
    st.caption(
        "If a cell is listed twice, the later line counts. Cells that are not listed are neutral."
    )


def _stack(session: Session, view: View) -> None:
    edits = view.design.edits
    st.html(stack_html(edits, view.edit))
    with st.container(horizontal=True):
        st.button(
            "Add an edit",
            key="add",
            on_click=lambda: session.step(actions.stacked(session.view)),
            help="Adds an edit that is applied after the others",
        )
        st.button(
            "Remove the shown edit",
            key="remove",
            on_click=lambda: session.step(actions.unstacked(session.view)),
        )


def stack_html(edits: Sequence[Edit], shown: int) -> Markup:
    """A line for each edit, with the shown one marked."""
    return _HTML.stack(list(map(_line, edits)), shown)


def _line(edit: Edit) -> str:
    layers = "all layers" if edit.layers == "all" else f"layers {_join(edit.layers)}"
    where = "" if edit.attention == "self" else f", {edit.attention} attention"
    return f"{len(edit.marker)} marker and {len(edit.beacon)} beacon cells, {layers}, {_heads(edit)}{where}"


def _heads(edit: Edit) -> str:
    if edit.heads == "all":
        return "all heads"
    if isinstance(edit.heads, Mapping):
        return "heads that differ by layer"
    return f"heads {_join(edit.heads)}"


def _join(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _options(rows: list[dict[str, Any]], side: str, *several: Sequence[str]) -> list[str]:
    """The possible names of a side; a step beyond this text is included if a cell has it."""
    named = (_name(names, number) for names in several for number in range(len(names)))
    return list(dict.fromkeys([_EVERY, *named, *(row[side] for row in rows)]))


def _name(names: Sequence[str], index: Index) -> str:
    if index == "*":
        return _EVERY
    return f"{index} {names[index]}" if index < len(names) else f"{index}"


def _index(name: str) -> Index:
    return "*" if name == _EVERY else int(name.split(" ", 1)[0])
