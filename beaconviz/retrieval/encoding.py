"""Vectors of texts: the mean of their tokens' states, the attention-pooled mean, and the vectors
of their words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from torch import Tensor
from torch.nn.functional import normalize

from beaconviz.analysis.explain.weights import token_weights, word_states
from beaconviz.core.errors import BeaconvizError
from beaconviz.models.model import Model
from beaconviz.models.tasks import STATES
from beaconviz.models.tasks.feature_extraction import StateOutput
from beaconviz.runs.batches import batches
from beaconviz.runs.execute import run_batch
from beaconviz.runs.run import Run

_CHUNK = 2048  # texts that are tokenized and sorted by length together


class Vectors(NamedTuple):
    """The vectors of one text.

    Attributes:
        mean: Float["hidden"], of length 1: the mean of the tokens' last states.
        received: Float["hidden"], of length 1: Σᵢ αᵢ uᵢ over the tokens' last states u, where α is
            the attention that each token receives in the last layer.
        words: Float["word hidden"], the mean of each word's tokens' last states.
    """

    mean: Tensor
    received: Tensor
    words: Tensor


def check_model(model: Model) -> None:
    """Check that a model gives vectors of texts.

    Raises:
        BeaconvizError: it does not.
    """
    if model.task is not STATES:
        raise BeaconvizError(
            f"{model.name} is for {model.task.name}; a search needs a model of hidden states, such as "
            "minilm"
        )


def encode(model: Model, texts: Sequence[str], batch: int = 32) -> Iterator[tuple[int, Vectors]]:
    """The number and vectors of every text, not in order: texts of similar length are run together,
    at most `batch` in a pass.

    Raises:
        BeaconvizError: a batch below 1.
    """
    if batch < 1:
        raise BeaconvizError(f"the batch is {batch}; expected 1 or more")
    for first in range(0, len(texts), _CHUNK):
        tokens = [model.tokenize(text) for text in texts[first : first + _CHUNK]]
        for numbers in batches(model, list(map(len, tokens)), batch):
            runs = run_batch(model, [tokens[n] for n in numbers], layer=model.layers - 1)
            for number, run in zip(numbers, runs, strict=True):
                yield first + number, vectors(run)


def vectors(run: Run) -> Vectors:
    """The vectors of a run's text; the run must hold the attention of the last layer."""
    mean = normalize(run.output.expect(StateOutput).vector, dim=0)
    return Vectors(mean, pooled(run.logits.float().cpu(), _received(run)), word_states(run))


def pooled(states: Tensor, weights: Tensor) -> Tensor:
    """Σᵢ αᵢ vᵢ scaled to length 1: Float["hidden"] from Float["n hidden"] and Float["n"].

    >>> import torch
    >>> pooled(torch.tensor([[2.0, 0.0], [0.0, 2.0]]), torch.tensor([1.0, 0.0])).tolist()
    [1.0, 0.0]
    """
    return normalize(weights @ states, dim=0)


def _received(run: Run) -> Tensor:
    return token_weights(run, "received", layers=[run.layers - 1])
