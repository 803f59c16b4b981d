"""Turn a text, or a pair, into words for the user and tokens for the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from transformers import PreTrainedTokenizerBase

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Tokens, Word, align, merge_words, moved, placed_words
from beaconviz.models.offsets import searched_spans
from beaconviz.models.tasks import Task
from beaconviz.models.token_names import token_names

Spans = tuple[tuple[int, int], ...]


class Reader(Protocol):
    """The parts of a model that tokenizing needs."""

    @property
    def name(self) -> str: ...
    @property
    def tokenizer(self) -> PreTrainedTokenizerBase: ...
    @property
    def network(self) -> Any: ...
    @property
    def task(self) -> Task: ...
    @property
    def chats(self) -> bool: ...
    @property
    def max_tokens(self) -> int: ...


_MARK = "\ue000"  # a character that no chat template contains


def tokenize(
    model: Reader,
    text_or_words: str | Sequence[str],
    second: str | Sequence[str] | None,
    *,
    chat: bool,
) -> Tokens:
    """As `Model.tokenize` says."""
    takes = model.task.second
    if second is None and takes == "required":
        raise BeaconvizError(
            f"{model.name} answers a question from a passage, and one text was given; give the "
            "passage as the second text"
        )
    if second is not None and takes == "none":
        raise BeaconvizError(
            f"{model.name} is for {model.task.name}, which reads one text, and two were given; "
            "leave the second out"
        )
    text, words = placed_words(text_or_words)
    if chat:
        return _in_chat(model, text, words)
    if second is None:
        return _fitting(model, read(model, text, words), "the text has", "it")
    second_text, second_words = placed_words(second, "the second text")
    if takes == "separate":
        first, compared = read(model, text, words), read(model, second_text, second_words)
        _fitting(model, compared, "the second text has", "it")
        return replace(_fitting(model, first, "the text has", "it"), compared_text=compared)
    start = len(text) + 1
    both = read(model, f"{text}\n{second_text}", (*words, *moved(second_words, start)), start)
    return _fitting(model, both, "both texts have", "them")


def _in_chat(model: Reader, text: str, words: tuple[Word, ...]) -> Tokens:
    """A text inside the model's chat template, as the user's message."""
    if not model.chats:
        raise BeaconvizError(f"{model.name} has no chat template: leave chat out")

    def in_template(content: str) -> str:
        messages = [{"role": "user", "content": content}]
        return str(
            model.tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=True
            )
        )

    whole, start = in_template(text), in_template(_MARK).find(_MARK)
    stripped = not whole.startswith(text, max(start, 0))  # many templates strip the message
    if start < 0 or not whole.startswith(text.strip() if stripped else text, start):
        raise BeaconvizError(f"the chat template of {model.name} alters the text: leave chat out")
    start -= len(text) - len(text.lstrip()) if stripped else 0
    encoded = model.tokenizer(
        whole, add_special_tokens=False, return_offsets_mapping=True, verbose=False
    )
    placed = [(begin - start, end - start) for begin, end in encoded["offset_mapping"]]
    special = tuple(begin >= len(text) or end <= 0 for begin, end in placed)
    spans = tuple(
        (0, 0) if is_special else (max(begin, 0), min(end, len(text)))
        for (begin, end), is_special in zip(placed, special, strict=True)
    )
    ids = encoded["input_ids"]
    nothing = [begin == end for begin, end in encoded["offset_mapping"]]
    names = token_names(model.tokenizer, whole, ids, encoded["offset_mapping"], nothing)
    tokens = _tokens(text, words, names, ids, spans, special)
    return _fitting(model, tokens, "the text has, in its chat template,", "it")


def read(model: Reader, text: str, words: Sequence[Word], second: int | None = None) -> Tokens:
    """The tokens of a text of any length, or of a joined pair whose second text begins at `second`.

    Args:
        words: of the text; those that one token covers are merged (see `merge_words`).
    """
    texts = [text] if second is None else [text[: second - 1], text[second:]]
    encoded = model.tokenizer(
        *texts,
        return_offsets_mapping=model.tokenizer.is_fast,
        return_special_tokens_mask=True,
        verbose=False,
    )
    ids = encoded["input_ids"]
    special = tuple(map(bool, encoded["special_tokens_mask"]))
    if model.tokenizer.is_fast:
        starts = [(second or 0) if of == 1 else 0 for of in encoded.sequence_ids()]
        spans = tuple(
            (int(begin) + start, int(end) + start)
            for (begin, end), start in zip(encoded["offset_mapping"], starts, strict=True)
        )
    else:
        spans = searched_spans(text, model.tokenizer.convert_ids_to_tokens(ids), special)
    own = [place for place, is_special in enumerate(special) if not is_special]
    if model.task.over_next and own:  # after an ending token the model would begin a new text
        end = own[-1] + 1
        ids, special, spans = ids[:end], special[:end], spans[:end]
    types = tuple(encoded.get("token_type_ids", ())) if _typed(model) else ()
    names = token_names(model.tokenizer, text, ids, spans, special)
    tokens = _tokens(text, words, names, ids, spans, special)
    return replace(tokens, types=types, second=second)


def _tokens(
    text: str,
    words: Sequence[Word],
    names: tuple[str, ...],
    ids: Sequence[int],
    spans: Spans,
    special: tuple[bool, ...],
) -> Tokens:
    words = merge_words(text, words, spans, special)
    return Tokens(
        text=text,
        words=words,
        tokens=names,
        ids=tuple(ids),
        word_of=align(words, spans, special),
        spans=spans,
        special=special,
    )


def _fitting(model: Reader, tokens: Tokens, subject: str, pronoun: str) -> Tokens:
    """The tokens, if the model can read that many and at least one belongs to a word.

    Args:
        subject, pronoun: words of the error message: "`subject` 600 tokens …: shorten `pronoun`".

    Raises:
        BeaconvizError: otherwise.
    """
    count, most = len(tokens), model.max_tokens
    if len(tokens.without_tokens) == len(tokens.words):
        raise BeaconvizError(
            f"the tokenizer of {model.name} has no token for any word of {tokens.text[:40]!r}, and none "
            "for unknown ones: take a text in the language of the model, or another model"
        )
    if count > most:
        raise BeaconvizError(
            f"{subject} {count:,} tokens ({len(tokens.words):,} words); {model.name} takes at most "
            f"{most:,}: shorten {pronoun} by about {100 * (count - most) / count:.0f} %"
        )
    return tokens


def _typed(model: Reader) -> bool:
    """Whether the network marks two texts by token types."""
    return int(getattr(model.network.config, "type_vocab_size", 0) or 0) > 1
