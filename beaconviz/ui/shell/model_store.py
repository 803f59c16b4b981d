"""The models in memory, which every session shares."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from threading import Lock

from cachetools import LRUCache

from beaconviz.models.checkpoint.identity import Content
from beaconviz.models.model import Model


@contextmanager
def _quietly(name: str) -> Iterator[None]:
    yield


class ModelStore:
    """Loads each model once, one at a time.

    Args:
        load: gives the model of a name. kept: the names of models that are never dropped.
        limit: bytes of weights that the others may have together; the least recently used go first.
            One that is larger than that is kept alone.
    """

    def __init__(self, load: Callable[[str], Model], kept: Collection[str], limit: int) -> None:
        self._load = load
        self._kept = frozenset(kept)
        self._limit = limit
        self._models: dict[str, Model] = {}
        self._others: LRUCache[str, tuple[Content, Model]] = LRUCache(limit, self._size)
        self._loading, self._entries = Lock(), Lock()

    def get(
        self,
        name: str,
        content: Content = (),
        *,
        notice: Callable[[str], AbstractContextManager[None]] = _quietly,
    ) -> Model:
        """The model of a name, loaded if it is not here or its folder has other content.

        Args:
            notice: entered with the name while this caller waits for the model.

        Raises:
            BeaconvizError: it cannot be loaded; what was here stays.
        """
        if (model := self._at_hand(name, content)) is not None:
            return model
        with notice(name), self._loading:
            if (model := self._at_hand(name, content)) is not None:  # by whoever loaded before
                return model
            model = self._load(name)
            with self._entries:
                if name in self._kept:
                    self._models[name] = model
                else:
                    self._others[name] = content, model
            return model

    def names(self) -> list[str]:
        """The models that are here."""
        with self._entries:
            return sorted((*self._models, *self._others))

    def __contains__(self, name: str) -> bool:
        return name in self._models or name in self._others

    def _at_hand(self, name: str, content: Content) -> Model | None:
        with self._entries:
            if name in self._kept:
                return self._models.get(name)
            stored, model = self._others.get(name, (None, None))
        return model if stored == content else None

    def _size(self, entry: tuple[Content, Model]) -> int:
        return min(weight_bytes(entry[1]), self._limit)


def weight_bytes(model: Model) -> int:
    """The memory of a model's weights; those that two modules share count once."""
    return sum(x.nbytes for x in (*model.network.parameters(), *model.network.buffers()))
