"""Models and baselines that all browser sessions share, without copies, since runs are frozen."""

from __future__ import annotations

import gc
import os
from typing import Any

import numpy as np
import psutil
import streamlit as st
import torch
from numpy.typing import NDArray

import beaconviz as bv
from beaconviz.models.checkpoint.identity import Content, content_of
from beaconviz.models.loading import SHIPPED
from beaconviz.ui.shell.access import access
from beaconviz.ui.shell.model_store import ModelStore
from beaconviz.ui.shell.skeleton import loading
from beaconviz.ui.shell.state import View

_NO_DESIGN = bv.Design.neutral(())
_MEMORY = 0.5  # of the machine's, for the weights of models that do not ship


def model(name: str) -> bv.Model:
    """The model of that name, with the present content of its folder.

    Raises:
        BeaconvizError: it cannot be loaded, or is not offered.
    """
    access().check_model(name)
    return _models.get(name, content_of(name), notice=loading)


def _load(name: str) -> bv.Model:
    # Threads that wait for each other's cores cost more than they save: on two busy cores an
    # edited run took 120 ms on both and 60 ms on one. The browser and the server need the rest.
    torch.set_num_threads(max(1, (os.cpu_count() or 2) // 2))
    loaded = bv.load(name)
    # Otherwise each full garbage collection visits all objects of torch: 230 ms after each edit.
    gc.collect()
    gc.freeze()
    return loaded


_models = ModelStore(_load, SHIPPED, int(_MEMORY * psutil.virtual_memory().total))


def baseline(name: str, text: str) -> bv.Run:
    """The baseline of a text.

    Raises:
        BeaconvizError: the model does not take the text.
    """
    return untouched(View(text=text, design=_NO_DESIGN, model=name))


def untouched(view: View) -> bv.Run:
    """The baseline of a view's text.

    The second text, the beams, the forced text and the chat template of the view are used by models
    that have them, and ignored by others.

    Raises:
        BeaconvizError: the model does not take the text.
    """
    return _untouched(content_of(view.model), *_about(view))


def untouched_map(view: View) -> NDArray[np.float32]:
    """The baseline's attention map that a view shows, (query, key); an edit does not change it."""
    place = (view.layer, view.head, view.design.unit, view.special)
    return _untouched_map(content_of(view.model), _about(view), place)


def writing(view: View) -> dict[str, Any]:
    """The arguments of `run` and `compare` for a model that generates, while a person edits.

    A translator generates at each edit; a causal model generates only when the person asks for it.
    """
    if model(view.model).family.writes_apart:
        return {"beams": view.beams, "forced": view.forced or None}
    return {"limit": 0}


_About = tuple[str, str, str | None, int, str | None, bool]


def _about(view: View) -> _About:
    loaded = model(view.model)
    needs = loaded.task.second
    second = (
        None if needs == "none" or not (needs == "required" or view.second.strip()) else view.second
    )
    how = writing(view)
    chat = view.chat and loaded.chats
    return (view.model, view.text, second, how.get("beams", 1), how.get("forced"), chat)


@st.cache_resource(max_entries=64, show_spinner=False)
def _untouched(
    content: Content,
    name: str,
    text: str,
    second: str | None,
    beams: int,
    forced: str | None,
    chat: bool,
) -> bv.Run:
    loaded = model(name)
    tokens = loaded.tokenize(text, second, chat=chat)
    limit = None if loaded.family.writes_apart else 0
    return bv.run(loaded, tokens, limit=limit, beams=beams, forced=forced)


@st.cache_resource(max_entries=64, show_spinner=False)
def _untouched_map(
    content: Content, about: _About, place: tuple[int | None, int | None, str, bool]
) -> NDArray[np.float32]:
    return _untouched(content, *about).attention(*place).float().numpy()


def is_loaded(name: str) -> bool:
    """Whether the model is in memory, since somebody on this server has loaded it."""
    return name in _models


def names() -> list[str]:
    """The models in memory."""
    return _models.names()
