"""A tiny word-piece tokenizer that lower-cases, and three labelled sentences for it."""

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = [
    "steve",
    "jobs",
    "was",
    "the",
    "co",
    "founder",
    "of",
    "apple",
    "inc",
    "ann",
    "saw",
    "bob",
    "in",
    "paris",
    "london",
]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
PIECES = [*SPECIAL, *LETTERS, *(f"##{letter}" for letter in LETTERS), *WORDS, ".", ",", "-", "@"]

SENTENCES = """Ann\tB-PER
saw\tO
Bob\tB-PER
Jobs\tI-PER
.\tO

Apple\tB-ORG
was\tO
in\tO
Paris\tB-LOC

Steve\tB-PER
was\tO
in\tO
London\tB-LOC
"""


def tokenizer() -> PreTrainedTokenizerFast:
    numbers = {piece: number for number, piece in enumerate(PIECES)}
    words = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    words.normalizer = normalizers.BertNormalizer(lowercase=True)
    words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    words.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=words,
        unk_token="[UNK]",
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        mask_token="[MASK]",
        model_max_length=32,
    )
