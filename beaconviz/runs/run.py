"""What a model made of one text: its answers, and the attention that led to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from beaconviz.core import maps
from beaconviz.core.design import Design
from beaconviz.core.edit import Attention
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.labels import to_bio
from beaconviz.core.words import Tokens
from beaconviz.engine.passes import LayerEdits
from beaconviz.engine.trace import LayerTrace, Traces
from beaconviz.models.model import Model
from beaconviz.models.tasks import ANSWERS, CLASSES, MASK, STATES, WRITE, Task
from beaconviz.runs.answers import Answer, answer, scored
from beaconviz.runs.decoder import DecoderReading
from beaconviz.runs.entities import Entity, find_entities
from beaconviz.runs.generation import Generation


@dataclass(frozen=True, eq=False)
class Run:
    """What a model made of one text. Maps are computed from queries and keys when asked for.

    logits: by the model's task over labels, Float[Tensor, "token label"]; over classes,
        Float[Tensor, "class"]; of starts and ends, Float[Tensor, "token 2"]; over the vocabulary,
        Float[Tensor, "token vocabulary"]; or the last hidden states, Float[Tensor, "token hidden"].
        Of models that read one text and write another they are over steps, not tokens.
    hidden: what entered each layer, Float[Tensor, "token hidden"] (empty where layers share a
    module).
    states: the last hidden states, Float[Tensor, "token hidden"]; None of models that read one text
        and write another. Where a decoder reads the text again, its encoder's.
    generation: the text that a model generated, if it was asked to.
    decoder: of models whose decoder reads the text again, what that did.
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
    beside: Run | None = None  # of the text to compare with, untouched
    decoder: DecoderReading | None = None

    @property
    def text(self) -> str | None:
        """What the model wrote; None where it was not asked to write, or does not."""
        return None if self.generation is None else self.generation.text

    @property
    def model_name(self) -> str:
        return self.model.name

    @property
    def labels(self) -> tuple[str, ...]:
        """Of the token classes; empty where the model's task has none."""
        return self.model.labels

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
    def probabilities(self) -> Tensor:
        """Float[Tensor, "word label"]: each word's label probabilities, at its deciding token."""
        if not self.labels:
            raise BeaconvizError(
                f"{self.model_name} has no labels for words: it is for {self.model.task.name}"
            )
        rows = torch.softmax(self.logits.float(), dim=-1).cpu()
        missing = torch.full_like(rows[:1], 1 / len(self.labels))  # a word without tokens
        return torch.cat([missing if t is None else rows[t : t + 1] for t in self.aligned.deciding])

    @cached_property
    def tags(self) -> list[str]:
        """A BIO tag per word; empty where the model has no labels."""
        if not self.labels:
            return []
        return tags_of(self.aligned, self.labels, self.logits.argmax(dim=-1).tolist())

    @cached_property
    def entities(self) -> list[Entity]:
        """The names found, with their characters in the text; empty where the model has no
        labels."""
        if not self.labels:
            return []
        scores = self.probabilities.amax(dim=-1).tolist()
        return find_entities(self.source, self.aligned.words, self.tags, scores)

    @cached_property
    def asked(self) -> tuple[int, ...]:
        """The tokens at which a model over a vocabulary says something: every mask, or the last
        token, after which a text goes on."""
        task, mask = self.model.task, self.model.tokenizer.mask_token_id
        if task.over != "vocabulary":
            return ()
        if task is MASK:
            return tuple(place for place, token in enumerate(self.aligned.ids) if token == mask)
        return (len(self.aligned) - 1,)

    def guessed(self, place: int) -> Tensor:
        """The probability of every token of the vocabulary at a token of the text, in `asked`
        most often; Float[Tensor, "vocabulary"].

        Raises:
            BeaconvizError: a model that is not over a vocabulary.
        """
        if self.model.task.over != "vocabulary":
            raise BeaconvizError(
                f"{self.model_name} guesses no words: it is for {self.model.task.name}; expected a "
                f"model for {MASK.name} or {WRITE.name}"
            )
        return torch.softmax(self.logits[place].float(), dim=-1).cpu()

    @cached_property
    def class_scores(self) -> Tensor:
        """For a model over classes, Float[Tensor, "class"]: the probability of each; where a text
        may be of several, each one's own; where the network was trained to give numbers, those.

        Raises:
            BeaconvizError: a model that is not over classes.
        """
        self._must_be(CLASSES, "names no class")
        logits = self.logits.float().cpu()
        if self.model.classing == "one":
            return torch.softmax(logits, dim=-1)
        return torch.sigmoid(logits) if self.model.classing == "several" else logits

    @cached_property
    def answers(self) -> dict[tuple[int, int], float]:
        """For a model that answers: the score of each part of the passage, by its characters in
        the text; see `models.answers.scored`.

        Raises:
            BeaconvizError: a model that answers no questions.
        """
        self._must_be(ANSWERS, "answers no questions")
        return scored(self.logits, self.aligned)

    @cached_property
    def answer(self) -> Answer | None:
        """For a model that answers: the best answer, None where the passage has no tokens."""
        best = max(self.answers, key=self.answers.__getitem__, default=None)
        return None if best is None else answer(self.aligned, best, self.answers[best])

    @cached_property
    def sentence(self) -> Tensor:
        """For a model of hidden states: their mean over all tokens, Float[Tensor, "hidden"].

        Raises:
            BeaconvizError: a model with a head.
        """
        self._must_be(STATES, "gives no hidden states")
        return self.logits.float().mean(dim=0).cpu()

    @property
    def cosine(self) -> float | None:
        """Of the text and the one beside it, by their `sentence`, from -1 to 1."""
        if self.beside is None:
            return None
        return float(cosine_similarity(self.sentence, self.beside.sentence, dim=0))

    def _must_be(self, task: Task, lacks: str) -> None:
        if self.model.task is not task:
            raise BeaconvizError(
                f"{self.model_name} {lacks}: it is for {self.model.task.name}; expected a model "
                f"for {task.name}"
            )

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
            attention: between the words that were read; or, where the model reads one text and
                writes another, that of each step to the words ("cross") or to what was written
                ("decoder"). Where a decoder reads the text again (BART and T5 for classes and
                answers), its positions are the steps: position i reads token i − 1, position 0 a
                start token, and what it gives is taken for token i.
            unit: rows and columns are tokens or words, see `core.maps.present`; what is written
                always goes by its steps.
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
        if attention == "decoder":  # the first step has nothing but the start before it
            unit, special = "token", True
        steps = attention != "self"
        return maps.present(mean, *self.axes(attention), unit, special, steps=steps).cpu()

    def axes(self, attention: Attention = "self") -> tuple[Tokens, Tokens]:
        """What the queries and the keys of a kind of attention are. A query of what is written goes
        by the token that it writes; one of a decoder that reads the text again by what it
        reads."""
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
        """The token maps of some heads of a layer, Float[Tensor, "head query key"]."""
        return self.of(attention).weights(layer, heads)

    def blocks(
        self, layer: int, heads: Sequence[int], rows: int = 256
    ) -> Iterator[tuple[slice, Tensor]]:
        """As `Traces.blocks`, of the words' attention to each other."""
        return self.of("self").blocks(layer, heads, rows)

    def of(self, attention: Attention) -> Traces:
        """One kind of attention.

        Raises:
            BeaconvizError: a kind that the model has not.
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


def tags_of(tokens: Tokens, labels: Sequence[str], best: Sequence[int]) -> list[str]:
    """A BIO tag per word: the best label of its deciding token; "O" for a word without one."""
    return to_bio(["O" if t is None else labels[best[t]] for t in tokens.deciding])


def _check_number(what: str, number: int | None, count: int) -> None:
    if number is None:
        return
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < count:
        raise BeaconvizError(
            f"{what} is {number!r}; expected a number from 0 to {count - 1}, or None for the mean"
        )
