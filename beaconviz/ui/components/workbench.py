"""The live surface: what the model says, both matrix editors, three attention maps and the
layer × head map.

One packaged Streamlit v2 component draws them all on canvases, because an edit then costs
a single round trip. What Python and the browser say to each other:

Python → browser, as bytes (see `pack`): a document and its maps.

* ``document.generation`` numbers the document. The browser takes the cells of M and A from
  Python only when it changes (a preset, undo, another text), and forgets edits it has not
  sent yet; while it stays the same, the browser's own cells are the newest. Rows and columns
  that get other names, or another number, under the same generation keep their cells: a model
  that writes gives steps new names at each edit.
* ``echo`` is the highest ``seq`` that Python has seen. The browser sends its next message
  when the last one is echoed, so dragging streams as fast as Python answers.

Browser → Python, as the state of the component (see `WorkbenchState`): whole values, never
deltas, since messages of one tick overwrite each other.

* ``edit`` {generation, seq, stroke, marker, beacon}: all cells that differ from neutral.
  One mouse stroke, or one keyboard command, has one ``stroke``: one step of undo.
* ``command`` {seq, name}: "undo", "redo" or "reset". History lives in Python.
* ``view`` {seq, layer, head}: what the maps should show; None is the mean.

``seq`` grows for as long as a browser tab lives, across reloads too (it starts at the
clock's milliseconds), so a message is new when its seq differs from the last one handled.
All three stay in the state until they are replaced: handle each seq once, and handle them
in the order of their seq.

A cell is ``[row, column, value]``, where a row or a column may be ``"*"``: all of them.
Later cells win over earlier ones; cells that are not given are neutral (M: the identity in
the product reading, 1 in the others; A: 0). A cell outside the rows and columns that are shown
is kept: a step that this translation does not reach may be reached by the next one.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

Cell = tuple[int | Literal["*"], int | Literal["*"], float]
Command = Literal["undo", "redo", "reset"]

Parsed = TypeVar("Parsed")

HEIGHT = 440  # pixels, on a wide screen


@dataclass(frozen=True)
class EditorState:
    """What the editors show.

    Attributes:
        words: the names of rows and columns: words, or tokens.
        rows: the names of the rows of both matrices, where they are not the words.
        columns: the names of the columns of A, and of M in the gate and mask readings, where they
            are not the words. In the product reading M's columns are named as the rows are.
        steps: the rows are steps that a model writes, and so are `columns` where they are given
            (column j: what step j had before it). M in the product reading then has no cell above
            the diagonal and no whole row or column.
        scale: what one unit of A adds to a logit, 1/√d.
        head_size: d, for the sentence that explains the scale.
        notice: one line for the person, shown until the next message.
        second: the row with which the second of two texts begins; None where there is one.
        causal: no row looks at a column of a higher number.
    """

    generation: int
    words: Sequence[str]
    marker: Sequence[Cell] = ()
    beacon: Sequence[Cell] = ()
    reading: Literal["product", "gate", "mask"] = "product"
    unit: Literal["word", "token"] = "word"
    scale: float = 1.0
    head_size: int | None = None
    can_undo: bool = False
    can_redo: bool = False
    notice: str | None = None
    second: int | None = None
    rows: Sequence[str] | None = None
    columns: Sequence[str] | None = None
    steps: bool = False
    causal: bool = False


@dataclass(frozen=True)
class Maps:
    """What the maps show. Probabilities are (query, key); divergence is (layer, head) in nats.

    Attributes:
        labels: the names of the maps' rows and columns.
        words: for each label the number of its row in the editors, or None; not needed when
            the labels are the names of the document's rows.
        columns, column_words: as `labels` and `words`, for columns that are not named as the rows.
        baseline_labels: the names of the baseline's rows where they differ, as in two translations;
            there is then no difference to show, cell by cell.
        layer, head: what the maps show; None is the mean.
        milliseconds: what the model took, to be said on screen.
        segments: for each label its text, 0 or 1, None for a special token; None for one text, or
            where columns are not named as the rows.
        pair: which part of a map of two texts is shown: 0 all, 1 to 4 a→a, a→b, b→a, b→b.
    """

    labels: Sequence[str]
    baseline: ArrayLike
    edited: ArrayLike
    divergence: ArrayLike
    layer: int | None = None
    head: int | None = None
    words: Sequence[int | None] | None = None
    milliseconds: float | None = None
    segments: Sequence[int | None] | None = None
    pair: int = 0
    columns: Sequence[str] | None = None
    column_words: Sequence[int | None] | None = None
    baseline_labels: Sequence[str] | None = None


@dataclass(frozen=True)
class Address:
    """What the page's address should hold: `link` under `name`. `problem` says why it is only good
    for a reload, and not to be shared."""

    name: str
    link: str
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class SizedMaps(Maps):
    """`Maps`, and the shape of their divergence: with it the browser finds the arrays."""

    layers: int
    heads: int


@dataclass(frozen=True)
class Message:
    """What Python sends to the browser.

    Attributes:
        echo: the highest `seq` that Python has handled.
        height: of the workbench on a wide screen, in pixels.
        says: HTML of what the model says.
    """

    echo: int
    height: int
    says: str
    address: Address | None
    document: EditorState
    maps: SizedMaps


@dataclass(frozen=True)
class EditMessage:
    """All that the editors hold, and which document and stroke it belongs to."""

    seq: int
    generation: int
    stroke: int
    marker: tuple[Cell, ...]
    beacon: tuple[Cell, ...]


@dataclass(frozen=True)
class Press:
    """A button or a key for the history."""

    seq: int
    name: Command


@dataclass(frozen=True)
class Look:
    """The layer and head that somebody wants to see; None is the mean."""

    seq: int
    layer: int | None
    head: int | None


@dataclass(frozen=True)
class WorkbenchState:
    """The last edit, command and view that the browser sent; None where it sent none."""

    edit: EditMessage | None = None
    command: Press | None = None
    view: Look | None = None

    @property
    def messages(self) -> list[EditMessage | Press | Look]:
        """What was sent, oldest first."""
        sent = [message for message in (self.edit, self.command, self.view) if message]
        return sorted(sent, key=lambda message: message.seq)

    @property
    def seq(self) -> int:
        """The newest number; 0 when nothing was sent."""
        return max((message.seq for message in self.messages), default=0)


def workbench_state(key: str) -> WorkbenchState:
    """What the browser sent, readable before the workbench is drawn in the same run.

    A message that does not have the shape promised above is left out: a browser can send
    anything. Values of cells are for `beaconviz.core.design` to judge.
    """
    state = st.session_state.get(key) or {}
    return WorkbenchState(
        edit=_read(_edit, state, "edit"),
        command=_read(_press, state, "command"),
        view=_read(_look, state, "view"),
    )


def workbench(
    document: EditorState,
    maps: Maps,
    *,
    key: str,
    says: str = "",
    address: Address | None = None,
    height: int = HEIGHT,
    on_change: Callable[[], None] | None = None,
) -> WorkbenchState:
    """Draw the workbench; the state that this run's answer belongs to.

        state = workbench_state("bench")      # what to do
        …                                     # do it
        workbench(document, maps, key="bench")

    Args:
        key: keeps the instance in the browser; must not change.
        says: HTML of what the model says, shown above; the caller escapes what people wrote.
        address: handed on to the button that shares it (see `share_button.py`).
        height: pixels on a wide screen; a narrow one takes more.
        on_change: called before the run in which a new message is in the state.
    """
    state = workbench_state(key)
    changed = on_change or _nothing
    _component()(
        key=key,
        data=pack(document, maps, echo=state.seq, height=height, says=says, address=address),
        on_edit_change=changed,
        on_command_change=changed,
        on_view_change=changed,
    )
    return state


def pack(
    document: EditorState,
    maps: Maps,
    *,
    echo: int = 0,
    height: int = HEIGHT,
    says: str = "",
    address: Address | None = None,
) -> bytes:
    """One message: the length of a JSON header, the header, then three float32 arrays.

    Length and numbers are little-endian; the header is padded to a multiple of four bytes,
    so that the browser reads the arrays (baseline, edited, divergence) in place.

    Raises:
        ValueError: an array does not have the shape that the labels promise.
    """
    columns = len(_or(maps.columns, maps.labels))
    baseline = _floats(maps.baseline, (len(_or(maps.baseline_labels, maps.labels)), columns))
    edited = _floats(maps.edited, (len(maps.labels), columns))
    divergence = _floats(maps.divergence, None)
    layers, heads = divergence.shape
    sized = SizedMaps(**vars(maps), layers=layers, heads=heads)
    header = Message(echo, height, says, address, document, sized)
    text = json.dumps(header, default=_fields).encode()
    text += b" " * (-len(text) % 4)
    arrays = (array.tobytes() for array in (baseline, edited, divergence))
    return b"".join((struct.pack("<I", len(text)), text, *arrays))


def _fields(value: Any) -> Any:
    """A dataclass or a sequence as JSON; without arrays, which follow the header."""
    if not is_dataclass(value):
        return list(value)
    arrays = ("baseline", "edited", "divergence")
    return {name: field for name, field in vars(value).items() if name not in arrays}


def _or(names: Sequence[str] | None, others: Sequence[str]) -> Sequence[str]:
    return others if names is None else names


def _floats(array: ArrayLike, shape: tuple[int, int] | None) -> np.ndarray:
    floats = np.ascontiguousarray(array, dtype="<f4")
    if floats.ndim != 2 or (shape and floats.shape != shape):
        wanted = f"shape {shape}" if shape else "two dimensions (layers, heads)"
        raise ValueError(f"a map has shape {floats.shape}; expected {wanted}")
    return floats


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "beaconviz.workbench", js="workbench/index.js", css="workbench/workbench.css"
    )


def _nothing() -> None:
    """Streamlit keeps only the state that somebody listens to."""


def _read(
    reader: Callable[[Mapping[str, Any]], Parsed], state: Mapping[str, Any], name: str
) -> Parsed | None:
    try:
        return reader(state[name])
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def _edit(message: Mapping[str, Any]) -> EditMessage:
    return EditMessage(
        seq=int(message["seq"]),
        generation=int(message["generation"]),
        stroke=int(message["stroke"]),
        marker=_cells(message["marker"]),
        beacon=_cells(message["beacon"]),
    )


def _press(message: Mapping[str, Any]) -> Press:
    if message["name"] not in ("undo", "redo", "reset"):
        raise ValueError(message["name"])
    return Press(int(message["seq"]), message["name"])


def _look(message: Mapping[str, Any]) -> Look:
    return Look(int(message["seq"]), _index(message["layer"]), _index(message["head"]))


def _index(value: Any) -> int | None:
    return None if value is None else int(value)


def _cells(cells: Sequence[Sequence[Any]]) -> tuple[Cell, ...]:
    return tuple((_place(row), _place(column), float(value)) for row, column, value in cells)


def _place(place: Any) -> int | Literal["*"]:
    return "*" if place == "*" else int(place)
