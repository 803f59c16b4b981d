"""The decoder's tokens and attention, where a network generates nothing and its decoder reads the
input text a second time (BART and T5 for classes and answers)."""

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

    tokens: the input of each position: position i reads token i − 1 of the text, position 0 a
        start token.
    attention: "decoder", between the positions; "cross", from the positions to the text's tokens.
    """

    tokens: Tokens
    attention: Mapping[Attention, Traces]


def decoder_reading(
    model: Model, tokens: Tokens, recorder: Recorder, sample: int, edits: LayerEdits
) -> DecoderReading | None:
    """One sample's decoder attention, taken from the recorder. None where the network has no such
    decoder, or where only the encoder's attention was kept.

    Args:
        edits: those of this sample.
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
    ends = [len(ending_positions(model, text_tokens)) for text_tokens in tokens]
    if 0 in ends:
        name = model.tokenizer.convert_ids_to_tokens(model.network.config.eos_token_id)
        raise BeaconvizError(
            f"the text has no token {name!r}, at which {model.name} says its class: expected a "
            "tokenizer that ends each text with it"
        )
    return len(set(ends)) == 1


def ending_positions(model: Model, tokens: Tokens) -> list[int]:
    """The positions of the tokens that end a text; the class is read at the last of them."""
    end = model.network.config.eos_token_id
    return [position for position, token in enumerate(tokens.ids) if token == end]


def hidden_from_decoder(seen: Tensor) -> Tensor:
    """The padding mask of a decoder that reads the text again, Bool[Tensor, "sample token"]. A
    position whose input is a hidden token is hidden as a key; it still has an output of its own,
    for the next token."""
    return torch.cat([torch.ones_like(seen[:, :1]), seen[:, :-1]], dim=1)


def inputs_from_vectors(
    model: Model, tokens: Tokens, forward_pass: Pass, vectors: Tensor, inputs: Mapping[str, Tensor]
) -> dict[str, Any]:
    """The arguments of a call of a network whose decoder reads the text again, made from embeddings
    of its tokens, Float[Tensor, "sample token hidden"]. The encoder is called here, under the
    given pass.

    Args:
        inputs: the other arguments of the call, such as the mask, for every sample.
    """
    with running(forward_pass):
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
