"""How well a model names entities: strict seqeval scores of its tags.

python -m beaconviz.learning.evaluation ner-mini dev.conll --read lower
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Annotated

import torch
import typer
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from beaconviz.core.errors import BeaconvizError
from beaconviz.learning.conll import Sentence, is_tag, read_conll
from beaconviz.learning.marks import encode
from beaconviz.models.loading import load


@dataclass(frozen=True)
class Scores:
    """Strict entity scores, shares of 1: type (and "micro avg") → precision, recall, f1-score, support."""

    by_type: dict[str, dict[str, float]]

    @property
    def f1(self) -> float:
        return self.by_type["micro avg"]["f1-score"]

    def table(self) -> str:
        """The scores as a Markdown table."""
        rows = [
            f"| {kind} | {row['precision']:.3f} | {row['recall']:.3f} | {row['f1-score']:.3f} | {row['support']:.0f} |"
            for kind, row in self.by_type.items()
        ]
        return "\n".join(
            [
                "| type | precision | recall | F1 | entities |",
                "| --- | --- | --- | --- | --- |",
                *rows,
            ]
        )


def score(gold: Sequence[Sequence[str]], found: Sequence[Sequence[str]]) -> Scores:
    """Strict scores (IOB2: an entity counts when its type and both ends are right), micro-averaged.

    >>> score([["B-PER", "I-PER", "O"]], [["B-PER", "O", "O"]]).f1
    0.0
    """
    report = classification_report(
        [list(tags) for tags in gold],
        [list(tags) for tags in found],
        mode="strict",
        scheme=IOB2,
        output_dict=True,
        zero_division=0,
    )
    kept = [kind for kind in report if kind not in ("macro avg", "weighted avg")]
    return Scores(
        {kind: {name: float(value) for name, value in report[kind].items()} for kind in kept}
    )


def evaluate(
    network: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, sentences: list[Sentence]
) -> Scores:
    """Scores of the network on labelled sentences."""
    found = predict_tags(network, tokenizer, [sentence.words for sentence in sentences])
    return score([sentence.tags for sentence in sentences], found)


@torch.inference_mode()
def predict_tags(
    network: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    texts: Sequence[Sequence[str]],
    batch_size: int = 32,
) -> list[list[str]]:
    """A tag per word; "O" for a word that got no token or lies beyond what the model reads."""
    network.eval()
    encoded = [encode(tokenizer, words) for words in texts]
    tags: list[list[str]] = [["O"] * len(words) for words in texts]
    shortest_first = sorted(range(len(texts)), key=lambda text: len(encoded[text][0]))
    for batch in _chunks(shortest_first, batch_size):
        padded = tokenizer.pad(
            {"input_ids": [encoded[text][0] for text in batch]}, return_tensors="pt"
        )
        best = network(**padded.to(network.device)).logits.argmax(-1)  # (batch, tokens)
        for row, text in zip(best.tolist(), batch, strict=True):
            for word, token in encoded[text][1].items():
                tags[text][word] = network.config.id2label[row[token]]
    return tags


def _chunks(items: Sequence[int], size: int) -> Iterable[Sequence[int]]:
    return (items[start : start + size] for start in range(0, len(items), size))


class Reading(Enum):
    """In which case a text is given to the model."""

    AS_IS = "as-is"
    LOWER = "lower"
    UPPER = "upper"


_CHANGES: dict[Reading, Callable[[str], str]] = {
    Reading.AS_IS: str,
    Reading.LOWER: str.lower,
    Reading.UPPER: str.upper,
}


def main(
    model: Annotated[str, typer.Argument(help="ner-mini, a Hub id or a folder.")],
    data: Annotated[Path, typer.Argument(help="CoNLL file to measure on.")],
    read: Annotated[Reading, typer.Option(help="Case to read the text in.")] = Reading.AS_IS,
) -> None:
    """Print the strict scores of a model on a CoNLL file."""
    try:
        sentences = read_conll(data)
        loaded = load(model)
        if not loaded.labels or not all(map(is_tag, loaded.labels)):
            raise BeaconvizError(f"{model} has no labels O, B-TYPE and I-TYPE: take one that has")
    except BeaconvizError as error:
        raise typer.BadParameter(str(error)) from None
    changed = [
        replace(sentence, words=tuple(map(_CHANGES[read], sentence.words)))
        for sentence in sentences
    ]
    typer.echo(evaluate(loaded.network, loaded.tokenizer, changed).table())


if __name__ == "__main__":
    typer.run(main)
