"""beaconviz: edit the attention of a transformer, and see what changes.

Names are loaded when they are first used, so that `beaconviz --help` does not wait for torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from beaconviz.analysis.comparison import Change, Comparison, compare
    from beaconviz.analysis.faithful import Faithful, faithful
    from beaconviz.analysis.keywords import KeyWords, key_words
    from beaconviz.analysis.scan import Divergence, LabelScore, Scan, scan
    from beaconviz.core import attention, presets
    from beaconviz.core.design import Design, DesignError, Edit
    from beaconviz.core.errors import BeaconvizError
    from beaconviz.learning.flip import smallest_flip
    from beaconviz.learning.learn import learn
    from beaconviz.learning.rules import Rule
    from beaconviz.learning.saliency import saliency
    from beaconviz.learning.wish import Wish
    from beaconviz.models.entities import Entity
    from beaconviz.models.learned import as_design, load_learned
    from beaconviz.models.loading import load
    from beaconviz.models.model import Model
    from beaconviz.models.run import Run
    from beaconviz.models.running import run, run_batch
    from beaconviz.models.steering import steering
    from beaconviz.retrieval.documents import read_documents
    from beaconviz.retrieval.index import ready_index
    from beaconviz.retrieval.search import Results, search

__all__ = [
    "load", "run", "run_batch", "compare", "steering", "attention", "presets",
    "scan", "learn", "smallest_flip", "saliency", "load_learned", "as_design",
    "key_words", "faithful", "read_documents", "ready_index", "search",
    "Model", "Run", "Comparison", "Change", "Entity", "Design", "Edit",
    "KeyWords", "Faithful", "Results", "Scan", "LabelScore", "Divergence", "Rule", "Wish", "BeaconvizError", "DesignError",
]  # fmt: skip

_HOMES = {
    "analysis.comparison": ("Change", "Comparison", "compare"),
    "analysis.faithful": ("Faithful", "faithful"),
    "analysis.keywords": ("KeyWords", "key_words"),
    "analysis.scan": ("Divergence", "LabelScore", "Scan", "scan"),
    "core": ("attention", "presets"),
    "core.design": ("Design", "DesignError", "Edit"),
    "core.errors": ("BeaconvizError",),
    "learning.flip": ("smallest_flip",),
    "learning.learn": ("learn",),
    "learning.rules": ("Rule",),
    "learning.saliency": ("saliency",),
    "learning.wish": ("Wish",),
    "models.entities": ("Entity",),
    "models.learned": ("as_design", "load_learned"),
    "models.loading": ("load",),
    "models.model": ("Model",),
    "models.run": ("Run",),
    "models.running": ("run", "run_batch"),
    "models.steering": ("steering",),
    "retrieval.documents": ("read_documents",),
    "retrieval.index": ("ready_index",),
    "retrieval.search": ("Results", "search"),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            import_module(f"beaconviz.{home}.{name}" if home == "core" else f"beaconviz.{home}")
            return getattr(import_module(f"beaconviz.{home}"), name)
    raise AttributeError(f"module 'beaconviz' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
