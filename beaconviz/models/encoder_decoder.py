"""Networks of encoder–decoder families that read a text and write none.

The families themselves (`engine.families`) are of networks that translate. Other heads are on
the encoder alone (labels, hidden states), or on a decoder that reads the same text again (classes,
answers). Position i of that decoder reads token i − 1 of the text, position 0 a start token; no
position reads the last token. What position i gives is taken for token i: whether an answer starts
there; and the class is that of the position of the token that ends the text, which reads the token
before it. This is transformers' `shift_tokens_right` (Lewis et al. 2020, arXiv 1910.13461).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from transformers import AutoModelForTextEncoding, PreTrainedModel

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Tokens
from beaconviz.engine.families import Family, family_of
from beaconviz.models.model import Model
from beaconviz.models.tasks import ANSWERS, CLASSES, STATES, TOKENS, TRANSLATE, Task


@dataclass(frozen=True)
class ReadingFamily(Family):
    """A family whose decoder runs over the text that the encoder reads."""

    @property
    def writes_apart(self) -> bool:
        return False


_BART = ReadingFamily(
    "BART",
    None,
    places={
        "self": r"model\.encoder\.layers\.(\d+)\.self_attn",
        "decoder": r"model\.decoder\.layers\.(\d+)\.self_attn",
        "cross": r"model\.decoder\.layers\.(\d+)\.encoder_attn",
    },
)
_T5 = ReadingFamily(
    "T5",
    None,
    places={
        "self": r"(?:transformer\.)?encoder\.block\.(\d+)\.layer\.0\.SelfAttention",
        "decoder": r"(?:transformer\.)?decoder\.block\.(\d+)\.layer\.0\.SelfAttention",
        "cross": r"(?:transformer\.)?decoder\.block\.(\d+)\.layer\.1\.EncDecAttention",
    },
    d=lambda config: 1,
)
_BART_ENCODER = Family("BART", "layers")
# The first layer makes the bias of all others, so that a run cannot start later.
_T5_ENCODER = Family("T5", None, r"encoder\.block\.\d+", d=lambda config: 1)

_READING: dict[tuple[str, str], Family] = {
    ("bart", CLASSES.name): _BART,
    ("bart", ANSWERS.name): _BART,
    ("bart", STATES.name): _BART_ENCODER,
    ("marian", STATES.name): _BART_ENCODER,
    ("mbart", CLASSES.name): _BART,
    ("mbart", ANSWERS.name): _BART,
    ("mbart", STATES.name): _BART_ENCODER,
    ("t5", CLASSES.name): _T5,
    ("t5", ANSWERS.name): _T5,
    ("t5", TOKENS.name): _T5_ENCODER,
    ("t5", STATES.name): _T5_ENCODER,
}


def family_for(place: str, model_type: Any, task: Task) -> Family:
    """The family of a network for a task.

    Args:
        place: how errors call the checkpoint.

    Raises:
        BeaconvizError: an architecture that cannot be steered, or not for that task.
    """
    family = family_of(model_type)
    if not family.writes_apart or task is TRANSLATE:
        return family
    if (model_type, task.name) not in _READING:
        others = [name for kind, name in _READING if kind == model_type]
        raise BeaconvizError(
            f"{place} is of a family that reads one text and writes another ({family.name}), and "
            f"{task.name} is not supported for it; expected a checkpoint for "
            f"{', '.join([TRANSLATE.name, *others])}"
        )
    return _READING[model_type, task.name]


def loader_of(family: Family, task: Task) -> Any:
    """The transformers class that loads the network of a family for a task."""
    return AutoModelForTextEncoding if family is _T5_ENCODER and task is STATES else task.auto


def part_that_reads(network: PreTrainedModel, family: Family) -> Any:
    """The network itself, or its encoder where the answers are that encoder's."""
    return network.get_encoder() if family is _BART_ENCODER else network


def decoder_tokens(model: Model, tokens: Tokens) -> Tokens:
    """What the positions of a decoder read that reads the text again: the text's tokens, each one
    place later, after a start token.

    The start token is a special one. A word's `pieces` are the positions that read it.
    """
    start = _start_token(model.network, tokens)
    name = str(model.tokenizer.convert_ids_to_tokens(start))
    return replace(
        tokens,
        tokens=(name, *tokens.tokens[:-1]),
        ids=(start, *tokens.ids[:-1]),
        word_of=(None, *tokens.word_of[:-1]),
        spans=((0, 0), *tokens.spans[:-1]),
        special=(True, *tokens.special[:-1]),
        types=(),
    )


def _start_token(network: PreTrainedModel, tokens: Tokens) -> int:
    """What position 0 of the decoder reads; mBART takes the last token, its language."""
    config = network.config
    return tokens.ids[-1] if config.model_type == "mbart" else int(config.decoder_start_token_id)
