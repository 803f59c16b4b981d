"""What travels beside one forward call: what to edit, what to keep, and where the call is.

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

PLACE = "beaconviz_place"  # noted on attention modules, where calls cannot be counted

# The row edits of one text: by layer those of self-attention, by place those of
# a decoder that reads the text again.
LayerEdits = Mapping[int | Place, Sequence[RowEdit]]


@dataclass(frozen=True)
class Resume:
    """Where a call starts instead of at the first layer; made by `engine.late`.

    layer: the first layer that is run. states: what enters it, Float[Tensor, "sample token d"].
    rows: by layer, the only token rows that it has to give, Int[Tensor, "k"].
    around: what enters the layer after the first one, Float[Tensor, "token d"], where the first
        gives some rows only.
    """

    layer: int
    states: Tensor
    rows: Mapping[int, Tensor] = field(default_factory=dict)
    around: Tensor | None = None


@dataclass(frozen=True)
class Plan:
    """What is different in one forward call. The edits act on what the learned beacons left.

    edits[sample] are the rows to recompute; one entry alone serves every sample. `open` are edits
    of rows that are still to be generated, the same for every sample.
    """

    edits: Sequence[LayerEdits] = ()
    open: OpenEdits = field(default_factory=OpenEdits)
    learned: ElasticBeacons | None = None
    resume: Resume | None = None
    batches: Batches = field(default_factory=Batches)

    def layer_edits(self, layers: int) -> Mapping[int, Sequence[RowEdit]]:
        """The edits of the one text in each of its encoder's layers."""
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
    """What is kept of a call.

    Attributes:
        layer: the one layer of which attention is kept; None keeps all, and the hidden states.
        gradients: keep each layer's values and outputs instead, to differentiate by them.
        traces: the attention between the words that are read, a layer each.
        step_traces: attention of what is generated apart from them, by kind and layer.
        hidden: what entered each layer, Float[Tensor, "batch token d"]. last: what left the last.
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
        """Of one layer."""
        kind, layer = place
        if self.gradients or self.layer not in (None, layer):
            return
        if kind == "self":
            self.traces.append(trace)
        else:
            self.step_traces[place] = trace

    def keep_states(self, states: Tensor) -> None:
        """What enters a layer."""
        if self.layer is None and not self.gradients:
            self.hidden.append(states)

    def keep_output(self, value: Tensor, output: Tensor) -> Tensor:
        """What a layer's attention gave; returns it as a part of the graph."""
        if not self.gradients:
            return output
        # The first layer's stands at the root: nothing before it takes a gradient.
        output = output if output.requires_grad else output.requires_grad_()
        self.outputs.append((value, output))
        return output


@dataclass
class Cursor:
    """Where a call is.

    Attributes:
        attentions: calls of attention so far. layers: layers entered so far.
        states: what entered the layer that runs.
        stop_at_attention: whether a layer is run only until its queries, keys and values are known.
        output: of the attention that is called next, where it is known already.
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
    module between layers or do not number them. Networks that read one text and write another have
    their modules' places noted instead, by kind and layer.
    """

    plan: Plan = field(default_factory=Plan)
    recorder: Recorder | None = None
    cursor: Cursor = field(default_factory=Cursor)

    def place(self, module: nn.Module) -> Place:
        """The kind and the layer of the attention that is called."""
        noted: tuple[Attention, int] | None = getattr(module, PLACE, None)
        if noted is not None:
            return noted
        self.cursor.attentions += 1
        return "self", self.plan.start + self.cursor.attentions - 1

    def take_output(self, module: nn.Module) -> Tensor | None:
        """The output of the attention that is called, where it was computed before the call."""
        output, self.cursor.output = self.cursor.output, None
        if output is not None:
            self.place(module)  # the call counts
        return output

    def begin_call(self) -> None:
        """Count anew, also after a call that failed half-way."""
        self.cursor.attentions = self.cursor.layers = 0


_current: ContextVar[Pass | None] = ContextVar("beaconviz_pass", default=None)


def current_pass() -> Pass | None:
    """The pass of the forward call that runs, if it has one."""
    return _current.get()


@contextmanager
def running(this: Pass) -> Iterator[Pass]:
    """Runs the block with a pass beside its forward calls."""
    token = _current.set(this)
    try:
        yield this
    finally:
        _current.reset(token)
