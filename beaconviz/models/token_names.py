"""What tokens are called on axes, in tables and in JSON: by the characters that they cover.

A byte-level vocabulary spells "é" as "Ã©", a SentencePiece one a space as "▁": both say little to a
reader. Word pieces ("##er"), special tokens and unknown ones keep the spelling that people know.
"""

from __future__ import annotations

from collections.abc import Sequence
from unicodedata import category

from tokenizers.models import WordPiece
from transformers import PreTrainedTokenizerBase

Spans = Sequence[tuple[int, int]]

_SPACES = {" ": "␣", "\n": "⏎", "\r": "⏎", "\t": "⇥"}
_SPACE_TOKENS = "▁Ġ"  # a space in SentencePiece (Kudo & Richardson 2018), in byte-level BPE
UNDECODED = "\ufffd"  # what a part of a character is decoded as
# The characters by which byte-level BPE writes bytes (Radford et al. 2019): those that can be seen
# stand for themselves, the others for what follows 255.
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
        spans: of the tokens in `text`; two that hold parts of one character both cover it.
        special: those that stand for no text, which are called as the vocabulary spells them.
    """
    entries = tokenizer.convert_ids_to_tokens(list(ids))
    # An id beyond the vocabulary has no spelling.
    spelled = [token or f"<{number}>" for token, number in zip(entries, ids, strict=True)]
    if _is_word_piece(tokenizer):
        return tuple(spelled)
    # Spans of a slow tokenizer are looked for, and need not be exact. A space that a tokenizer puts
    # before a text has the span of the character after it.
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

    Where several tokens hold one character, "[1/2]" after it says which part of how many a token
    has. A token of white space alone shows it as ␣, ⏎ or ⇥; one that would not be seen by itself
    shows its code point, a combining mark on a dotted circle.

    >>> covered("a é\\n", [(0, 1), (1, 3), (2, 3), (3, 4)], [False] * 4)
    ['a', 'é[1/2]', 'é[2/2]', '⏎']
    """
    holders: dict[int, list[int]] = {}  # the tokens that hold a character, by its place
    for token, ((start, end), alone) in enumerate(zip(spans, special, strict=True)):
        for place in range(start, end if not alone else start):
            holders.setdefault(place, []).append(token)
    return [
        "" if alone else _name(text, start, end, token, holders)
        for token, ((start, end), alone) in enumerate(zip(spans, special, strict=True))
    ]


def spell(tokenizer: PreTrainedTokenizerBase, token: int) -> str:
    """A token by itself as text, with the space before it where it has one; bytes that are a part
    of a character as "\\xe6"."""
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
    """alone: nothing in its token can be seen by itself."""
    kind = category(character)
    if kind.startswith("M"):
        return f"◌{character}" if first else character
    if not alone or kind not in _INVISIBLE:
        return character
    return _SPACES.get(character, "␣" if kind == "Zs" else f"U+{ord(character):04X}")


def _part(token: int, tokens: Sequence[int]) -> str:
    return f"[{tokens.index(token) + 1}/{len(tokens)}]" if len(tokens) > 1 else ""


def _own_name(token: str) -> str:
    """The name of a token whose characters are not known."""
    bare = token.strip(_SPACE_TOKENS)
    return bare.replace("▁", " ") if bare else "␣" * len(token)


def _is_word_piece(tokenizer: PreTrainedTokenizerBase) -> bool:
    backend = getattr(tokenizer, "backend_tokenizer", None)
    return isinstance(getattr(backend, "model", None), WordPiece)
