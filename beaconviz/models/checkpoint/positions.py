"""The number of tokens that a network has positions for."""

from __future__ import annotations

from typing import Any

from torch import nn

UNBOUNDED = 1_000_000  # of a network without positions of its own, such as T5's


def position_count(network: nn.Module, config: Any) -> int:
    """The most tokens that a network has positions for.

    RoBERTa and related networks number positions from the padding index + 1 on, so the first rows
    of the table belong to no token. Their table has a padding index, which shows this.

    >>> from transformers import RobertaConfig, RobertaModel
    >>> sizes = {"hidden_size": 4, "num_hidden_layers": 1, "num_attention_heads": 1}
    >>> config = RobertaConfig(**sizes, max_position_embeddings=66, pad_token_id=1)
    >>> position_count(RobertaModel(config), config)
    64

    Args:
        config: of the part of the network that reads.
    """
    positions = getattr(config, "max_position_embeddings", None)
    if not positions or positions < 0:
        return UNBOUNDED
    unused = [
        module.padding_idx + 1
        for name, module in network.named_modules()
        if name.endswith("position_embeddings") and getattr(module, "padding_idx", None) is not None
    ]
    return int(positions) - max(unused, default=0)
