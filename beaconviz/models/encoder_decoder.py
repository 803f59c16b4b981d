"""Networks of encoder–decoder families that read a text and write none.

The families themselves (`engine.families`) are of networks that translate. Other heads are on
the encoder alone (labels, hidden states), or on a decoder that reads the same text again (classes,
answers). Position i of that decoder reads token i − 1 of the text, position 0 a start token; no
position reads the last token. What position i gives is taken for token i: whether an answer starts
there; and the class is that of the position of the token that ends the text, which reads the token
before it. This is transformers' `shift_tokens_right` (Lewis et al. 2020, arXiv 1910.13461).
"""

from __future__ import annotations

from collections.abc import Mapping
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
_TWO = "encoder-decoder"
_PARTS = ("bert", "electra", "roberta")  # whose attention is where the family's places say
_ENCODER_OF_WHOLE = ("bart", "marian", "mbart")  # whose encoder has no class of its own
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


def family_for(place: str, config: Mapping[str, Any], task: Task) -> Family:
    """The family of a network for a task.

    Args:
        place: how errors call the checkpoint.
        config: as its config.json has it.

    Raises:
        BeaconvizError: an architecture that cannot be steered, or not for that task.
    """
    model_type: Any = config.get("model_type")
    family = family_of(model_type)
    if model_type == _TWO:
        return _family_of_two(place, config, task)
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


def _family_of_two(place: str, config: Mapping[str, Any], task: Task) -> Family:
    """Of two networks as encoder and decoder: of both, or of the encoder for its hidden states."""
    parts = [str((config.get(part) or {}).get("model_type")) for part in ("encoder", "decoder")]
    if task is STATES:
        return family_of(parts[0])
    if not set(parts) <= set(_PARTS):
        raise BeaconvizError(
            f"{place} has {parts[0]!r} as encoder and {parts[1]!r} as decoder; expected two of "
            f"{', '.join(_PARTS)}, or load the encoder's hidden states with the task {STATES.name}"
        )
    return family_of(_TWO)


def read_as(model_type: str, task: Task) -> tuple[Task, Any]:
    """The task whose network is read from a checkpoint, and the transformers class that reads it;
    see `part_that_reads`."""
    if model_type == _TWO:
        return TRANSLATE, TRANSLATE.auto
    if model_type == "t5" and task is STATES:
        return task, AutoModelForTextEncoding
    return task, task.auto


def part_that_reads(network: PreTrainedModel, task: Task) -> Any:
    """The network itself, or its encoder where hidden states are asked for."""
    has_encoder = network.config.model_type in (*_ENCODER_OF_WHOLE, _TWO)
    return network.get_encoder() if has_encoder and task is STATES else network


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
