"""Encoder–decoder networks with heads that generate no text.

The families in `engine.families` describe networks that translate. Other heads are on the
encoder alone (labels, hidden states), or on a decoder that reads the same text again (classes,
answers). Position i of that decoder reads token i − 1 of the text, position 0 a start token; no
position reads the last token. The output of position i is assigned to token i, as for the
start of an answer. The class is read at the position of the ending token, whose input is the token
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
    """A family whose decoder reads the same text as the encoder."""

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
_PARTS = ("bert", "electra", "roberta")  # their attention modules are at the family's places
_ENCODER_OF_WHOLE = ("bart", "marian", "mbart")  # no transformers class of the encoder alone
_BART_ENCODER = Family("BART", "layers")
# The first layer computes the position bias of all layers, so a run cannot start at a later one.
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
        place: the checkpoint's name in errors.
        config: the contents of its config.json.

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
        supported = [name for kind, name in _READING if kind == model_type]
        raise BeaconvizError(
            f"{place} is of a family that reads one text and writes another ({family.name}), and "
            f"{task.name} is not supported for it; expected a checkpoint for "
            f"{', '.join([TRANSLATE.name, *supported])}"
        )
    return _READING[model_type, task.name]


def _family_of_two(place: str, config: Mapping[str, Any], task: Task) -> Family:
    """The family of a network made of two (`EncoderDecoderModel`), or of its encoder for its hidden
    states."""
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
    """The network itself, or its encoder for the task of hidden states."""
    has_encoder = network.config.model_type in (*_ENCODER_OF_WHOLE, _TWO)
    return network.get_encoder() if has_encoder and task is STATES else network


def decoder_tokens(model: Model, tokens: Tokens) -> Tokens:
    """The inputs of a decoder that reads the text again: the text's tokens, shifted by one position
    after a start token.

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
    """The input of the decoder's position 0; for mBART the last token, which names the language."""
    config = network.config
    return tokens.ids[-1] if config.model_type == "mbart" else int(config.decoder_start_token_id)
