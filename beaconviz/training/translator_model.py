"""The translator's parts: subwords of the target language, a pretrained encoder, a new decoder.

The encoder is warm-started and the decoder is new, as in BERT2RND of Rothe et al. 2020
(arXiv 1907.12461). Only a LoRA adapter of the encoder is trained, which keeps the shipped file
small.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from unicodedata import normalize

from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import (
    AutoTokenizer,
    BertConfig,
    BertLMHeadModel,
    BertModel,
    EncoderDecoderModel,
    PreTrainedTokenizerFast,
)

from beaconviz.core.extras import extra
from beaconviz.models.checkpoint.reading import read_part
from beaconviz.models.shipped.minilm import package_folder
from beaconviz.training.translation_scores import LONGEST
from beaconviz.training.translator_settings import TranslatorSettings

with extra("train", "training"):
    from peft import LoraConfig, get_peft_model

PAD, UNKNOWN, BEGIN, END = "[PAD]", "[UNK]", "[BOS]", "[EOS]"
_SPACE = "▁"  # the pre-tokenizer's replacement of a space
_RARE = 0.0005  # share of all characters of the texts that may become unknown


def source_tokenizer() -> PreTrainedTokenizerFast:
    """The encoder's own tokenizer."""
    tokenizer = read_part("minilm", AutoTokenizer.from_pretrained, package_folder())
    tokenizer.model_max_length = 128
    return tokenizer


def learn_subwords(sentences: Iterable[str], size: int) -> PreTrainedTokenizerFast:
    """Byte-pair encoding (Sennrich et al. 2016) with at most `size` subwords, learned from the
    sentences. Full-width punctuation is not normalised, since scores of Chinese depend on it."""
    texts = list(sentences)
    alphabet = _common(texts)
    tokenizer = Tokenizer(models.BPE(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Metaspace(prepend_scheme="never"), pre_tokenizers.Punctuation()]
    )
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="never")
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=[PAD, UNKNOWN, BEGIN, END],
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {END}", special_tokens=[(END, tokenizer.token_to_id(END))]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        unk_token=UNKNOWN,
        bos_token=BEGIN,
        eos_token=END,
        model_max_length=LONGEST,
    )


def _common(texts: list[str]) -> list[str]:
    """The characters that cover all but a share `_RARE` of the texts, the most frequent first."""
    counts = Counter(normalize("NFC", "".join(texts)).replace(" ", _SPACE))
    # The whole alphabet is given, since BpeTrainer breaks ties at random.
    characters = sorted(counts, key=lambda character: (-counts[character], character))
    dropped, allowed = 0, _RARE * counts.total()
    while characters and dropped + counts[characters[-1]] <= allowed:
        dropped += counts[characters.pop()]
    return characters


def new_translator(
    settings: TranslatorSettings, target: PreTrainedTokenizerFast
) -> EncoderDecoderModel:
    """The network to train: LoRA adapters in a frozen encoder, and a new decoder."""
    encoder = read_part("minilm", BertModel.from_pretrained, package_folder())
    sizes = encoder.config
    decoder = BertLMHeadModel(
        BertConfig(
            vocab_size=len(target),
            hidden_size=sizes.hidden_size,
            num_attention_heads=sizes.num_attention_heads,
            num_hidden_layers=settings.layers,
            intermediate_size=settings.feed_forward,
            max_position_embeddings=2 * LONGEST,
            type_vocab_size=1,
            hidden_dropout_prob=settings.dropout,
            attention_probs_dropout_prob=settings.dropout,
            is_decoder=True,
            add_cross_attention=True,
            pad_token_id=target.pad_token_id,
            bos_token_id=target.bos_token_id,
            eos_token_id=target.eos_token_id,
        )
    )
    network = EncoderDecoderModel(encoder=encoder, decoder=decoder)
    for config in (network.config, network.generation_config):
        config.decoder_start_token_id = target.bos_token_id
        config.pad_token_id = target.pad_token_id
        config.eos_token_id = target.eos_token_id
    network.encoder = get_peft_model(
        network.encoder,
        LoraConfig(
            r=settings.rank,
            lora_alpha=2 * settings.rank,
            target_modules="all-linear",
            exclude_modules=".*pooler.*",  # its output is not used
        ),
    )
    return network


def made_plain(network: EncoderDecoderModel) -> EncoderDecoderModel:
    """The network with its adapter merged, so that transformers loads it."""
    network.encoder = network.encoder.merge_and_unload()
    return network.eval()
