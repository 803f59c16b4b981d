"""The workbench: the model's answer, both matrix editors, three attention maps and the
layer × head map.

One Streamlit v2 component draws them all on canvases, so that an edit needs a single round trip.
The messages between Python and the browser:

Python → browser, as bytes (see `pack`): a document and its maps.

* ``document.generation`` numbers the document. When it changes (a preset, undo, another text), the
  browser takes the cells of M and A from Python, and drops edits that it has not sent yet. While it
  stays the same, the browser's cells are the newest. Rows and columns keep their cells if only
  their names or their number change under the same generation: a model that generates text gives
  its steps new names at each edit.
* ``echo`` is the highest ``seq`` that Python has handled. The browser sends its next message
  when the last one is echoed, so that dragging sends messages as fast as Python answers.

Browser → Python, as the state of the component (see `WorkbenchState`): complete values, not
differences, since a message may overwrite an earlier one before Python has read it.

* ``edit`` {generation, seq, stroke, marker, beacon}: all cells that differ from neutral.
  One mouse stroke, or one keyboard command, has one ``stroke``: one step of undo.
* ``command`` {seq, name}: "undo", "redo" or "reset". Python keeps the history.
* ``view`` {seq, layer, head}: what the maps should show; None is the mean.

``seq`` grows while a browser tab is open, also across reloads, since it starts at the clock's
milliseconds. A message is new if its seq is above the last one handled. All three stay in the state
until they are replaced: handle each seq once, in the order of seq.

A cell is ``[row, column, value]``, where a row or a column may be ``"*"``: all of them. Later cells
replace earlier ones; cells that are not given are neutral (M: the identity in the product reading,
1 in the others; A: 0). A cell outside the rows and columns that are shown is kept: the next
translation may have more steps.
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
    """The document that the editors show.

    Attributes:
        words: the names of rows and columns: words, or tokens.
        rows: the names of the rows of both matrices, if they are not the words.
        columns: the names of the columns of A, and of M in the gate and mask readings, if they are
            not the words. In the product reading M's columns have the names of the rows.
        steps: whether the rows, and `columns` if they are given, are steps of a generation (column
            j: the token before step j). M in the product reading then has no cell above the
            diagonal and no whole row or column.
        scale: what one unit of A adds to a logit, 1/√d.
        head_size: d, for the sentence that explains the scale.
        notice: one line for the person, shown until the next message.
        second: the first row of the second text; None for a single text.
        causal: whether a row attends only to columns up to its own number.
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
    """The data of the maps.

    Attributes:
        labels: the names of the maps' rows and columns.
        baseline, edited: probabilities, (query, key).
        divergence: of each head, (layer, head), in nats.
        words: for each label the number of its row in the editors, or None; not needed if the
            labels are the names of the document's rows.
        columns, column_words: as `labels` and `words`, for columns with other names.
        baseline_labels: the names of the baseline's rows if they differ, as in two translations;
            then no difference of the maps is shown.
        layer, head: the layer and head of the maps; None is the mean.
        milliseconds: the time of the model, which is shown on screen.
        segments: for each label its text, 0 or 1, None for a special token; None for a single text,
            or if columns do not have the rows' names.
        pair: the part of a map of two texts that is shown: 0 all, 1 to 4 a→a, a→b, b→a, b→b.
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
    """The query parameter of the page's address: `link` under `name`.

    problem: why the address works for a reload but should not be shared; None if it can be.
    """

    name: str
    link: str
    problem: str | None = None


@dataclass(frozen=True, kw_only=True)
class SizedMaps(Maps):
    """`Maps` with the shape of their divergence, which the browser needs to read the arrays."""

    layers: int
    heads: int


@dataclass(frozen=True)
class Message:
    """What Python sends to the browser.

    Attributes:
        echo: the highest `seq` that Python has handled.
        height: of the workbench on a wide screen, in pixels.
        says: HTML of the model's answer.
    """

    echo: int
    height: int
    says: str
    address: Address | None
    document: EditorState
    maps: SizedMaps


@dataclass(frozen=True)
class EditMessage:
    """All cells of the editors, with the numbers of their document and stroke."""

    seq: int
    generation: int
    stroke: int
    marker: tuple[Cell, ...]
    beacon: tuple[Cell, ...]


@dataclass(frozen=True)
class Press:
    """A command for the history, from a button or a key."""

    seq: int
    name: Command


@dataclass(frozen=True)
class Look:
    """The layer and head that the maps should show; None is the mean."""

    seq: int
    layer: int | None
    head: int | None


@dataclass(frozen=True)
class WorkbenchState:
    """The last edit, command and view that the browser sent; None if it sent none."""

    edit: EditMessage | None = None
    command: Press | None = None
    view: Look | None = None

    @property
    def messages(self) -> list[EditMessage | Press | Look]:
        """The messages, oldest first."""
        sent = [message for message in (self.edit, self.command, self.view) if message]
        return sorted(sent, key=lambda message: message.seq)

    @property
    def seq(self) -> int:
        """The highest `seq` of the messages; 0 if there is none."""
        return max((message.seq for message in self.messages), default=0)


def workbench_state(key: str) -> WorkbenchState:
    """The messages of the browser, which can be read before the workbench is drawn in the same run.

    A message without the fields described above is left out, since a browser can send anything. The
    values of cells are checked by `beaconviz.core.design`.
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
    """Draw the workbench; returns the state that was echoed to the browser.

        state = workbench_state("bench")      # the messages to handle
        …                                     # handle them
        workbench(document, maps, key="bench")

    Args:
        key: identifies the component in the browser; must not change.
        says: HTML of the model's answer, shown above; the caller escapes the user's text.
        address: passed on to the button that shares it (see `share_button.py`).
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
        ValueError: the shape of an array does not match the labels.
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
    """A dataclass or a sequence for JSON, without the arrays, which follow the header."""
    if not is_dataclass(value):
        return list(value)
    arrays = ("baseline", "edited", "divergence")
    return {name: field for name, field in vars(value).items() if name not in arrays}


def _or(names: Sequence[str] | None, default: Sequence[str]) -> Sequence[str]:
    return default if names is None else names


def _floats(array: ArrayLike, shape: tuple[int, int] | None) -> np.ndarray:
    floats = np.ascontiguousarray(array, dtype="<f4")
    if floats.ndim != 2 or (shape and floats.shape != shape):
        expected = f"shape {shape}" if shape else "two dimensions (layers, heads)"
        raise ValueError(f"a map has shape {floats.shape}; expected {expected}")
    return floats


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component(
        "beaconviz.workbench", js="workbench/index.js", css="workbench/workbench.css"
    )


def _nothing() -> None:
    """Does nothing; Streamlit keeps only state that has a callback."""


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
