from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForTokenClassification, PreTrainedTokenizerFast

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


@pytest.fixture
def conll(tmp_path: Path) -> Path:
    path = tmp_path / "three.conll"
    path.write_text(SENTENCES, encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def uncased_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny random BERT with a word-piece tokenizer that lower-cases."""
    folder = tmp_path_factory.mktemp("uncased")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(PIECES),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=24,
        max_position_embeddings=32,
    )
    BertForTokenClassification(config).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


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
