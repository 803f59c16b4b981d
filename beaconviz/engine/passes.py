"""What travels beside one forward call: what to edit, and what to keep of it.

It is a `Pass` in a context variable, so threads that share a model never see each other's edits,
and nothing is left behind whatever happens inside the call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from torch import Tensor, nn

from beaconviz.core.edit import Attention
from beaconviz.core.errors import BeaconvizError
from beaconviz.engine.batch import BatchEdit, stack_edits
from beaconviz.engine.elastic import ElasticBeacons, Pull
from beaconviz.engine.rows import RowEdit
from beaconviz.engine.steps import OpenEdit
from beaconviz.engine.trace import LayerTrace

Place = tuple[Attention, int]  # the kind of an attention, and its layer

PLACE, SCALED = "beaconviz_place", "beaconviz_scaled"  # what is noted on attention modules


@dataclass
class Pass:
    """One forward call: learned beacons, the edits of every sample, and what to keep of it.

    The edits act on the scores that the learned beacons left. edits[sample][layer] are the rows to recompute; one entry alone serves every sample.
    Layers are numbered by the order of calls, from `start`: some families share one module
    between layers or do not number them. Networks that read one text and write another have their
    modules' places noted instead, by kind and layer. `open` are edits of rows that are still to be
    written, the same for every sample.
    """

    edits: Sequence[Mapping[int, Sequence[RowEdit]]] = ()
    open: Mapping[Place, Sequence[OpenEdit]] = field(default_factory=dict)
    keep: bool = False
    only: int | None = None  # the one layer of which attention is kept, if not all
    learned: ElasticBeacons | None = None
    start: int = 0
    resume: Tensor | None = None  # the hidden states that enter layer `start`
    rows: Mapping[int, Tensor] = field(default_factory=dict)  # by layer, those that it gives alone
    around: Tensor | None = (
        None  # what enters the layer after `start`, where `start` gave some rows
    )
    watched: list[tuple[Tensor, Tensor]] | None = (
        None  # each layer's values and what its attention gave, for gradients
    )
    seizing: bool = False  # whether a layer is called for its queries, keys and values alone
    answer: Tensor | None = None  # of the attention that is called next, where it is known
    called: int = 0
    entered: int = 0
    states: Tensor | None = None  # what entered the layer that runs
    hidden: list[Tensor] = field(default_factory=list)  # what entered each layer
    last: Tensor | None = None  # what left the last one
    traces: list[LayerTrace] = field(default_factory=list)
    apart: dict[Place, LayerTrace] = field(default_factory=dict)  # of what is written, as `traces`
    position: int = 0  # of the call's first query in what is written
    cut: dict[tuple[int, ...], RowEdit | None] = field(default_factory=dict)
    stacked: dict[tuple[int, ...], BatchEdit | None] = field(default_factory=dict)

    def edits_of(self, layer: int, batch: int) -> list[Sequence[RowEdit]]:
        """The row edits of every sample in one layer."""
        if not self.edits:
            return [()] * batch
        each = self.edits if len(self.edits) > 1 else [self.edits[0]] * batch
        return [some.get(layer, ()) for some in each]

    def place(self, module: nn.Module) -> Place:
        """The kind and the layer of the attention that is called."""
        noted: Place | None = getattr(module, PLACE, None)
        if noted is not None:
            return noted
        self.called += 1
        return "self", self.start + self.called - 1

    def written_now(self, place: Place, queries: int, keys: int) -> list[RowEdit]:
        """The open edits of a place, as they act on a call's rows."""
        if place[0] != "cross":  # whose keys do not grow; it comes after the layer's own attention
            self.position = keys - queries
        found = []
        for edit in self.open.get(place, ()):
            key = (id(edit), self.position, queries, keys)
            if key not in self.cut:
                self.cut[key] = edit.at(self.position, queries, keys)
            found.append(self.cut[key])
        return [edit for edit in found if edit is not None]

    def pull(self, learned: ElasticBeacons, layer: int, mask: Tensor | None) -> Pull:
        """The learned beacons of the layer that runs, from what entered it."""
        if self.states is None:
            raise BeaconvizError(
                "nothing says what enters this network's layers, so no beacons can be made; "
                "expected a network that beaconviz.load gave"
            )
        return learned(layer, self.states, mask)

    def together(
        self, edits: Sequence[Sequence[RowEdit]], length: int, heads: int, like: Tensor
    ) -> BatchEdit | None:
        """The samples' edits as one, where they can be; layers that share edits share it too."""
        key = tuple(map(id, edits))
        if key not in self.stacked:
            self.stacked[key] = stack_edits(edits, length, heads, like)
        return self.stacked[key]


_current: ContextVar[Pass | None] = ContextVar("beaconviz_pass", default=None)


@contextmanager
def travelling(one: Pass) -> Iterator[Pass]:
    """Runs the block with `one` beside its forward calls."""
    token = _current.set(one)
    try:
        yield one
    finally:
        _current.reset(token)
