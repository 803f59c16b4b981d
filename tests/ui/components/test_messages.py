"""What the workbench and Python say to each other, without a browser."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest

from beaconviz.ui.components import workbench as module
from beaconviz.ui.components.workbench import (
    EditMessage,
    EditorState,
    Look,
    Maps,
    Press,
    pack,
    workbench_state,
)

EDIT = {"seq": 7, "generation": 2, "stroke": 5, "marker": [[0, 2, 1]], "beacon": [["*", 6, 4.5]]}


@pytest.fixture
def sent(monkeypatch):
    def send(**messages):
        monkeypatch.setattr(module.st, "session_state", {"bench": messages})
        return workbench_state("bench")

    return send


def test_messages_are_read_oldest_first(sent):
    state = sent(
        edit=EDIT,
        command={"seq": 3, "name": "undo"},
        view={"seq": 9, "layer": 1, "head": None},
    )
    edit = EditMessage(7, 2, 5, marker=((0, 2, 1.0),), beacon=(("*", 6, 4.5),))
    assert state.messages == [Press(3, "undo"), edit, Look(9, 1, None)]
    assert state.seq == 9


def test_before_anything_is_sent_there_is_nothing(monkeypatch):
    monkeypatch.setattr(module.st, "session_state", {})
    state = workbench_state("bench")
    assert (state.messages, state.seq) == ([], 0)


@pytest.mark.parametrize(
    "change",
    [
        {"seq": None},
        {"generation": "x"},
        {"stroke": float("inf")},
        {"marker": None},
        {"marker": [[0, 1]]},
        {"beacon": [[0, "all", 1]]},
        {"beacon": {"0": 1}},
        {"beacon": 3},
    ],
)
def test_an_edit_of_another_shape_is_left_out(sent, change):
    assert sent(edit=EDIT | change).edit is None


def test_commands_that_do_not_exist_are_left_out(sent):
    assert sent(command={"seq": 1, "name": "__import__"}).command is None
    assert sent(command="undo", view=[1, 2]).messages == []


def test_a_packed_message_is_a_header_and_three_arrays():
    words = ["ünï", "→"]
    before, after = np.eye(2), np.full((2, 2), 0.5)
    divergence = np.arange(6.0).reshape(2, 3)
    message = pack(EditorState(4, words), Maps(words, before, after, divergence, head=1), echo=12)
    (length,) = struct.unpack("<I", message[:4])
    header = json.loads(message[4 : 4 + length])
    arrays = np.frombuffer(message, "<f4", offset=4 + length)
    assert length % 4 == 0
    assert header["echo"] == 12
    assert header["document"]["words"] == words
    assert (header["maps"]["layers"], header["maps"]["heads"], header["maps"]["head"]) == (2, 3, 1)
    np.testing.assert_array_equal(arrays, [*before.flat, *after.flat, *divergence.flat])


def test_maps_of_another_size_than_their_labels_are_refused():
    square = np.eye(3)
    with pytest.raises(ValueError, match=r"shape \(3, 3\); expected shape \(2, 2\)"):
        pack(EditorState(1, ["a", "b"]), Maps(["a", "b"], square, square, square))
    with pytest.raises(ValueError, match="layers, heads"):
        pack(EditorState(1, ["a"]), Maps(["a"], [[1]], [[1]], [1, 2]))


def unpacked(message: bytes) -> tuple[dict, np.ndarray]:
    (length,) = struct.unpack("<I", message[:4])
    header = json.loads(message[4 : 4 + length])
    return header, np.frombuffer(message, "<f4", offset=4 + length)


def test_maps_of_two_sides_have_rows_and_columns_of_their_own():
    words, steps = ("two", "red", "apples"), ("红", "苹果")
    before, after = np.arange(3.0).reshape(1, 3), np.arange(6.0).reshape(2, 3)
    document = EditorState(1, words, rows=steps, steps=True)
    maps = Maps(
        steps,
        before,
        after,
        [[0.5]],
        columns=words,
        column_words=(0, 1, 2),
        baseline_labels=("果",),
    )
    header, arrays = unpacked(pack(document, maps))
    assert (header["document"]["rows"], header["document"]["columns"]) == (list(steps), None)
    assert header["document"]["steps"] is True
    assert header["maps"]["columns"] == list(words)
    assert header["maps"]["baseline_labels"] == ["果"]
    np.testing.assert_array_equal(arrays, [*before.flat, *after.flat, 0.5])


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"baseline": np.eye(3)}, r"shape \(3, 3\); expected shape \(2, 3\)"),
        ({"edited": np.ones((3, 2))}, r"shape \(3, 2\); expected shape \(2, 3\)"),
        ({"baseline_labels": ["果"]}, r"shape \(2, 3\); expected shape \(1, 3\)"),
        ({"columns": None}, r"shape \(2, 3\); expected shape \(2, 2\)"),
    ],
)
def test_maps_that_do_not_fit_their_sides_are_refused(change, expected):
    fitting = {"baseline": np.ones((2, 3)), "edited": np.ones((2, 3)), "columns": ["a", "b", "c"]}
    with pytest.raises(ValueError, match=expected):
        pack(EditorState(1, ["a"]), Maps(["红", "苹果"], divergence=[[0]], **fitting | change))
