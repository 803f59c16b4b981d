"""How well a model names entities: strict seqeval scores of its tags.

python -m beaconviz.evaluate.scores ner-mini dev.conll --read lower
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from nervaluate import Evaluator
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.labels import spelled
from beaconviz.data.conll import Sentence
from beaconviz.data.dataset import read_dataset
from beaconviz.data.schemes import is_tag
from beaconviz.data.targets import encode
from beaconviz.models.loading import load


@dataclass(frozen=True)
class Scores:
    """Strict entity scores, from 0 to 1.

    Attributes:
        by_type: type (and "micro avg") → precision, recall, f1-score, support.
        macro: the unweighted mean over types.
        loose: precision, recall and F1 where an entity with wrong ends counts half ("partial"),
            and where the right type and an overlap are enough ("type").
    """

    by_type: dict[str, dict[str, float]]
    macro: dict[str, float]
    loose: dict[str, dict[str, float]]

    @property
    def micro(self) -> dict[str, float]:
        return self.by_type["micro avg"]

    @property
    def f1(self) -> float:
        """Strict micro F1."""
        return self.micro["f1-score"]

    def to_dict(self) -> dict[str, Any]:
        """Plain data: micro precision, recall and f1, `types`, `macro`, `partial` and `type`."""
        types = {kind: row for kind, row in self.by_type.items() if kind != "micro avg"}
        return {
            **_plain(self.micro),
            "types": {kind: _plain(row) for kind, row in types.items()},
            "macro": _plain(self.macro),
            **self.loose,
        }

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


def score(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]]) -> Scores:
    """Strict scores (IOB2: an entity counts when its type and both ends are right), micro-averaged.

    >>> score([["B-PER", "I-PER", "O"]], [["B-PER", "O", "O"]]).f1
    0.0
    """
    if not any(tag != "O" for sentence_tags in (*gold, *predicted) for tag in sentence_tags):
        return _NOTHING
    report = classification_report(
        [list(tags) for tags in gold],
        [list(tags) for tags in predicted],
        mode="strict",
        scheme=IOB2,
        output_dict=True,
        zero_division=0,
    )
    rows = {
        kind: {name: float(value) for name, value in row.items()} for kind, row in report.items()
    }
    by_type = {k: row for k, row in rows.items() if k not in ("macro avg", "weighted avg")}
    types = [kind for kind in by_type if kind != "micro avg"]
    return Scores(by_type, rows["macro avg"], _loose(gold, predicted, types))


_ZEROS = {"precision": 0.0, "recall": 0.0, "f1-score": 0.0, "support": 0.0}
_NO_LOOSE = {"precision": 0.0, "recall": 0.0, "f1": 0.0}
_NOTHING = Scores({"micro avg": _ZEROS}, _ZEROS, {"partial": _NO_LOOSE, "type": _NO_LOOSE})


def _loose(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], types: list[str]
) -> dict[str, dict[str, float]]:
    """nervaluate's partial and type scores, as MUC and SemEval 2013 task 9 define them."""
    taggings = ([list(tags) for tags in tagging] for tagging in (gold, predicted))
    overall = Evaluator(*taggings, tags=types, loader="list").evaluate()["overall"]
    return {
        name: {
            measure: float(getattr(overall[kind], measure))
            for measure in ("precision", "recall", "f1")
        }
        for name, kind in (("partial", "partial"), ("type", "ent_type"))
    }


def _plain(row: dict[str, float]) -> dict[str, float]:
    return {
        "precision": row["precision"],
        "recall": row["recall"],
        "f1": row["f1-score"],
        "support": row["support"],
    }


def evaluate(
    network: PreTrainedModel, tokenizer: PreTrainedTokenizerFast, sentences: list[Sentence]
) -> Scores:
    """Scores of the network on labelled sentences."""
    predicted = predict_tags(network, tokenizer, [sentence.words for sentence in sentences])
    return score([sentence.tags for sentence in sentences], predicted)


@torch.inference_mode()
def predict_tags(
    network: PreTrainedModel,
    tokenizer: PreTrainedTokenizerFast,
    texts: Sequence[Sequence[str]],
    batch_size: int = 32,
) -> list[list[str]]:
    """One BIO tag per word; "O" for a word without tokens or beyond the model's length."""
    network.eval()
    labels = spelled([network.config.id2label[n] for n in range(network.config.num_labels)])
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
                tags[text][word] = labels[row[token]]
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
        sentences = read_dataset(data).sentences
        loaded = load(model)
        if not loaded.labels or not all(map(is_tag, loaded.labels)):
            raise BeaconvizError(f"{model} has no labels O, B-TYPE and I-TYPE: choose a NER model")
    except BeaconvizError as error:
        raise typer.BadParameter(str(error)) from None
    changed = [
        replace(sentence, words=tuple(map(_CHANGES[read], sentence.words)))
        for sentence in sentences
    ]
    typer.echo(evaluate(loaded.network, loaded.tokenizer, changed).table())


if __name__ == "__main__":
    typer.run(main)
