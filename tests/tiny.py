"""Tiny random models of every supported family, with real tokenizers, made on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import regex
import torch
import transformers
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
    AlbertConfig,
    AutoModel,
    AutoModelForTokenClassification,
    BartConfig,
    BertConfig,
    DistilBertConfig,
    ElectraConfig,
    EncoderDecoderConfig,
    Gemma2Config,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    MarianConfig,
    MBartConfig,
    ModernBertConfig,
    OPTConfig,
    PreTrainedTokenizerFast,
    Qwen2Config,
    RobertaConfig,
    T5Config,
)

LABELS = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
CORPUS = [
    "Steve Jobs was the co-founder of Apple Inc.",
    "Ada Lovelace lived in London, and never saw a computer.",
    "the quick brown fox jumps over the lazy dog 0123456789 ABCDEFGHIJKLMNOPQRSTUVWXYZ !?'\"()",
]

_SIZES = {
    "vocab_size": 400,
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "intermediate_size": 48,
    "max_position_embeddings": 160,
}
CONFIGS = {
    "bert": lambda: BertConfig(**_SIZES),
    "roberta": lambda: RobertaConfig(**_SIZES, pad_token_id=1),
    "distilbert": lambda: DistilBertConfig(
        vocab_size=400, dim=32, n_layers=3, n_heads=4, hidden_dim=48, max_position_embeddings=160
    ),
    "albert": lambda: AlbertConfig(**_SIZES, embedding_size=16),
    "electra": lambda: ElectraConfig(**_SIZES, embedding_size=16),
    "modernbert": lambda: ModernBertConfig(
        **_SIZES,
        local_attention=8,
        global_attn_every_n_layers=2,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        cls_token_id=1,
        sep_token_id=2,
    ),
}
DECODER_CONFIGS = {
    "gemma2": lambda: Gemma2Config(  # shared key heads, a cap on logits, a window in every other layer
        **_SIZES,
        num_key_value_heads=2,
        head_dim=16,
        query_pre_attn_scalar=12,
        attn_logit_softcapping=2.0,
        sliding_window=4,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
    ),
    "gpt2": lambda: GPT2Config(
        vocab_size=400, n_embd=32, n_layer=3, n_head=4, n_inner=48, n_positions=160
    ),
    "gpt_neox": lambda: GPTNeoXConfig(**_SIZES),
    "llama": lambda: LlamaConfig(**_SIZES, num_key_value_heads=2),
    "opt": lambda: OPTConfig(
        vocab_size=400,
        hidden_size=32,
        word_embed_proj_dim=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        ffn_dim=48,
        max_position_embeddings=160,
        pad_token_id=0,
    ),
    "qwen2": lambda: Qwen2Config(
        **_SIZES, num_key_value_heads=2, use_sliding_window=True, sliding_window=4,
        max_window_layers=1,
    ),
}  # fmt: skip
_BART_SIZES = {
    "vocab_size": 400,
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 3,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 2,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 48,
    "max_position_embeddings": 160,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
    "decoder_start_token_id": 1,
    "forced_eos_token_id": None,
}
TRANSLATOR_CONFIGS = {
    "bart": lambda: BartConfig(**_BART_SIZES),
    "encoder-decoder": lambda: EncoderDecoderConfig.from_encoder_decoder_configs(
        BertConfig(**_SIZES | {"num_hidden_layers": 2}),
        BertConfig(**_SIZES, is_decoder=True, add_cross_attention=True),
        pad_token_id=0,
        eos_token_id=2,
        decoder_start_token_id=1,
    ),
    "marian": lambda: MarianConfig(**_BART_SIZES),
    "mbart": lambda: MBartConfig(**_BART_SIZES),
    "t5": lambda: T5Config(  # never scales, and adds a bias by distance
        vocab_size=400,
        d_model=32,
        d_kv=8,
        d_ff=48,
        num_layers=3,
        num_heads=4,
        relative_attention_num_buckets=8,
        relative_attention_max_distance=16,
        pad_token_id=0,
        eos_token_id=2,
        decoder_start_token_id=1,
    ),
}
READERS = {  # their decoder reads the text again
    architecture: family
    for family, prefix in (("bart", "Bart"), ("mbart", "MBart"), ("t5", "T5"))
    for architecture in (f"{prefix}ForSequenceClassification", f"{prefix}ForQuestionAnswering")
}
TRANSLATORS = sorted(TRANSLATOR_CONFIGS)
FAMILIES = sorted(CONFIGS)
DECODERS = sorted(DECODER_CONFIGS)
TYPED = ("bert", "albert", "electra")  # told which of two texts a token is of
BYTE_LEVEL = ("roberta", "modernbert", *DECODERS)


def tiny_model(
    family: str,
    folder: Path,
    *,
    labels: list[str] | None = LABELS,
    auto: Any = AutoModel,
    **settings: Any,
) -> Path:
    """Saves a tiny random model of a family into `folder`; without labels, one that `auto` makes.

    `settings` are of its config: num_labels, problem_type.
    """
    torch.manual_seed(sum(map(ord, family)))
    config = (CONFIGS | DECODER_CONFIGS | TRANSLATOR_CONFIGS)[family]()
    for name, value in settings.items():
        setattr(config, name, value)
    if labels:
        config.id2label = dict(enumerate(labels))
        config.label2id = {label: number for number, label in enumerate(labels)}
        network = AutoModelForTokenClassification.from_config(config)
    else:
        network = auto.from_config(config)
    with torch.no_grad():  # random models are near-linear: larger weights make edits matter
        for name, weight in network.named_parameters():
            if weight.dim() > 1 and "embedding" not in name:
                weight.mul_(2 if family == "t5" else 8)  # T5 does not scale its scores
    network.save_pretrained(folder)
    tokenizer = tiny_tokenizer(byte_level=family in BYTE_LEVEL, typed=family in TYPED)
    tokenizer.save_pretrained(folder)
    return folder


def tiny_head(family: str, architecture: str, folder: Path) -> Path:
    """Saves a tiny random network of an architecture into `folder`, such as
    "BartForQuestionAnswering"."""
    config = (CONFIGS | DECODER_CONFIGS | TRANSLATOR_CONFIGS)[family]()
    if architecture.endswith("Classification"):
        config.id2label = {number: f"L{number}" for number in range(3)}
    torch.manual_seed(3)
    network = getattr(transformers, architecture)(config)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if weight.dim() > 1 and "embed" not in name and "shared" not in name:
                weight.mul_(2 if family == "t5" else 8)
    network.save_pretrained(folder)
    tiny_tokenizer(byte_level=False, typed=family in TYPED).save_pretrained(folder)
    return folder


def tiny_tokenizer(*, byte_level: bool, typed: bool = False) -> PreTrainedTokenizerFast:
    """A word-piece or byte-level BPE tokenizer of three sentences, the same each time; a typed one
    gives token type ids."""
    special = ["<pad>", "<s>", "</s>", "<unk>", "<mask>"]
    if byte_level:
        tokenizer = Tokenizer(models.BPE(unk_token="<unk>"))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=380, special_tokens=special, initial_alphabet=alphabet
        )
        tokenizer.train_from_iterator(CORPUS, trainer)
    else:  # not trained: its trainer settles ties by chance
        vocabulary = {piece: number for number, piece in enumerate([*special, *_pieces()])}
        tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="<unk>"))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        tokenizer.decoder = decoders.WordPiece(cleanup=False)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> $B:1 </s>:1",
        special_tokens=[("<s>", 1), ("</s>", 2)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        cls_token="<s>",
        sep_token="</s>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_max_length=150,
        model_input_names=["input_ids", *["token_type_ids"] * typed, "attention_mask"],
    )


def _pieces() -> list[str]:
    """The sentences' characters, each also as a part of a word, and their words in parts of five
    letters."""
    characters = sorted(set("".join(CORPUS)) - {" "})
    parts = [
        "##" * (start > 0) + word[start : start + 5]
        for word in regex.findall(r"\w{2,}", " ".join(CORPUS))
        for start in range(0, len(word), 5)
    ]
    return list(dict.fromkeys([*characters, *(f"##{one}" for one in characters), *parts]))
