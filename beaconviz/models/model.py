"""A model that can be steered: its network, tokenizers, sizes and limits."""

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

LONGEST_GENERATED = 1_024  # tokens, where the network sets no limit


@dataclass(frozen=True, eq=False)
class Model:
    """A transformers model that can be steered, with the tokenizers of its input and of its output
    (`target`), which are usually the same."""

    name: str
    network: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    target: PreTrainedTokenizerBase
    family: Family
    task: Task
    labels: tuple[str, ...]  # of words; empty where the task has none
    remarks: tuple[str, ...] = ()  # settings of the checkpoint that are ignored, a sentence each

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
        """The config of the network, or of its encoder where that has its own."""
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
        """Whether a decoder reads the encoder's text a second time (BART and T5 for classes)."""
        return "cross" in self.sizes and not self.family.writes_apart

    @property
    def layers(self) -> int:
        """The number of layers of self-attention."""
        return self.sizes["self"].layers

    @property
    def heads(self) -> int:
        """The number of heads in each of these layers."""
        return self.sizes["self"].heads

    def spell(self, token: int) -> str:
        """A token of the output vocabulary as text, with its leading space if any."""
        return spell(self.target, token)

    @property
    def head_size(self) -> int:
        """d in the formula's √d: the size of a head, except for families with another divisor
        (Gemma 2) or none (T5: 1)."""
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
        """The most tokens of a generated text; for a causal model, of the input and output
        together."""
        if not self.family.writes_apart:
            return self.max_tokens
        config = getattr(self.network.config, "decoder", self.network.config)
        positions = position_count(self.network.get_decoder(), config)
        if positions < UNBOUNDED:
            return positions
        # Relative positions have no limit, but a design can name steps: a bound is needed.
        return int(min(self.target.model_max_length, LONGEST_GENERATED))

    @property
    def made_for(self) -> MadeFor:
        """The facts that tell whether learned beacons belong to this model."""
        folder = Path(self.name).expanduser()
        name = folder.resolve().name if folder.is_dir() else self.name
        return MadeFor(name, self.layers, self.heads, int(self.config.hidden_size))

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of a whole text; empty where the task has none."""
        return class_names(self.network) if self.task.labelled == "texts" else ()

    @property
    def classing(self) -> Literal["one", "several", "numbers"]:
        """Whether a text has one class, any number of classes, or numbers (regression)."""
        config = self.network.config
        kind = getattr(config, "problem_type", None)
        if kind == "regression" or (kind is None and config.num_labels == 1):
            return "numbers"
        return "several" if kind == "multi_label_classification" else "one"

    @property
    def class_token(self) -> Literal["first", "last", "all", "decoder"]:
        """The tokens from whose states the class is read; "decoder" is the last position of a
        decoder that reads the text again."""
        if self.reads_twice:
            return "decoder"
        if getattr(self.config, "classifier_pooling", "cls") == "mean":
            return "all"
        return "last" if self.is_causal("self") else "first"

    def is_causal(self, attention: Attention) -> bool:
        """Whether queries of a kind of attention see only themselves and earlier tokens."""
        return bool(attention_modules(self.network, self.family, attention)[0].is_causal)

    @property
    def chats(self) -> bool:
        """Whether it continues texts and its tokenizer has a chat template."""
        return self.task.over_next and bool(getattr(self.tokenizer, "chat_template", None))

    def tokenize(
        self,
        text_or_words: str | Sequence[str],
        second: str | Sequence[str] | None = None,
        *,
        chat: bool = False,
    ) -> Tokens:
        """The text's words and tokens, special tokens included. A text that the model continues
        gets no ending token.

        Args:
            second: a second text: the passage for a question, or the other text of a pair. The
                network reads both together, and the words are those of both. For hidden states each
                is read alone, and the second one's tokens are `Tokens.compared_text`.
            chat: put the text into the model's chat template, as the user's message; the tokens
                around it are special tokens.

        Raises:
            BeaconvizError: an empty text, one over the model's limit, a wrong number of texts, or a
                model without a chat template.
        """
        return tokenize(self, text_or_words, second, chat=chat)


def class_names(network: PreTrainedModel) -> tuple[str, ...]:
    """The labels of a network's head, in the order of its logits."""
    return tuple(network.config.id2label[i] for i in range(network.config.num_labels))
