"""From a text, or two, to the words that people edit and the tokens that a model sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

from transformers import PreTrainedTokenizerBase

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Tokens, Word, align, moved, placed_words
from beaconviz.models.offsets import found_spans
from beaconviz.models.tasks import Task

Spans = tuple[tuple[int, int], ...]


class Reader(Protocol):
    """What tokenizing asks of a model."""

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


_MARK = "\ue000"  # a text that no chat template has


def tokenize(
    model: Reader,
    text_or_words: str | Sequence[str],
    second: str | Sequence[str] | None,
    *,
    chat: bool,
) -> Tokens:
    """As `Model.tokenize` says."""
    takes = model.task.second
    if second is None and takes == "needed":
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
        return _said(model, text, words)
    if second is None:
        return _read(model, text, words)
    other, more = placed_words(second, "the second text")
    if takes == "beside":
        return replace(_read(model, text, words), beside=_read(model, other, more))
    start = len(text) + 1
    return _read(model, f"{text}\n{other}", (*words, *moved(more, start)), start)


def _said(model: Reader, text: str, words: tuple[Word, ...]) -> Tokens:
    """A text as somebody says it in a chat."""
    if not model.chats:
        raise BeaconvizError(f"{model.name} has no chat template: leave chat out")

    def told(content: str) -> str:
        return model.tokenizer.apply_chat_template(
            [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
        )

    whole, start = told(text), told(_MARK).find(_MARK)
    stripped = not whole.startswith(text, max(start, 0))  # many templates do so
    if start < 0 or not whole.startswith(text.strip() if stripped else text, start):
        raise BeaconvizError(f"the chat template of {model.name} alters the text: leave chat out")
    start -= len(text) - len(text.lstrip()) if stripped else 0
    encoded = model.tokenizer(
        whole, add_special_tokens=False, return_offsets_mapping=True, verbose=False
    )
    placed = [(begin - start, end - start) for begin, end in encoded["offset_mapping"]]
    special = tuple(begin >= len(text) or end <= 0 for begin, end in placed)
    spans = tuple(
        (0, 0) if alone else (max(begin, 0), min(end, len(text)))
        for (begin, end), alone in zip(placed, special, strict=True)
    )
    _check_length(model, len(special), len(words), "the text has, in its chat template,", "it")
    return _tokens(model, text, words, encoded["input_ids"], spans, special)


def _read(model: Reader, text: str, words: tuple[Word, ...], second: int | None = None) -> Tokens:
    """A text, or two as one, of which the other begins at `second`."""
    texts = [text] if second is None else [text[: second - 1], text[second:]]
    encoded = model.tokenizer(
        *texts,
        return_offsets_mapping=model.tokenizer.is_fast,
        return_special_tokens_mask=True,
        verbose=False,
    )
    ids = encoded["input_ids"]
    what, them = ("the text has", "it") if second is None else ("both texts have", "them")
    _check_length(model, len(ids), len(words), what, them)
    special = tuple(map(bool, encoded["special_tokens_mask"]))
    if model.tokenizer.is_fast:
        starts = [(second or 0) if of == 1 else 0 for of in encoded.sequence_ids()]
        spans = tuple(
            (int(begin) + start, int(end) + start)
            for (begin, end), start in zip(encoded["offset_mapping"], starts, strict=True)
        )
    else:
        spans = found_spans(text, model.tokenizer.convert_ids_to_tokens(ids), special)
    own = [place for place, alone in enumerate(special) if not alone]
    if model.task.over_next and own:  # what ends a text would have the model begin another one
        end = own[-1] + 1
        ids, special, spans = ids[:end], special[:end], spans[:end]
    types = tuple(encoded.get("token_type_ids", ())) if _typed(model) else ()
    return replace(_tokens(model, text, words, ids, spans, special), types=types, second=second)


def _tokens(
    model: Reader,
    text: str,
    words: tuple[Word, ...],
    ids: Sequence[int],
    spans: Spans,
    special: tuple[bool, ...],
) -> Tokens:
    return Tokens(
        text=text,
        words=words,
        tokens=tuple(model.tokenizer.convert_ids_to_tokens(list(ids))),
        ids=tuple(ids),
        word_of=align(words, spans, special),
        spans=spans,
        special=special,
    )


def _check_length(model: Reader, count: int, words: int, what: str, them: str) -> None:
    most = model.max_tokens
    if count > most:
        raise BeaconvizError(
            f"{what} {count:,} tokens ({words:,} words); {model.name} takes at most {most:,}: "
            f"shorten {them} by about {100 * (count - most) / count:.0f} %"
        )


def _typed(model: Reader) -> bool:
    """Whether the network tells two texts apart by token types."""
    return int(getattr(model.network.config, "type_vocab_size", 0) or 0) > 1
