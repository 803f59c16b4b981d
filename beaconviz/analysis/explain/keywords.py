"""Key words: the words of a text with the most weight, by attention and other methods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor

from beaconviz.analysis.explain.weights import (
    Method,
    Score,
    counted_words,
    mean_state,
    shared,
    similarity,
    word_states,
    word_weights,
)
from beaconviz.analysis.explain.windows import Window, windows, within, words_in
from beaconviz.core.design import Design
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Word, split_words
from beaconviz.models.model import Model
from beaconviz.models.tasks.entities import trim
from beaconviz.runs.execute import run
from beaconviz.runs.run import Run


@dataclass(frozen=True)
class Span:
    """Adjacent key words: `text[start:end]`, and the sum of their weights."""

    text: str
    start: int
    end: int
    weight: float


@dataclass(frozen=True, eq=False)
class KeyWords:
    """The weight of each word of a text.

    Attributes:
        weights: Float["word"], shares that sum to 1.
        windows: the number of parts that the text was read in; a part's weights sum to its share of
            the words.
        remarks: what a reader of the weights should know, a sentence each.
    """

    text: str
    words: tuple[Word, ...]
    weights: Tensor
    method: Method
    model_name: str
    windows: int = 1
    remarks: tuple[str, ...] = ()

    @cached_property
    def ranked(self) -> list[int]:
        """The words with a weight above 0, the heaviest first; ties in the order of the text."""
        order = torch.argsort(self.weights, descending=True, stable=True).tolist()
        return [word for word in order if self.weights[word] > 0]

    def top(self, count: int) -> list[int]:
        """The `count` heaviest words, in the order of the text.

        Raises:
            BeaconvizError: fewer than one.
        """
        if count < 1:
            raise BeaconvizError(f"the number of key words is {count}; expected 1 or more")
        return sorted(self.ranked[:count])

    def covering(self, share: float) -> list[int]:
        """The fewest words whose weights sum to `share`, in the order of the text.

        Raises:
            BeaconvizError: a share that is not above 0 and at most 1.
        """
        if not 0 < share <= 1:
            raise BeaconvizError(
                f"the share to cover is {share!r}; expected above 0, and at most 1"
            )
        sums = self.weights[self.ranked].double().cumsum(dim=0)
        return self.top(min(int((sums < share - 1e-6).sum()) + 1, len(self.ranked)))

    def share_of_text(self, part: float) -> list[int]:
        """The heaviest words, as many as `part` of all words: 0.2 gives a fifth of the text."""
        return self.top(max(1, round(part * len(self.words))))

    def spans(self, chosen: Iterable[int]) -> list[Span]:
        """Joins chosen words that follow each other into spans. Punctuation between two words
        separates them, and is cut off at the ends of a span."""
        groups: list[list[int]] = []
        for word in sorted(chosen):
            if groups and word == groups[-1][-1] + 1 and not self._closes(groups[-1][-1]):
                groups[-1].append(word)
            else:
                groups.append([word])
        return [self._span(group) for group in groups]

    def _closes(self, number: int) -> bool:
        """Whether a word ends with punctuation that is not part of it."""
        word = self.words[number]
        return trim(self.text, word.start, word.end)[1] < word.end

    def _span(self, group: Sequence[int]) -> Span:
        start, end = trim(self.text, self.words[group[0]].start, self.words[group[-1]].end)
        return Span(self.text[start:end], start, end, float(self.weights[list(group)].sum()))

    def between(self, span: Span) -> float:
        """The weight of a span's words in this text."""
        inside = [
            n
            for n, word in enumerate(self.words)
            if word.start < span.end and span.start < word.end
        ]
        return float(self.weights[inside].sum())

    def part_of_text(self, chosen: Sequence[int]) -> float:
        """The share of the words that are chosen."""
        return len(chosen) / len(self.words)

    def to_dict(self, chosen: Sequence[int] | None = None) -> dict[str, Any]:
        """Plain data, as `beaconviz key --json` prints it: all words, or the chosen ones."""
        numbers = range(len(self.words)) if chosen is None else chosen
        return {
            "model": self.model_name,
            "method": self.method,
            "windows": self.windows,
            "remarks": list(self.remarks),
            "words": [
                {
                    "word": self.words[n].text,
                    "weight": float(self.weights[n]),
                    "start": self.words[n].start,
                    "end": self.words[n].end,
                }
                for n in numbers
            ],
        }


@dataclass(frozen=True)
class Weighing:
    """The progress over the parts of a text; the last step has the key words."""

    done: int
    parts: int
    key_words: KeyWords | None = None


def key_words(
    model: Model,
    text: str,
    method: Method = "received",
    *,
    progress: Callable[[int, int], None] | None = None,
    **options: Any,
) -> KeyWords:
    """The weight of each word of a text, which may be longer than the model's limit.

    Args:
        options: as `weighing` takes them.
        progress: called with the number of parts done and the total.

    Raises:
        BeaconvizError: as `weighing`.
    """
    for step in weighing(model, text, method, **options):
        if progress is not None:
            progress(step.done, step.parts)
    assert step.key_words is not None
    return step.key_words


def weighing(
    model: Model,
    text: str,
    method: Method = "received",
    *,
    design: Design | None = None,
    query: str | None = None,
    score: Score = "cosine",
    layers: Sequence[int] | None = None,
    heads: Sequence[int] | None = None,
    stop_words: bool = True,
) -> Iterator[Weighing]:
    """`key_words` as a generator: yields after each part, so that a caller can draw or stop.

    Args:
        design: over the whole text's words. Of a text that is read in parts, each part is edited by
            the cells whose row and column both lie in it.
        query: the text that words are compared with, for "similarity".
        score: for "similarity", as in `word_weights`.
        layers, heads: those to use; all by default.
        stop_words: whether words such as "the" (scikit-learn's English list) may count.

    Raises:
        BeaconvizError: a text, design, method, layer or head that does not fit; or a query for a
            method that takes none.
    """
    split_words(text)  # raises for a text that cannot be read
    _check_model(model, method, query)
    if method in ("similarity", "integrated") and (layers is not None or heads is not None):
        raise BeaconvizError(f"the method {method!r} takes no layers or heads; leave them out")
    query_state = None if query is None else mean_state(_untouched(model, query))
    parts = windows(model, text)
    words = words_in(parts)
    _check_design(design, words)
    part_weights, states, counted = [], [], []
    yield Weighing(0, len(parts))
    for done, part_run in enumerate(_runs(model, parts, design), 1):
        if method == "similarity":  # one softmax over all parts, which share one query
            states.append(word_states(part_run))
            counted.append(counted_words(part_run.aligned))
        else:
            statement = (
                part_run.output.whole_statement() if method in ("gradient", "integrated") else None
            )
            weights_in_part = word_weights(
                part_run, method, layers=layers, heads=heads, statement=statement
            )
            part_weights.append(weights_in_part * len(part_run.words) / len(words))
        if done < len(parts):
            yield Weighing(done, len(parts))
    if method == "similarity":
        weights = shared(similarity(torch.cat(states), query_state, score), torch.cat(counted))
    else:
        weights = torch.cat(part_weights)
    if not stop_words:
        weights = _without_stop_words(weights, words)
    remarks = _remarks(model, method, len(parts))
    made = KeyWords(text, words, weights, method, model.name, len(parts), remarks)
    yield Weighing(len(parts), len(parts), made)


def _check_model(model: Model, method: str, query: str | None) -> None:
    if model.family.writes_apart:
        raise BeaconvizError(
            f"key words are of models of one text; {model.name} reads one and writes another"
        )
    if model.task.second == "required":
        raise BeaconvizError(
            f"key words are of one text; {model.name} answers a question from a passage"
        )
    if query is not None and method != "similarity":
        raise BeaconvizError(
            f"the method {method!r} takes no query; choose similarity, or leave the query out"
        )


def _check_design(design: Design | None, words: Sequence[Word]) -> None:
    names = tuple(word.text for word in words)
    if design is not None and design.unit == "word" and design.words != names:
        raise BeaconvizError(
            f"the design is for other words than the text has ({len(design.words)}, the text "
            f"{len(words)}): move it to these with realigned"
        )


def is_stop_word(word: str) -> bool:
    """Whether a word is one of scikit-learn's English stop words, punctuation aside.

    >>> is_stop_word("The,"), is_stop_word("Apple")
    (True, False)
    """
    # Imported here since it takes a second, and only this option needs it.
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return word.strip("\"'.,;:!?()[]{}“”‘’…").lower() in ENGLISH_STOP_WORDS


def _runs(model: Model, parts: Sequence[Window], design: Design | None) -> Iterator[Run]:
    limit = 0 if model.task.writes else None
    for part in parts:
        here = within(design, part.numbers) if design is not None and len(parts) > 1 else design
        yield run(model, part.tokens, here, limit=limit)


def _untouched(model: Model, text: str) -> Run:
    return run(model, text, limit=0 if model.task.writes else None)


def _without_stop_words(weights: Tensor, words: Sequence[Word]) -> Tensor:
    kept = weights * torch.tensor([0.0 if is_stop_word(word.text) else 1.0 for word in words])
    if kept.sum() <= 0:
        raise BeaconvizError("the text has stop words only: let stop words count")
    return kept / kept.sum()


def _remarks(model: Model, method: Method, count: int) -> tuple[str, ...]:
    remarks = ["Special tokens and bare punctuation are left out, and the rest sums to 1."]
    if model.is_causal("self") and method in ("received", "rollout"):
        remarks.append(
            "This model attends to earlier words only: its first word collects attention that "
            "means nothing, and few words attend to late ones."
        )
    if count > 1:
        remarks.append(
            f"The text is longer than {model.name} takes and was read in {count} parts; words are "
            "weighed within their part."
        )
    return tuple(remarks)
