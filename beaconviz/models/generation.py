"""A generated text, one token per step."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from beaconviz.core.edit import Attention
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Tokens, align, find_words, merge_words
from beaconviz.engine.trace import Traces
from beaconviz.models.token_names import UNDECODED, token_names


@dataclass(frozen=True, eq=False)
class Generation:
    """A generated text, with the logits and attention of every step.

    tokens: the token of each step, the ending token included.
    before: the token before each step: the columns of "decoder" attention.
    logits: Float[Tensor, "step vocabulary"].
    attention: "decoder", between the steps, and "cross", to the input; only where the model reads
        one text and generates another.
    forced: whether the text was given, not chosen by the model.
    """

    tokens: Tokens
    before: Tokens
    logits: Tensor
    attention: Mapping[Attention, Traces] = field(default_factory=dict)
    forced: bool = False

    @property
    def text(self) -> str:
        return self.tokens.text

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def probabilities(self) -> Tensor:
        """The probability of each step's token, Float[Tensor, "step"]."""
        ids = torch.tensor(self.tokens.ids)[:, None]
        return torch.softmax(self.logits.float().cpu(), dim=-1).gather(1, ids)[:, 0]

    @property
    def score(self) -> float:
        """The mean log-probability of a step, in nats."""
        return float(self.probabilities.log().mean())

    def likeliest(self, step: int, count: int) -> list[tuple[int, float]]:
        """The most likely tokens at a step, with their probabilities.

        Raises:
            BeaconvizError: a step that does not exist.
        """
        if not 0 <= step < len(self):
            raise BeaconvizError(
                f"the step is {step!r}; expected a number from 0 to {len(self) - 1} ({len(self)} steps)"
            )
        best = torch.softmax(self.logits[step].float().cpu(), dim=-1).topk(count)
        return list(zip(best.indices.tolist(), best.values.tolist(), strict=True))


def spelled(tokenizer: PreTrainedTokenizerBase, ids: Sequence[int]) -> Tokens:
    """Generated token ids as `Tokens`, with their text and words."""

    def text_of(count: int) -> str:
        return str(
            tokenizer.decode(
                list(ids[:count]), skip_special_tokens=True, clean_up_tokenization_spaces=False
            )
        )

    whole = text_of(len(ids))
    decoded = [text_of(count) for count in range(len(ids) + 1)]
    # A token that ends in a part of a character is decoded with the token that completes it.
    ends = [min(len(text.rstrip(UNDECODED)), len(whole)) for text in decoded]
    spans = tuple((start, max(start, end)) for start, end in itertools.pairwise(ends))
    covering = [
        (start, min(end + text.endswith(UNDECODED), len(whole)))
        for (start, end), text in zip(spans, decoded[1:], strict=True)
    ]
    specials = set(tokenizer.all_special_ids)
    special = tuple(number in specials for number in ids)
    words = merge_words(whole, find_words(whole), covering, special)
    return Tokens(
        text=whole,
        words=words,
        tokens=token_names(tokenizer, whole, ids, covering, special),
        ids=tuple(ids),
        word_of=align(words, spans, special),
        spans=spans,
        special=special,
    )
