"""The workbench alone, with a numpy softmax in place of a model.

Options in the URL: n (words), reading, cells (JSON of marker and beacon), words (JSON),
special (the maps have a special token at each end).
What Python holds is written below the workbench as JSON, for tests to read.
"""

from __future__ import annotations

import json
import time

import numpy as np
import streamlit as st

from beaconviz.ui.components.workbench import (
    EditMessage,
    EditorState,
    Look,
    Maps,
    Press,
    workbench,
    workbench_state,
)

LAYERS, HEADS, SIZE = 6, 12, 32
SENTENCE = "Steve Jobs was the co-founder of Apple Inc."
STAR = "*"


def words() -> list[str]:
    if "words" in st.query_params:
        return json.loads(st.query_params["words"])
    count = int(st.query_params.get("n", 8))
    sentence = SENTENCE.split()
    return [sentence[k % 8] + ("" if k < 8 else str(k)) for k in range(count)]


def dense(cells: tuple, neutral: np.ndarray) -> np.ndarray:
    matrix = neutral.copy()
    for row, column, value in cells:
        rows = slice(None) if row == STAR else row
        columns = slice(None) if column == STAR else column
        matrix[rows, columns] = value
    return matrix


def attention(scores: np.ndarray) -> np.ndarray:
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    return weights / weights.sum(-1, keepdims=True)


@st.cache_resource
def baseline(n: int) -> tuple[np.ndarray, np.ndarray]:
    scores = np.random.default_rng(0).normal(0, 9, (LAYERS, HEADS, n, n))
    scores += 14 * np.eye(n) + 10 * np.eye(n, k=-1)
    return scores, attention(scores / SIZE**0.5)


def edited(scores: np.ndarray, reading: str, marker: tuple, beacon: tuple) -> np.ndarray:
    n = scores.shape[-1]
    A = dense(beacon, np.zeros((n, n)))
    if reading == "product":
        return attention(dense(marker, np.eye(n)) @ (scores + A) / SIZE**0.5)
    M = dense(marker, np.ones((n, n)))
    if reading == "gate":
        return attention(M * (scores + A) / SIZE**0.5)
    logits = (scores + A) / SIZE**0.5
    return attention(np.where((M == 1) | ~M.any(-1, keepdims=True), logits, -1e30))


def divergence(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    middle = (one + other) / 2
    kl = [
        (p * np.log(np.maximum(p, 1e-30) / np.maximum(middle, 1e-30))).sum(-1) for p in (one, other)
    ]
    return ((kl[0] + kl[1]) / 2).mean(-1)


def mean(maps: np.ndarray, layer: int | None, head: int | None) -> np.ndarray:
    chosen = maps if layer is None else maps[layer : layer + 1]
    chosen = chosen if head is None else chosen[:, head : head + 1]
    return chosen.mean((0, 1))


def shown_maps(names: list[str], before: np.ndarray, after: np.ndarray) -> dict:
    if "special" not in st.query_params:
        return {"labels": names, "baseline": before, "edited": after}
    rows = [None, *range(len(names)), None]
    maps = {"baseline": np.pad(before, 1), "edited": np.pad(after, 1)}
    return {"labels": ["[CLS]", *names, "[SEP]"], "words": rows, **maps}


class Desk:
    """What the Studio keeps in its session."""

    def __init__(self) -> None:
        self.cells = tuple(json.loads(st.query_params.get("cells", "[[], []]")))
        self.past: list = []
        self.future: list = []
        self.stroke = None
        self.generation = 1
        self.handled = 0
        self.look: tuple = (None, None)

    def handle(self, message: EditMessage | Press | Look) -> None:
        if isinstance(message, Look):
            self.look = (message.layer, message.head)
        elif isinstance(message, Press):
            self.press(message.name)
        elif message.generation == self.generation:
            if message.stroke != self.stroke:
                self.past.append(self.cells)
            self.future, self.stroke = [], message.stroke
            self.cells = (message.marker, message.beacon)

    def press(self, name: str) -> None:
        self.generation += 1
        self.stroke = None
        if name == "undo" and self.past:
            self.future.append(self.cells)
            self.cells = self.past.pop()
        elif name == "redo" and self.future:
            self.past.append(self.cells)
            self.cells = self.future.pop()
        elif name == "reset":
            self.past.append(self.cells)
            self.cells = ((), ())


@st.fragment
def bench() -> None:
    desk = st.session_state.setdefault("desk", Desk())
    for message in workbench_state("bench").messages:
        if message.seq > desk.handled:
            desk.handle(message)
            desk.handled = message.seq
    names = words()
    reading = st.query_params.get("reading", "product")
    start = time.perf_counter()
    n = len(names)
    scores, before = baseline(n)
    after = edited(scores, reading, *desk.cells)
    spent = 1000 * (time.perf_counter() - start)
    workbench(
        EditorState(
            generation=desk.generation,
            words=names,
            marker=desk.cells[0],
            beacon=desk.cells[1],
            reading=reading,
            scale=SIZE**-0.5,
            head_size=SIZE,
            can_undo=bool(desk.past),
            can_redo=bool(desk.future),
        ),
        Maps(
            **shown_maps(names, mean(before, *desk.look), mean(after, *desk.look)),
            divergence=divergence(before, after),
            layer=desk.look[0],
            head=desk.look[1],
            milliseconds=spent,
        ),
        key="bench",
    )
    held = {
        "seq": desk.handled,
        "cells": desk.cells,
        "look": desk.look,
        "generation": desk.generation,
    }
    held |= {"peak": float(mean(after, *desk.look).max()), "past": len(desk.past)}
    st.code(json.dumps(held), language="json")


st.set_page_config(layout="wide")
bench()
