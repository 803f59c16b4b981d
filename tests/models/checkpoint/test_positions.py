"""How many tokens a network takes: counted by its own table of positions."""

from __future__ import annotations

import pytest
import torch
import transformers

from beaconviz.models.checkpoint.positions import UNBOUNDED, position_count

SIZES = {
    "vocab_size": 50,
    "hidden_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 8,
    "max_position_embeddings": 40,
}


def network_of(kind, **changes):
    config = getattr(transformers, f"{kind}Config")(**SIZES | changes)
    return getattr(transformers, f"{kind}Model")(config).eval()


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        ("Bert", {}, 40),
        ("Electra", {}, 40),
        ("Roberta", {"pad_token_id": 1}, 38),
        ("Roberta", {"pad_token_id": 5}, 34),
        ("XLMRoberta", {"pad_token_id": 1}, 38),
        ("Camembert", {"pad_token_id": 1}, 38),
        ("MPNet", {"pad_token_id": 1}, 38),
        ("RobertaPreLayerNorm", {"pad_token_id": 1}, 38),
        ("Data2VecText", {"pad_token_id": 1}, 38),
    ],
)
def test_a_text_as_long_as_that_fits_and_no_longer_one(kind, changes, expected):
    network = network_of(kind, **changes)
    assert position_count(network, network.config) == expected
    with torch.no_grad():
        network(input_ids=torch.full((1, expected), 9))
        with pytest.raises((IndexError, RuntimeError)):
            network(input_ids=torch.full((1, expected + 1), 9))


def test_relative_positions_have_no_end():
    config = transformers.T5Config(vocab_size=50, d_model=8, d_kv=4, d_ff=8, num_layers=1)
    assert position_count(transformers.T5EncoderModel(config), config) == UNBOUNDED
