"""The result of one text's run: its logits, and the attention behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from beaconviz.core import maps
from beaconviz.core.design import Design
from beaconviz.core.edit import Attention
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Tokens
from beaconviz.engine.passes import LayerEdits
from beaconviz.engine.trace import LayerTrace, Traces
from beaconviz.models.generation import Generation
from beaconviz.models.model import Model
from beaconviz.models.tasks import Output
from beaconviz.models.tasks.entities import Entity
from beaconviz.runs.decoder import DecoderReading


@dataclass(frozen=True, eq=False)
class Run:
    """The result of one text's run. Maps are computed from queries and keys when they are viewed.

    logits: the input of the model's task, such as Float[Tensor, "token label"] or Float[Tensor,
        "token vocabulary"]; see `models.tasks`. Of models that read one text and write another they
        are over steps, not tokens.
    hidden: the input of each layer, Float[Tensor, "token hidden"] (empty where layers share a
    module).
    states: the last hidden states, Float[Tensor, "token hidden"]; None of models that read one text
        and write another. Where a decoder reads the text again, its encoder's.
    generation: the text that a model generated, if it was asked to.
    compared_run: the unedited run of the text to compare with, if there is one.
    decoder: the decoder's tokens and attention, where it reads the text a second time.
    """

    model: Model
    aligned: Tokens
    logits: Tensor
    design: Design | None
    traces: tuple[LayerTrace, ...]  # a layer each, without the batch axis
    edits: LayerEdits
    hidden: tuple[Tensor, ...] = ()
    states: Tensor | None = None
    generation: Generation | None = None
    compared_run: Run | None = None
    decoder: DecoderReading | None = None

    @property
    def text(self) -> str | None:
        """The generated text; None where the model was not asked to generate, or cannot."""
        return None if self.generation is None else self.generation.text

    @property
    def model_name(self) -> str:
        return self.model.name

    @property
    def source(self) -> str:
        """The text that was read."""
        return self.aligned.text

    @property
    def words(self) -> list[str]:
        return [word.text for word in self.aligned.words]

    @property
    def tokens(self) -> list[str]:
        return list(self.aligned.tokens)

    @property
    def layers(self) -> int:
        return len(self.traces)

    @property
    def heads(self) -> int:
        return self.traces[0].query.shape[0]

    @cached_property
    def output(self) -> Output:
        """What the model says of the text: the logits as read by its task."""
        compared_output = None if self.compared_run is None else self.compared_run.output
        return self.model.task.output(
            self.model, self.aligned, self.logits, self.generation, compared_output
        )

    @property
    def tags(self) -> list[str]:
        """A BIO tag per word; empty where the model has no labels."""
        return self.output.tags

    @property
    def entities(self) -> list[Entity]:
        """The names found, with their characters in the text; empty where the model has no
        labels."""
        return self.output.entities

    def attention(
        self,
        layer: int | None = None,
        head: int | None = None,
        unit: str = "token",
        special: bool | None = None,
        attention: Attention = "self",
    ) -> Tensor:
        """One attention map, Float[Tensor, "query key"]; rows are probabilities and sum to 1.

        Args:
            layer, head: counted from 0; None is the mean over them.
            attention: "self" is between the words of the input. Where the model reads one text and
                generates another, "cross" is of each step to the input, and "decoder" of each step
                to the earlier steps. Where a decoder reads the text again (BART and T5 for
                classes and answers), its positions are the steps: position i reads token
                i − 1, position 0 a start token, and its output stands for token i.
            unit: rows and columns are tokens or words, see `core.maps.present`; generated text
                is always shown by steps.
            special: special tokens kept, or dropped and the rest renormalised; kept by
                default on tokens, dropped on words.

        Raises:
            BeaconvizError: a layer, head or unit that does not exist.
        """
        traces = self.of(attention)
        self.check_place(layer, head, attention)
        if unit not in ("token", "word"):
            raise BeaconvizError(f"unit is {unit!r}; expected token or word")
        layers = range(len(traces.layers)) if layer is None else [layer]
        heads = None if head is None else [head]
        mean = torch.stack([traces.weights(n, heads).mean(dim=0) for n in layers]).mean(dim=0)
        special = unit == "token" if special is None else special
        if attention == "decoder":  # the first step has only the start token before it
            unit, special = "token", True
        steps = attention != "self"
        return maps.present(mean, *self.axes(attention), unit, special, steps=steps).cpu()

    def axes(self, attention: Attention = "self") -> tuple[Tokens, Tokens]:
        """The tokens of the queries and of the keys. A query of a generated text is named by the
        token that it generates; one of a decoder that reads the text again, by its input."""
        if attention != "self" and self.decoder is not None:
            read = self.decoder.tokens
            return read, self.aligned if attention == "cross" else read
        if attention == "self" or self.generation is None:
            return self.aligned, self.aligned
        keys = self.aligned if attention == "cross" else self.generation.before
        return self.generation.tokens, keys

    def check_place(
        self, layer: int | None, head: int | None, attention: Attention = "self"
    ) -> None:
        """Raises `BeaconvizError` unless the model has this layer and head (None is a mean)."""
        traces = self.of(attention)
        _check_number("layer", layer, len(traces.layers))
        _check_number("head", head, traces.heads)

    def weights(
        self, layer: int, heads: Sequence[int] | None = None, attention: Attention = "self"
    ) -> Tensor:
        """The token maps of chosen heads of a layer, Float[Tensor, "head query key"]."""
        return self.of(attention).weights(layer, heads)

    def blocks(
        self, layer: int, heads: Sequence[int], rows: int = 256
    ) -> Iterator[tuple[slice, Tensor]]:
        """As `Traces.blocks`, of self-attention."""
        return self.of("self").blocks(layer, heads, rows)

    def of(self, attention: Attention) -> Traces:
        """One kind of attention.

        Raises:
            BeaconvizError: a kind that the model does not have.
        """
        kinds = self.kinds
        if attention not in kinds:
            raise BeaconvizError(
                f"attention is {attention!r}; {self.model_name} has only {', '.join(self.model.sizes)}"
            )
        return kinds[attention]

    @cached_property
    def kinds(self) -> Mapping[Attention, Traces]:
        """The kinds of attention that were kept."""
        own = {n: self.edits.get(n, ()) for n in range(len(self.traces))}
        by_steps = self.decoder or self.generation
        return {"self": Traces(self.traces, own), **(by_steps.attention if by_steps else {})}


def _check_number(name: str, number: int | None, count: int) -> None:
    if number is None:
        return
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < count:
        raise BeaconvizError(
            f"{name} is {number!r}; expected a number from 0 to {count - 1}, or None for the mean"
        )
