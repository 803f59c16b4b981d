"""Readable token names for axes, tables and JSON: the characters that a token covers.

A byte-level vocabulary spells "é" as "Ã©" and SentencePiece a space as "▁", which is hard to read.
Word pieces ("##er"), special and unknown tokens keep their usual spelling.
"""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import category

from tokenizers.models import WordPiece
from transformers import PreTrainedTokenizerBase

Spans = Sequence[tuple[int, int]]

_SPACES = {" ": "␣", "\n": "⏎", "\r": "⏎", "\t": "⇥"}
_SPACE_TOKENS = "▁Ġ"  # a space in SentencePiece (Kudo & Richardson 2018), in byte-level BPE
UNDECODED = "\ufffd"  # the decoded form of an incomplete character
# The characters that byte-level BPE uses for bytes (Radford et al. 2019): visible characters stand
# for themselves, the other bytes are numbered from 256 on.
_SEEN = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
_UNSEEN = [byte for byte in range(256) if byte not in _SEEN]
_BYTES = {chr(byte): byte for byte in _SEEN} | {
    chr(256 + number): byte for number, byte in enumerate(_UNSEEN)
}
_INVISIBLE = ("Cc", "Cf", "Mn", "Mc", "Me", "Zs", "Zl", "Zp")


def token_names(
    tokenizer: PreTrainedTokenizerBase,
    text: str,
    ids: Sequence[int],
    spans: Spans,
    special: Sequence[bool],
) -> tuple[str, ...]:
    """The name of every token: the characters that it covers, as `covered` spells them.

    Args:
        spans: of the tokens in `text`; two tokens with parts of one character both cover it.
        special: whether a token stands for no text; its name is its spelling in the vocabulary.
    """
    entries = tokenizer.convert_ids_to_tokens(list(ids))
    # An id beyond the vocabulary has no spelling.
    spelled = [token or f"<{number}>" for token, number in zip(entries, ids, strict=True)]
    if _is_word_piece(tokenizer):
        return tuple(spelled)
    # Spans of a slow tokenizer are searched and may be inexact. A space that a tokenizer adds
    # before the text has the span of the next character.
    exact = [
        tokenizer.is_fast and bool(token.strip(_SPACE_TOKENS) or text[start:end].isspace())
        for token, (start, end) in zip(spelled, spans, strict=True)
    ]
    spans = [span if sure else (0, 0) for span, sure in zip(spans, exact, strict=True)]
    names = covered(text, spans, special)
    kept = {tokenizer.unk_token, tokenizer.mask_token}
    return tuple(
        token if alone or token in kept else name or _own_name(token)
        for token, name, alone in zip(spelled, names, special, strict=True)
    )


def covered(text: str, spans: Spans, special: Sequence[bool]) -> list[str]:
    """The characters that each token covers, without spaces around them; "" where it covers none.

    Where several tokens share one character, "[1/2]" after it means part 1 of 2. A token of only
    white space is shown as ␣, ⏎ or ⇥; an invisible one as its code point, and a combining mark on a
    dotted circle.

    >>> covered("a é\\n", [(0, 1), (1, 3), (2, 3), (3, 4)], [False] * 4)
    ['a', 'é[1/2]', 'é[2/2]', '⏎']
    """
    holders: dict[int, list[int]] = {}  # the tokens of each character, by its position
    for token, ((start, end), alone) in enumerate(zip(spans, special, strict=True)):
        for place in range(start, end if not alone else start):
            holders.setdefault(place, []).append(token)
    return [
        "" if alone else _name(text, start, end, token, holders)
        for token, ((start, end), alone) in enumerate(zip(spans, special, strict=True))
    ]


def spell(tokenizer: PreTrainedTokenizerBase, token: int) -> str:
    """A single token as text, with its leading space if any; bytes of an incomplete character as
    "\\xe6"."""
    text = str(tokenizer.decode([token]))
    if UNDECODED not in text:
        return text
    (spelled,) = tokenizer.convert_ids_to_tokens([token])
    if spelled is None or not all(character in _BYTES for character in spelled):
        return text if spelled is None else str(spelled)  # "<0xE6>", of a SentencePiece vocabulary
    data = bytes(_BYTES[character] for character in spelled)
    return data.decode("utf-8", "backslashreplace")


def _name(text: str, start: int, end: int, token: int, holders: dict[int, list[int]]) -> str:
    whole = text[start:end]
    shown = whole.strip() or whole
    start += whole.index(shown)
    alone = all(category(character) in _INVISIBLE for character in shown)
    return "".join(
        _character(character, alone, first=place == start) + _part(token, holders[place])
        for place, character in enumerate(shown, start)
    )


def _character(character: str, alone: bool, *, first: bool) -> str:
    """alone: whether all characters of the token are invisible."""
    kind = category(character)
    if kind.startswith("M"):
        return f"◌{character}" if first else character
    if not alone or kind not in _INVISIBLE:
        return character
    return _SPACES.get(character, "␣" if kind == "Zs" else f"U+{ord(character):04X}")


def _part(token: int, tokens: Sequence[int]) -> str:
    return f"[{tokens.index(token) + 1}/{len(tokens)}]" if len(tokens) > 1 else ""


def _own_name(token: str) -> str:
    """The name of a token whose characters in the text are unknown."""
    bare = token.strip(_SPACE_TOKENS)
    return bare.replace("▁", " ") if bare else "␣" * len(token)


def _is_word_piece(tokenizer: PreTrainedTokenizerBase) -> bool:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    return isinstance(getattr(backend, "model", None), WordPiece)
