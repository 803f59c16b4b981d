"""Steering: an attention function that is set once, and edits that travel beside one call.

The function runs the model's fused attention and writes over the rows that an edit touches.
What to edit and what to keep is a `Pass` in a context variable, so threads that share a model
never see each other's edits, and nothing is left behind whatever happens inside the call.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from torch import Tensor, nn
from transformers import AttentionInterface, AttentionMaskInterface, PreTrainedModel
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

from beaconviz.core.batch import BatchEdit, stack_edits
from beaconviz.core.compiling import compile_design, named_steps
from beaconviz.core.design import Attention, Design, DesignError
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.rows import RowEdit
from beaconviz.core.steps import OpenEdit
from beaconviz.core.words import Tokens
from beaconviz.models.call import Call, written_out
from beaconviz.models.elastic import ElasticBeacons, Pull
from beaconviz.models.families import Family
from beaconviz.models.partly import SeizedError, narrowed, put_back
from beaconviz.models.trace import LayerTrace

Place = tuple[Attention, int]  # the kind of an attention, and its layer

if TYPE_CHECKING:
    from beaconviz.models.model import Model

ATTENTION = "beaconviz"  # the name of the attention function inside transformers
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


@contextmanager
def steering(model: Model, design: Design, tokens: Tokens | None = None) -> Iterator[None]:
    """Calls of `model.network` inside the block attend as `design` says.

    >>> with steering(model, design):                       # doctest: +SKIP
    ...     logits = model.network(**inputs).logits

    Args:
        tokens: the text's tokens when they are not those of the design's own words; the edit
            acts on every sample of a call, from its first token on.

    Positions are counted by the keys of a cache. Where a model's own cache keeps a window of them
    alone (Gemma 2, Qwen2), call `generate` with `past_key_values=DynamicCache()`.

    Raises:
        DesignError: words, layers or heads that do not fit the model and the text.
    """
    tokens = tokens or model.tokenize(list(design.words))
    with travelling(Pass(*compile_for_writing(model, design, tokens))):
        yield


def compile_for(
    model: Model,
    design: Design,
    tokens: Tokens,
    attention: Attention = "self",
    *,
    open: bool = False,
) -> dict[int, tuple[RowEdit, ...]]:
    """The design's row edits on the model's device, by layer."""
    check_attentions(model, design)
    sizes = model.sizes[attention]
    compiled = compile_design(
        design, tokens, layers=sizes.layers, heads=sizes.heads, attention=attention, open=open
    )
    device, dtype = model.device, model.dtype
    moved = {  # layers that share their edits go on sharing them
        id(edits): tuple(edit.to(device, dtype) for edit in edits) for edits in compiled.values()
    }
    return {layer: moved[id(edits)] for layer, edits in compiled.items()}


def compile_for_writing(
    model: Model, design: Design, tokens: Tokens
) -> tuple[list[dict[int, tuple[RowEdit, ...]]], dict[Place, tuple[OpenEdit, ...]]]:
    """A pass's `edits` and `open` for a text and all that the model writes after it, or of it."""
    closed, open = [], {}
    for attention in model.sizes:
        written = attention != "self" or model.task.over_next
        compiled = compile_for(model, design, tokens, attention, open=written)
        if not written:
            closed = [compiled]
            continue
        named = first = len(tokens)
        if attention != "self":
            named, first = named_steps(design, attention), 1
            _check_steps(model, named)
        made: dict[int, tuple[OpenEdit, ...]] = {}
        for layer, edits in compiled.items():
            if id(edits) not in made:  # layers that share their edits go on sharing them
                made[id(edits)] = tuple(
                    OpenEdit(edit, named, attention != "cross", first) for edit in edits
                )
            open[attention, layer] = made[id(edits)]
    return closed, open


def check_attentions(model: Model, design: Design) -> None:
    """Raises unless the model has every kind of attention that the design edits."""
    for position, edit in enumerate(design.edits):
        if edit.attention not in model.sizes:
            raise DesignError(
                f"edits[{position}].attention is {edit.attention!r}; {model.name} has only "
                f"{', '.join(model.sizes)}: leave that edit out, or take a model that translates"
            )


def _check_steps(model: Model, named: int) -> None:
    """Raises unless the model writes as many steps as a design names."""
    if named > model.most_written:
        raise DesignError(
            f"the design names step {named - 1:,}; {model.name} writes at most "
            f"{model.most_written:,}: leave the cells of later steps out"
        )


def steered_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """The attention function that transformers calls: fused, then edited rows written over.

    Shapes as transformers gives them: query (batch, head, query, d), key and value
    (batch, head, key, d); returns (batch, query, head, d).
    """

    def stock() -> Tensor:
        output, _ = sdpa_attention_forward(
            module, query, key, value, attention_mask, scaling=scaling, dropout=dropout, **kwargs
        )
        return output

    one, softcap = _current.get(), kwargs.get("softcap")
    if one is None and softcap is None:
        return stock(), None
    unit = query.shape[-1] ** -0.5
    prescaled = getattr(module, SCALED, False)
    if scaling is not None and not prescaled:
        unit = scaling
    call = Call(
        stock=stock,
        query=query / unit if prescaled else query,
        key=key,
        value=value,
        mask=written_out(attention_mask, module, query, key, kwargs.get("is_causal")),
        unit=unit,
        softcap=softcap,
        dropout=dropout,
        bias=kwargs.get("position_bias"),
    )
    output = call.untouched() if one is None else _in_pass(one, module, call)
    if one is not None and one.watched is not None:
        # The first layer's stands at the root: nothing before it takes a gradient.
        output = output if output.requires_grad else output.requires_grad_()
        one.watched.append((value, output))
    return output, None


def _in_pass(one: Pass, module: nn.Module, call: Call) -> Tensor:
    """What a call gives in a pass: its rows edited, and its queries and keys kept."""
    if one.seizing:
        raise SeizedError(call)
    kind, layer = one.place(module)
    if one.answer is not None:
        answer, one.answer = one.answer, None
        return answer
    fixed, pull = call.bias, None
    if one.learned is not None:
        pull = one.pull(one.learned, layer, call.mask)
        call = call.pulled(pull)
    if one.keep and one.only in (None, layer):
        trace = LayerTrace(call.query, call.key, call.mask, call.unit, pull, call.softcap, fixed)
        if kind == "self":
            one.traces.append(trace)
        else:
            one.apart[kind, layer] = trace
    batch, heads, length, _ = call.query.shape
    if kind != "self" or one.open.get((kind, layer)):
        return call.for_every_sample(one.written_now((kind, layer), length, call.key.shape[2]))
    edits = one.edits_of(layer, batch)
    for edit in (edit for some in edits for edit in some):
        _check_length(edit, length)
    together = None
    if batch > 1 and call.softcap is None:
        together = one.together(edits, length, heads, call.query)
    return call.by_rows(edits) if together is None else call.all_at_once(together)


def _check_length(edit: RowEdit, length: int) -> None:
    if edit.marker.shape[-1] > length:
        raise DesignError(
            f"the design is over {edit.marker.shape[-1]} tokens, the call has {length}; "
            "give steering() the tokens of the call's own text"
        )


class Layers(nn.ModuleList):
    """A model's layers, which a pass may enter late: those below its start are not run."""

    def __iter__(self) -> Iterator[nn.Module]:
        one = _current.get()
        every = super().__iter__()
        for _ in range(0 if one is None else one.start):
            next(every)
        return every


def _enter_layer(
    module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]] | None:
    """Before each layer: hand in the hidden states to resume from, keep what enters."""
    one = _current.get()
    if one is None:
        return None
    if one.resume is not None and one.entered == 0:
        args = (one.resume, *args[1:])
    if one.around is not None and one.entered == 1:
        args = (put_back(args[0], one.rows[one.start], one.around), *args[1:])
    layer = one.start + one.entered
    one.entered += 1
    one.states = args[0]
    if one.keep and one.only is None:
        one.hidden.append(args[0])
    return narrowed(one, layer, module, args, kwargs) if layer in one.rows else (args, kwargs)


def _begin_call(module: nn.Module, args: tuple[Any, ...]) -> None:
    """Before each forward call: count layers anew, also after a call that failed half-way."""
    one = _current.get()
    if one is not None:
        one.called = one.entered = 0


def _end_layers(module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
    """After all layers: keep what they give, normalised where the network does so."""
    one = _current.get()
    if one is not None and one.keep:
        one.last = output[0]


def _note_states(module: nn.Module, args: tuple[Any, ...]) -> None:
    """Before a layer that others share: all that is kept of it is what enters."""
    one = _current.get()
    if one is not None:
        one.states = args[0]


class Size(NamedTuple):
    """Of one kind of attention in a network."""

    layers: int
    heads: int


def attention_sizes(network: PreTrainedModel) -> dict[Attention, Size]:
    """The kinds of attention whose places were noted, and their sizes."""
    found: dict[Attention, list[nn.Module]] = {}
    for module in network.modules():
        if place := getattr(module, PLACE, None):
            found.setdefault(place[0], []).append(module)
    return {kind: Size(len(some), _heads(some[0])) for kind, some in found.items()}


def _heads(module: nn.Module) -> int:
    names = ("num_heads", "n_heads", "num_attention_heads")
    return next(int(getattr(module, name)) for name in names if hasattr(module, name))


def make_steerable(network: PreTrainedModel, family: Family) -> None:
    """Once, when a model is loaded: numbers its layers, and lets a pass enter them late."""
    base = network.base_model
    for path, module in network.named_modules():
        for kind, pattern in family.places.items():
            if found := re.fullmatch(pattern, path):
                setattr(module, PLACE, (kind, int(found[1])))
        if family.scaled:
            setattr(module, SCALED, True)
    for path, module in base.named_modules():
        if family.shared is not None and re.fullmatch(family.shared, path):
            module.register_forward_pre_hook(_note_states)
    if family.layers is None:
        base.register_forward_pre_hook(_begin_call)
        base.register_forward_hook(_end_layers)
        return
    parent_path, _, name = family.layers.rpartition(".")
    parent = base.get_submodule(parent_path)
    parent.register_forward_pre_hook(_begin_call)  # OPT's head calls it without calling its base
    parent.register_forward_hook(_end_layers)
    layers = Layers(getattr(parent, name))
    setattr(parent, name, layers)
    for layer in nn.ModuleList.__iter__(layers):
        layer.register_forward_pre_hook(_enter_layer, with_kwargs=True)


AttentionInterface.register(ATTENTION, steered_attention)
AttentionMaskInterface.register(ATTENTION, sdpa_mask)
