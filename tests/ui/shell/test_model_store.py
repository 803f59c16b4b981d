"""Models in memory: loaded once, one at a time, and dropped by their size."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from beaconviz.core.errors import BeaconvizError
from beaconviz.ui.shell.model_store import ModelStore, weight_bytes


def model_of(size: int) -> Any:
    network = torch.nn.Module()
    network.weight = torch.nn.Parameter(torch.zeros(size // 4))
    network.tied = network.weight
    return SimpleNamespace(network=network)


class Loader:
    """Gives models of named sizes, and notes what it was asked for."""

    def __init__(self, **sizes: int) -> None:
        self.sizes, self.asked = sizes, []

    def __call__(self, name: str) -> Any:
        self.asked.append(name)
        if name not in self.sizes:
            raise BeaconvizError(f"no model {name}")
        return model_of(self.sizes[name])


def test_the_bytes_of_a_model_count_shared_weights_once() -> None:
    assert weight_bytes(model_of(400)) == 400


def test_kept_models_stay_and_others_go_by_their_size_the_longest_unused_first() -> None:
    load = Loader(kept=4000, a=400, b=400, c=400, big=4000)
    store = ModelStore(load, ["kept"], limit=800)
    for name in ("kept", "a", "b", "a", "c"):
        store.get(name)
    assert store.names() == ["a", "c", "kept"]
    store.get("big")  # larger than all that there is room for: alone, beside what is kept
    assert store.names() == ["big", "kept"]
    assert load.asked == ["kept", "a", "b", "c", "big"]


def test_another_content_is_loaded_again() -> None:
    load = Loader(a=400)
    store = ModelStore(load, [], limit=800)
    first = store.get("a", (("weights", 1, 1),))
    assert store.get("a", (("weights", 1, 1),)) is first
    assert store.get("a", (("weights", 1, 2),)) is not first
    assert store.names() == ["a"]


def test_an_error_leaves_everything_as_it_was() -> None:
    store = ModelStore(Loader(a=400), [], limit=800)
    first = store.get("a")
    with pytest.raises(BeaconvizError, match="no model b"):
        store.get("b")
    assert store.get("a") is first


def test_who_waits_is_told_and_a_model_that_is_here_waits_for_nobody() -> None:
    loads, may_end, told = Event(), Event(), []

    def slowly(name: str) -> Any:
        if name == "slow":
            loads.set()
            assert may_end.wait(60)
        asked.append(name)
        return model_of(400)

    @contextmanager
    def notice(name: str) -> Iterator[None]:
        told.append(name)
        yield

    asked: list[str] = []
    store = ModelStore(slowly, [], limit=8000)
    store.get("here")
    with ThreadPoolExecutor() as people:
        waiting = [people.submit(store.get, "slow", notice=notice) for _ in range(3)]
        assert loads.wait(60)
        assert store.get("here", notice=notice)
        may_end.set()
        assert len({id(each.result(60)) for each in waiting}) == 1
    assert asked == ["here", "slow"]
    assert set(told) == {"slow"}
