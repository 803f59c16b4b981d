"""What a decoder did that reads the text again, in a run of a network that writes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from beaconviz.core.edit import Attention
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Tokens
from beaconviz.engine.passes import LayerEdits, Pass, Recorder, running
from beaconviz.engine.trace import Traces
from beaconviz.models.encoder_decoder import decoder_tokens
from beaconviz.models.model import Model


@dataclass(frozen=True, eq=False)
class DecoderReading:
    """The positions of the decoder, which are the queries of its attention.

    tokens: what each position reads: position i token i − 1 of the text, position 0 a start token.
    attention: of the positions to each other ("decoder"), where they are the keys too, and to the
        text's tokens ("cross").
    """

    tokens: Tokens
    attention: Mapping[Attention, Traces]


def decoder_reading(
    model: Model, tokens: Tokens, recorder: Recorder, sample: int, edits: LayerEdits
) -> DecoderReading | None:
    """One sample's part of what was kept; None where the network has no such decoder, or where only
    the encoder's attention was kept.

    Args:
        edits: the sample's own.
    """
    if not model.reads_twice or recorder.layer is not None:
        return None
    kinds: dict[Attention, Traces] = {}
    for kind, size in model.sizes.items():
        if kind != "self":
            places = [(kind, layer) for layer in range(size.layers)]
            layers = [
                recorder.step_traces[place].of_sample(sample, len(tokens)) for place in places
            ]
            kinds[kind] = Traces(
                layers, {n: edits.get(place, ()) for n, place in enumerate(places)}
            )
    return DecoderReading(decoder_tokens(model, tokens), kinds)


def can_share_a_call(model: Model, tokens: Sequence[Tokens]) -> bool:
    """Whether texts can be padded into one call. A class is read where a text ends, and
    transformers counts the tokens that end one: every text has to have as many.

    Raises:
        BeaconvizError: a text without such a token, so that it has no class.
    """
    if not model.reads_twice or model.task.labelled != "texts":
        return True
    ends = [len(ending_positions(model, each)) for each in tokens]
    if 0 in ends:
        name = model.tokenizer.convert_ids_to_tokens(model.network.config.eos_token_id)
        raise BeaconvizError(
            f"the text has no token {name!r}, at which {model.name} says its class: expected a "
            "tokenizer that ends each text with it"
        )
    return len(set(ends)) == 1


def ending_positions(model: Model, tokens: Tokens) -> list[int]:
    """The positions of the tokens that end a text; a class is said at the last of them."""
    end = model.network.config.eos_token_id
    return [position for position, token in enumerate(tokens.ids) if token == end]


def hidden_from_decoder(seen: Tensor) -> Tensor:
    """The padding mask of a decoder that reads the text again, where some tokens are out of sight,
    Bool[Tensor, "sample token"]: the positions that read them are. Such a position still gives
    something itself, for the token after it."""
    return torch.cat([torch.ones_like(seen[:, :1]), seen[:, :-1]], dim=1)


def inputs_from_vectors(
    model: Model, tokens: Tokens, this: Pass, vectors: Tensor, inputs: Mapping[str, Tensor]
) -> dict[str, Any]:
    """What to call a network with whose decoder reads the text again, from vectors of its tokens,
    Float[Tensor, "sample token hidden"]. Its encoder is called here, with the pass beside it.

    Args:
        inputs: all that is given beside them, of every sample.
    """
    with running(this):
        read = model.network.get_encoder()(inputs_embeds=vectors, **inputs)
    first = torch.tensor([decoder_tokens(model, tokens).ids[:1]], device=vectors.device)
    start = model.network.get_input_embeddings()(first).expand(len(vectors), -1, -1)
    ids = torch.tensor([tokens.ids], device=vectors.device).expand(len(vectors), -1)
    return {
        "input_ids": ids,  # to find where the text ends
        "encoder_outputs": BaseModelOutput(read.last_hidden_state),
        "decoder_inputs_embeds": torch.cat([start, vectors[:, :-1]], dim=1),
        **inputs,
    }
