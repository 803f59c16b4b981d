"""The workbench over what a model writes: rows are steps, columns are source words.

Options in the URL, as JSON but for the reading: words; texts, what is written after so many painted
cells of A, so that an edit gives another translation; decoder (columns are steps too, and later
ones are not looked at); forced (the baseline has the rows of the edited text); reading; cells.
"""

from __future__ import annotations

import json

import numpy as np
import streamlit as st

from beaconviz.ui.components.workbench import (
    EditMessage,
    EditorState,
    Maps,
    workbench,
    workbench_state,
)

SIZE = 32
WORDS = ["Tom", "eats", "two", "red", "apples"]
TEXTS = [["汤姆", "吃", "苹果"]]


def option(name: str, default: object) -> object:
    return json.loads(st.query_params[name]) if name in st.query_params else default


def attention(rows: int, columns: int, cells: tuple = (), causal: bool = False) -> np.ndarray:
    scores = np.random.default_rng(0).normal(0, 9, (rows, columns))
    for row, column, value in cells:
        if (row == "*" or row < rows) and (column == "*" or column < columns):
            rows_, columns_ = (slice(None) if k == "*" else k for k in (row, column))
            scores[rows_, columns_] += value
    weights = np.exp(scores / SIZE**0.5)
    weights = np.tril(weights) if causal else weights
    return weights / weights.sum(-1, keepdims=True)


@st.fragment
def bench() -> None:
    cells = tuple(tuple(side) for side in option("cells", [[], []]))
    cells = st.session_state.setdefault("cells", cells)
    message = workbench_state("bench").edit
    if isinstance(message, EditMessage):
        cells = st.session_state["cells"] = (message.marker, message.beacon)
    words, texts = option("words", WORDS), option("texts", TEXTS)
    rows = texts[min(len(cells[1]), len(texts) - 1)]
    columns = ["‹s›", *rows[:-1]] if option("decoder", False) else None
    before = rows if option("forced", False) else texts[0]
    across = columns or words
    causal = columns is not None
    edited = attention(len(rows), len(across), cells[1], causal)
    workbench(
        EditorState(
            generation=1,
            words=words,
            marker=cells[0],
            beacon=cells[1],
            reading=st.query_params.get("reading", "product"),
            scale=SIZE**-0.5,
            head_size=SIZE,
            rows=rows,
            columns=columns,
            steps=True,
            causal=causal,
        ),
        Maps(
            labels=rows,
            baseline=attention(len(before), len(across), causal=causal),
            edited=edited,
            divergence=np.full((2, 4), len(cells[1]) / 10),
            columns=across,
            baseline_labels=before,
        ),
        key="bench",
    )
    seq = message.seq if message else 0
    st.code(json.dumps({"seq": seq, "cells": cells, "rows": rows}, ensure_ascii=False))


st.set_page_config(layout="wide")
bench()
