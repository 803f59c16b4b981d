"""Models and baselines that every browser session shares. Runs are frozen, so they are
shared as they are, without copies."""

from __future__ import annotations

import gc
import os
from typing import Any

import numpy as np
import streamlit as st
import torch
from numpy.typing import NDArray

import beaconviz as bv

_loaded: set[str] = set()


@st.cache_resource(max_entries=3, show_spinner="Loading the model …")
def model(name: str, device: str = "auto", dtype: str = "auto") -> bv.Model:
    """The model of that name; raises `BeaconvizError` when it cannot be had."""
    # Threads that wait for each other's cores cost more than they save: on two busy cores an
    # edited run took 120 ms on both and 60 ms on one. The browser and the server need the rest.
    torch.set_num_threads(max(1, (os.cpu_count() or 2) // 2))
    loaded = bv.load(name, device=device, dtype=dtype)
    _loaded.add(name)
    # Without this, every full collection walks all of torch: 230 ms after each edit.
    gc.collect()
    gc.freeze()
    return loaded


def baseline(name: str, text: str, second: str = "", *, beams: int = 1, forced: str = "") -> bv.Run:
    """What the untouched model makes of a text; raises `BeaconvizError` for a bad text.

    A second text is left to models that take one, beams and a text to write to those that translate.
    """
    if not model(name).family.writes_apart:
        beams, forced = 1, ""
    return _baseline(name, text, _read(name, second), beams, forced)


@st.cache_resource(max_entries=64, show_spinner=False)
def _baseline(name: str, text: str, second: str | None, beams: int = 1, forced: str = "") -> bv.Run:
    return bv.run(model(name), text, second=second, **writing(name, beams, forced))


def writing(name: str, beams: int, forced: str) -> dict[str, Any]:
    """How a model that writes is asked to while somebody edits: what goes on after the text is
    written only where it is asked for."""
    if model(name).family.writes_apart:
        return {"beams": beams, "forced": forced or None}
    return {"limit": 0}


def _read(name: str, second: str) -> str | None:
    takes = model(name).task.second
    if takes == "none" or (takes != "needed" and not second.strip()):
        return None
    return second


def baseline_map(
    name: str,
    texts: tuple[str, str],
    layer: int | None,
    head: int | None,
    unit: str,
    special: bool,
) -> NDArray[np.float32]:
    """A map of the untouched model, (query, key); it stays the same while somebody edits."""
    text, second = texts
    return _baseline_map(name, text, _read(name, second), layer, head, unit, special)


@st.cache_resource(max_entries=64, show_spinner=False)
def _baseline_map(
    name: str,
    text: str,
    second: str | None,
    layer: int | None,
    head: int | None,
    unit: str,
    special: bool,
) -> NDArray[np.float32]:
    run = _baseline(name, text, second)
    return run.attention(layer, head, unit=unit, special=special).float().numpy()


def is_loaded(name: str) -> bool:
    """Whether somebody on this server has loaded the model already."""
    return name in _loaded


def names() -> list[str]:
    """The models that somebody on this server has loaded."""
    return sorted(_loaded)
