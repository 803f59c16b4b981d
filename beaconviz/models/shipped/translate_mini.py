"""`translate-mini`: English to Chinese, with an encoder from a package.

beaconviz ships the weights trained on top, in half precision: a LoRA adapter of the encoder, a
small decoder (warm start of the encoder alone: BERT2RND of Rothe et al. 2020, arXiv 1907.12461),
and the subwords of the target. Here they are folded into a plain encoder–decoder.
"""

from pathlib import Path

from safetensors.torch import load_file
from transformers import (
    AutoTokenizer,
    BertConfig,
    EncoderDecoderConfig,
    EncoderDecoderModel,
    GenerationConfig,
    PreTrainedTokenizerFast,
)

from beaconviz.core.errors import BeaconvizError
from beaconviz.models.shipped.minilm import package_folder, read_shipped, with_adapter

FOLDER = Path(__file__).parent / "weights" / "translate-mini"
SHIPPED = FOLDER / "translate-mini.safetensors"
SUBWORDS = FOLDER / "target"
LONGEST = 128  # tokens of a text; MiniLM was trained on no more


def build(
    attn_implementation: str = "sdpa", shipped: Path = SHIPPED, subwords: Path = SUBWORDS
) -> tuple[EncoderDecoderModel, PreTrainedTokenizerFast, PreTrainedTokenizerFast]:
    """The model in float32, ready to run, and its tokenizers, of English and of Chinese. Needs no
    network.

    Raises:
        BeaconvizError: the package or a shipped file is missing or not the one expected.
    """
    folder = package_folder()
    learned, facts = read_shipped(shipped, "translate-mini")
    if not (subwords / "tokenizer.json").is_file():
        raise BeaconvizError(
            f"translate-mini lacks its subwords, {subwords}: install beaconviz again"
        )
    encoder = {
        f"encoder.{name}": weight
        for name, weight in load_file(folder / "model.safetensors").items()
    }
    decoder = {name: weight for name, weight in learned.items() if name.startswith("decoder.")}
    config = EncoderDecoderConfig.from_encoder_decoder_configs(
        BertConfig.from_pretrained(folder), BertConfig(**facts["decoder"]), **facts["tokens"]
    )
    network = EncoderDecoderModel.from_pretrained(
        None,
        config=config,
        state_dict=with_adapter(encoder, learned, facts["scale"]) | decoder,
        attn_implementation=attn_implementation,
    )
    network.generation_config = GenerationConfig(**facts["tokens"])
    source = AutoTokenizer.from_pretrained(folder)
    source.model_max_length = LONGEST
    return network.eval(), source, AutoTokenizer.from_pretrained(subwords)
