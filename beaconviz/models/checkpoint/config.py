"""Check the sizes in a config.json, and reset settings of how a network is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transformers import PreTrainedConfig

from beaconviz.core.errors import BeaconvizError

# Names of sizes in the families' configs; transformers would also build a network of size 0 or -4.
_SIZES = (
    "num_hidden_layers",
    "num_layers",
    "num_decoder_layers",
    "n_layer",
    "n_layers",
    "encoder_layers",
    "decoder_layers",
    "num_attention_heads",
    "num_heads",
    "num_key_value_heads",
    "n_head",
    "n_heads",
    "encoder_attention_heads",
    "decoder_attention_heads",
    "hidden_size",
    "d_model",
    "dim",
    "n_embd",
    "intermediate_size",
    "vocab_size",
)
# Settings of a network's call that do not change its logits.
_CALL: Mapping[str, Any] = {
    "chunk_size_feed_forward": 0,
    "output_attentions": False,
    "output_hidden_states": False,
    "return_dict": True,
}


def check_sizes(place: str, config: Mapping[str, Any]) -> None:
    """Raises `BeaconvizError` for a size below 1 in a config.json.

    Args:
        place: the checkpoint's name in errors.
    """
    for name in _SIZES:
        size = config.get(name)
        if isinstance(size, int) and not isinstance(size, bool) and size < 1:
            raise BeaconvizError(
                f"{name} in config.json of {place} is {size}; expected 1 or more, as the weights have it"
            )


def with_plain_calls(config: PreTrainedConfig) -> PreTrainedConfig:
    """The config, changed so that its network, and each part of it, is called in the usual way."""
    for part in (config, getattr(config, "encoder", None), getattr(config, "decoder", None)):
        if isinstance(part, PreTrainedConfig):
            for name, value in _CALL.items():
                setattr(part, name, value)
    return config
