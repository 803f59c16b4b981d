"""The context of one forward call: what to edit, what to record, and how far the call is.

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
from beaconviz.engine.elastic import ElasticBeacons
from beaconviz.engine.rows import Batches, RowEdit, SampleEdits
from beaconviz.engine.steps import OpenEdits, Place
from beaconviz.engine.trace import LayerTrace

PLACE = "beaconviz_place"  # set on attention modules where calls cannot be counted

# The row edits of one text: of self-attention by layer, of a decoder that reads the text again by
# place.
LayerEdits = Mapping[int | Place, Sequence[RowEdit]]


@dataclass(frozen=True)
class Resume:
    """Where a call starts instead of at the first layer; made by `engine.late`.

    layer: the first layer that is run. states: its input, Float[Tensor, "sample token d"].
    rows: by layer, the only token rows that it has to compute, Int[Tensor, "k"].
    around: the baseline's input of the second layer, Float[Tensor, "token d"], where the first
        layer computes only some rows.
    """

    layer: int
    states: Tensor
    rows: Mapping[int, Tensor] = field(default_factory=dict)
    around: Tensor | None = None


@dataclass(frozen=True)
class Plan:
    """The changes of one forward call. Edits are applied after the learned beacons.

    edits[sample] are the rows to recompute; a single entry serves every sample. `open` are edits
    of rows that are generated later, the same for every sample.
    """

    edits: Sequence[LayerEdits] = ()
    open: OpenEdits = field(default_factory=OpenEdits)
    learned: ElasticBeacons | None = None
    resume: Resume | None = None
    batches: Batches = field(default_factory=Batches)

    def layer_edits(self, layers: int) -> Mapping[int, Sequence[RowEdit]]:
        """The edits of a single text in each of its encoder's layers."""
        return {layer: self.edits_in(layer, 1)[0] for layer in range(layers)}

    @property
    def start(self) -> int:
        """The first layer that is run."""
        return 0 if self.resume is None else self.resume.layer

    def edits_in(self, place: int | Place, batch: int) -> SampleEdits:
        """The row edits of every sample in one layer, or at one place of a decoder."""
        if not self.edits:
            return [()] * batch
        if len(self.edits) == 1:
            return [self.edits[0].get(place, ())] * batch
        return [of_text.get(place, ()) for of_text in self.edits]


@dataclass
class Recorder:
    """Records a call.

    Attributes:
        layer: record attention of this layer only; None records all layers and hidden states.
        gradients: record each layer's values and outputs instead, to take gradients.
        traces: self-attention, by layer.
        step_traces: a decoder's attention, by kind and layer.
        hidden: the input of each layer, Float[Tensor, "batch token d"]. last: the last states.
        outputs: (value, output) of each layer's attention.
    """

    layer: int | None = None
    gradients: bool = False
    traces: list[LayerTrace] = field(default_factory=list)
    step_traces: dict[Place, LayerTrace] = field(default_factory=dict)
    hidden: list[Tensor] = field(default_factory=list)
    last: Tensor | None = None
    outputs: list[tuple[Tensor, Tensor]] = field(default_factory=list)

    def keep_attention(self, place: Place, trace: LayerTrace) -> None:
        """Records the attention of one layer."""
        kind, layer = place
        if self.gradients or self.layer not in (None, layer):
            return
        if kind == "self":
            self.traces.append(trace)
        else:
            self.step_traces[place] = trace

    def keep_states(self, states: Tensor) -> None:
        """Records the input of a layer."""
        if self.layer is None and not self.gradients:
            self.hidden.append(states)

    def keep_output(self, value: Tensor, output: Tensor) -> Tensor:
        """Records the output of a layer's attention; returns it as part of the gradient graph."""
        if not self.gradients:
            return output
        # The first layer's output is a root of the graph: nothing before it needs a gradient.
        output = output if output.requires_grad else output.requires_grad_()
        self.outputs.append((value, output))
        return output


@dataclass
class Cursor:
    """How far a call is.

    Attributes:
        attentions: attention calls so far. layers: layers entered so far.
        states: the input of the present layer.
        stop_at_attention: whether the layer is run only to get its queries, keys and values.
        output: the output of the next attention call, where it is already computed.
    """

    attentions: int = 0
    layers: int = 0
    states: Tensor | None = None
    stop_at_attention: bool = False
    output: Tensor | None = None


@dataclass
class Pass:
    """One forward call, or the calls that generate one text.

    Layers are numbered by the order of calls, from the plan's start: some networks share one
    module between layers or do not number them. Encoder–decoder networks have the place of each
    module, its kind and layer, set on the module instead.
    """

    plan: Plan = field(default_factory=Plan)
    recorder: Recorder | None = None
    cursor: Cursor = field(default_factory=Cursor)

    def place(self, module: nn.Module) -> Place:
        """The kind and layer of the present attention call."""
        noted: tuple[Attention, int] | None = getattr(module, PLACE, None)
        if noted is not None:
            return noted
        self.cursor.attentions += 1
        return "self", self.plan.start + self.cursor.attentions - 1

    def take_output(self, module: nn.Module) -> Tensor | None:
        """The output of the present attention call, where it was computed in advance."""
        output, self.cursor.output = self.cursor.output, None
        if output is not None:
            self.place(module)  # the call counts
        return output

    def begin_call(self) -> None:
        """Resets the counters, also after a call that failed half-way."""
        self.cursor.attentions = self.cursor.layers = 0


_current: ContextVar[Pass | None] = ContextVar("beaconviz_pass", default=None)


def current_pass() -> Pass | None:
    """The pass of the running forward call, if it has one."""
    return _current.get()


@contextmanager
def running(forward_pass: Pass) -> Iterator[Pass]:
    """Applies a pass to the forward calls inside the block."""
    token = _current.set(forward_pass)
    try:
        yield forward_pass
    finally:
        _current.reset(token)
