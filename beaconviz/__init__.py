"""beaconviz: edit the attention of a transformer, and see what changes."""

from beaconviz.analysis.comparison import Change, Comparison, compare
from beaconviz.core import attention
from beaconviz.core.design import Design, DesignError, Edit
from beaconviz.models.entities import Entity
from beaconviz.core.errors import BeaconvizError
from beaconviz.models.loading import Model, load
from beaconviz.models.running import Run, run, run_batch
from beaconviz.models.steering import steering

__all__ = [
    "BeaconvizError",
    "Change",
    "Comparison",
    "Design",
    "DesignError",
    "Edit",
    "Entity",
    "Model",
    "Run",
    "attention",
    "compare",
    "load",
    "run",
    "run_batch",
    "steering",
]
