"""A model that can be steered: what it is, and what it takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import torch
from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

from beaconviz.core.edit import Attention
from beaconviz.core.words import Tokens
from beaconviz.engine.attach import Size, attention_modules, attention_sizes
from beaconviz.engine.elastic import MadeFor
from beaconviz.engine.families import Family
from beaconviz.models.checkpoint.positions import UNBOUNDED, position_count
from beaconviz.models.tasks import Task
from beaconviz.models.token_names import spell
from beaconviz.models.tokenizing import tokenize

LONGEST_GENERATED = 1_024  # tokens, where a network has no positions of its own


@dataclass(frozen=True, eq=False)
class Model:
    """A transformers model that can be steered, and its tokenizers: of what it reads, and of what
    it writes, which are most often the same."""

    name: str
    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    target: PreTrainedTokenizerBase
    family: Family
    task: Task
    labels: tuple[str, ...]  # of the token classes; empty where the task has none
    remarks: tuple[str, ...] = ()  # what the checkpoint says that is not followed, a sentence each

    @property
    def device(self) -> torch.device:
        device: torch.device = self.network.device
        return device

    @property
    def dtype(self) -> torch.dtype:
        dtype: torch.dtype = self.network.dtype
        return dtype

    @property
    def config(self) -> PreTrainedConfig:
        """Of the network, or of its encoder, where that has one of its own."""
        return getattr(self.network.config, "encoder", self.network.config)

    @cached_property
    def sizes(self) -> dict[Attention, Size]:
        """Layers and heads of each kind of attention that the network has."""
        if not self.family.places:
            config = self.config
            return {"self": Size(config.num_hidden_layers, config.num_attention_heads)}
        return attention_sizes(self.network)

    @property
    def reads_twice(self) -> bool:
        """Whether a decoder reads the same text again that an encoder has read."""
        return "cross" in self.sizes and not self.family.writes_apart

    @property
    def layers(self) -> int:
        """Of the attention between the words that are read."""
        return self.sizes["self"].layers

    @property
    def heads(self) -> int:
        """Of each of these layers."""
        return self.sizes["self"].heads

    def spell(self, token: int) -> str:
        """A token of the vocabulary it writes as text, with the space before it where it has
        one."""
        return spell(self.target, token)

    @property
    def head_size(self) -> int:
        """d of the formula, which divides scores by √d: the size of a head, but for families that
        divide by a size of their own (Gemma 2), or not at all (T5: 1)."""
        if self.family.d is not None:
            return int(self.family.d(self.config))
        own = getattr(self.config, "head_dim", None)
        return int(own or self.config.hidden_size // self.heads)

    @property
    def max_tokens(self) -> int:
        """The longest text the model takes, special tokens included."""
        return min(self._positions, int(self.tokenizer.model_max_length))

    @cached_property
    def _positions(self) -> int:
        return position_count(self.network, self.config)

    @property
    def most_written(self) -> int:
        """Positions of what it writes; where that goes on after the text, of both together."""
        if not self.family.writes_apart:
            return self.max_tokens
        config = getattr(self.network.config, "decoder", self.network.config)
        positions = position_count(self.network.get_decoder(), config)
        if positions < UNBOUNDED:
            return positions
        # Relative positions end nowhere, and a design can name each step: there has to be an end.
        return int(min(self.target.model_max_length, LONGEST_GENERATED))

    @property
    def made_for(self) -> MadeFor:
        """What a learned module is told apart by."""
        folder = Path(self.name).expanduser()
        name = folder.resolve().name if folder.is_dir() else self.name
        return MadeFor(name, self.layers, self.heads, int(self.config.hidden_size))

    @property
    def classes(self) -> tuple[str, ...]:
        """Of a whole text; empty where the task has none."""
        return class_names(self.network) if self.task.labelled == "texts" else ()

    @property
    def classing(self) -> Literal["one", "several", "numbers"]:
        """Whether a text is of one class or of several, or the classes are numbers to tell."""
        config = self.network.config
        kind = getattr(config, "problem_type", None)
        if kind == "regression" or (kind is None and config.num_labels == 1):
            return "numbers"
        return "several" if kind == "multi_label_classification" else "one"

    @property
    def class_token(self) -> Literal["first", "last", "all", "decoder"]:
        """The tokens whose states a class is read from, or the last position of a decoder that
        reads the text again."""
        if self.reads_twice:
            return "decoder"
        if getattr(self.config, "classifier_pooling", "cls") == "mean":
            return "all"
        return "last" if self.is_causal("self") else "first"

    def is_causal(self, attention: Attention) -> bool:
        """Whether no query of a kind of attention sees what comes after it."""
        return bool(attention_modules(self.network, self.family, attention)[0].is_causal)

    @property
    def chats(self) -> bool:
        """Whether it writes, and its tokenizer has a template for what people say to it."""
        return self.task.over_next and bool(getattr(self.tokenizer, "chat_template", None))

    def tokenize(
        self,
        text_or_words: str | Sequence[str],
        second: str | Sequence[str] | None = None,
        *,
        chat: bool = False,
    ) -> Tokens:
        """The text's words and tokens, special tokens included; none ends a text that a model is to
        go on after.

        Args:
            second: a second text: the passage for a question, the other of a pair. The network
                reads both together, and the words are those of both; but hidden states are had of
                each alone, and the second's tokens are `Tokens.beside`.
            chat: put the text into the model's chat template, as what a person says; the tokens
                around it are special ones.

        Raises:
            BeaconvizError: nothing to read, more than the model takes, not as many texts as it
                takes, or a model without a chat template.
        """
        return tokenize(self, text_or_words, second, chat=chat)


def class_names(network: PreTrainedModel) -> tuple[str, ...]:
    """The labels of a network's head, in the order of its logits."""
    return tuple(network.config.id2label[i] for i in range(network.config.num_labels))
