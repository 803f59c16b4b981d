"""Tiny tokenizers of every kind, none trained: byte-level BPE, SentencePiece and word pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

SPECIAL = ("<pad>", "<s>", "</s>", "<unk>", "<mask>")
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,"
PIECES = ("安娜", "住在", "奥斯陆", "。", "東京", "กา", "ខ្មែរ")  # each of several characters


def _fast(tokenizer: Tokenizer, length: int = 150) -> PreTrainedTokenizerFast:
    ids = [(token, SPECIAL.index(token)) for token in ("<s>", "</s>")]
    template = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=ids)
    if tokenizer.post_processor is None:
        tokenizer.post_processor = template
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        cls_token="<s>",
        sep_token="</s>",
        unk_token="<unk>",
        mask_token="<mask>",
        model_max_length=length,
    )


def byte_level(merged: Iterable[str] = (), *, prefix: bool = False) -> PreTrainedTokenizerFast:
    """Every byte is a token, and so is every text in `merged`, built up from its left."""
    step = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    vocabulary = [*SPECIAL, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    merges: list[tuple[str, str]] = []
    for text in merged:
        ((spelled, _),) = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str(text)
        for end in range(1, len(spelled)):
            pair = spelled[:end], spelled[end]
            merges += [] if pair in merges else [pair]
            vocabulary += [] if "".join(pair) in vocabulary else ["".join(pair)]
    numbers = {piece: number for number, piece in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.BPE(numbers, merges))
    tokenizer.pre_tokenizer, tokenizer.decoder = step, decoders.ByteLevel()
    return _fast(tokenizer)


def sentencepiece(
    pieces: Iterable[str] = PIECES, *, bytes: bool = False, split: bool = True
) -> PreTrainedTokenizerFast:
    """A unigram model over letters and some pieces; what it lacks is <unk>, or bytes.

    split: no piece goes on over a space.
    """
    fallback = [f"<0x{number:02X}>" for number in range(256)] if bytes else []
    scored = [(piece, 0.0) for piece in (*SPECIAL, *fallback)]
    scored += [("▁", -3.0), *((letter, -4.0) for letter in LETTERS)]
    scored += [(piece, -2.0) for piece in pieces]
    tokenizer = Tokenizer(models.Unigram(scored, SPECIAL.index("<unk>"), byte_fallback=bytes))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(split=split)
    tokenizer.decoder = decoders.Sequence(
        [decoders.ByteFallback(), decoders.Fuse(), decoders.Metaspace()]
    )
    return _fast(tokenizer)


def word_pieces(*, chinese: bool) -> PreTrainedTokenizerFast:
    """Letters, and pieces of several Chinese characters; `chinese` parts these into one each."""
    texts = [*LETTERS, *PIECES, *dict.fromkeys("".join(PIECES))]
    pieces = dict.fromkeys([*SPECIAL, *texts, *(f"##{text}" for text in texts)])
    numbers = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="<unk>"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, handle_chinese_chars=chinese)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece(cleanup=False)
    return _fast(tokenizer)


def letters_alone() -> PreTrainedTokenizerFast:
    """Letters are tokens, and nothing else is: what it lacks has none, not even <unk>."""
    numbers = {piece: number for number, piece in enumerate([*SPECIAL, *dict.fromkeys(LETTERS)])}
    tokenizer = Tokenizer(models.BPE(numbers, []))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return _fast(tokenizer)


TOKENIZERS: dict[str, Callable[[], PreTrainedTokenizerFast]] = {
    "byte-level": byte_level,
    "byte-level, words after a space": lambda: byte_level([" Lovelace", " London", "安娜"]),
    "byte-level, prefix space": lambda: byte_level([" Ada", " Lovelace"], prefix=True),
    "sentencepiece": sentencepiece,
    "sentencepiece, bytes": lambda: sentencepiece(bytes=True),
    "word pieces": lambda: word_pieces(chinese=True),
    "word pieces over characters": lambda: word_pieces(chinese=False),
}
