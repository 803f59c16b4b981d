"""What a decoder did that reads the text again, in a run of a network that writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from beaconviz.core.edit import Attention
from beaconviz.core.words import Tokens
from beaconviz.engine.passes import LayerEdits, Recorder
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
