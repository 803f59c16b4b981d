"""Learned attention pooling: one vector w gives the weight of each word of a text.

α = softmax(wᵀvᵢ) over a text's word vectors v, and the text's vector is Σᵢ αᵢ vᵢ. This is the
column term of elastic attention (`engine.elastic`), applied to pooling. At w = 0 all words have the
same weight. Queries and documents are pooled by the same w.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import log_softmax, normalize

from beaconviz.core.errors import BeaconvizError
from beaconviz.retrieval.encoding import vectors
from beaconviz.retrieval.evaluation import Topics
from beaconviz.retrieval.index import Index
from beaconviz.retrieval.query_run import QueryRun
from beaconviz.retrieval.search import Ranking
from beaconviz.runs.execute import run

TEMPERATURE = 0.05  # of the softmax over cosines, as in MiniLM's training


@dataclass(frozen=True, eq=False)
class WordVectors:
    """The word vectors of several texts, concatenated.

    Attributes:
        vectors: Float["word hidden"].
        text_of_word: Int["word"], the number of each word's text.
        count: the number of texts.
    """

    vectors: Tensor
    text_of_word: Tensor
    count: int

    @classmethod
    def concatenated(cls, texts: Sequence[Tensor]) -> WordVectors:
        sizes = torch.tensor([len(text) for text in texts])
        text_of_word = torch.repeat_interleave(torch.arange(len(texts)), sizes)
        return cls(torch.cat(list(texts)), text_of_word, len(texts))

    def pooled(self, w: Tensor) -> Tensor:
        """Each text's Σᵢ αᵢ vᵢ scaled to length 1, Float["text hidden"], with α = softmax(wᵀv) over
        its words."""
        logits = self.vectors @ w
        highest = torch.full((self.count,), -torch.inf).scatter_reduce(
            0, self.text_of_word, logits, "amax"
        )
        raised = torch.exp(logits - highest.detach()[self.text_of_word])
        sums = torch.zeros(self.count, len(w)).index_add(
            0, self.text_of_word, raised[:, None] * self.vectors
        )
        return normalize(sums, dim=-1)  # which also cancels the denominator of the softmax


@dataclass(eq=False)
class Pooling:
    """Ranks a collection's documents by vectors pooled with w."""

    index: Index
    w: Tensor
    passages: WordVectors = field(repr=False)

    @cached_property
    def _pooled(self) -> Tensor:
        return self.passages.pooled(self.w)

    def __call__(self, query_run: QueryRun) -> Ranking:
        """The documents by the cosine of pooled vectors, each by its best passage."""
        query = WordVectors.concatenated([query_run.vectors.words]).pooled(self.w)[0]
        scores = (self._pooled @ query).numpy()
        best_scores = np.maximum.reduceat(scores, self.index.firsts).astype(np.float64)
        order = np.argsort(-best_scores, kind="stable")
        return Ranking(order, best_scores[order], self.index.firsts)


def passages_of(index: Index) -> WordVectors:
    """The word vectors of all passages, in memory."""
    return WordVectors.concatenated(
        [index.vectors_of(number) for number in range(len(index.passages))]
    )


@dataclass(frozen=True)
class PoolingStep:
    """The state of training before a step.

    Attributes:
        loss: the mean loss of the training queries, in nats.
        validation_loss: the mean loss of the queries that only choose the step, in nats.
        best: the w with the lowest validation loss so far, Float["hidden"].
    """

    number: int
    loss: float
    validation_loss: float
    best: Tensor


def train(
    index: Index,
    topics: Topics,
    queries: Sequence[str],
    *,
    passages: WordVectors | None = None,
    steps: int = 30,
    rate: float = 0.005,
) -> Iterator[PoolingStep]:
    """Learns w from queries and their relevant documents with Adam; yields each step.

    The loss of a query is contrastive, with every other document as a negative: −ln of the
    probability of its relevant documents in a softmax over all documents of cos / 0.05. Every
    fourth query is kept out of the gradient and used for validation: it chooses the step, so w = 0
    is chosen where learning does not help.

    Args:
        queries: the ids of the queries for training and validation.
        passages: the result of `passages_of`, if there is one.
        steps: the number of steps.
        rate: Adam's learning rate.

    Raises:
        BeaconvizError: fewer than four queries.
    """
    if len(queries) < 4:
        raise BeaconvizError(f"there are {len(queries)} queries to learn from; give at least 4")
    passages = passages_of(index) if passages is None else passages
    query_vectors = WordVectors.concatenated(
        [vectors(run(index.model, topics.queries[name])).words for name in queries]
    )
    relevant = _relevant(index, topics, queries)
    documents = torch.from_numpy(np.array(index.passages[:, 0]))
    validation = torch.arange(len(queries)) % 4 == 3
    w = torch.zeros(passages.vectors.shape[1], requires_grad=True)
    optimizer = torch.optim.Adam([w], lr=rate)
    best, lowest = w.detach().clone(), float("inf")
    for number in range(steps + 1):
        optimizer.zero_grad()
        cosines = query_vectors.pooled(w) @ passages.pooled(w).T  # (query, passage)
        losses = _losses(_best(cosines, documents, relevant.shape[1]) / TEMPERATURE, relevant)
        loss, validation_loss = losses[~validation].mean(), losses[validation].mean().item()
        if validation_loss < lowest:
            best, lowest = w.detach().clone(), validation_loss
        yield PoolingStep(number, loss.item(), validation_loss, best)
        loss.backward()
        optimizer.step()


def halves(queries: Sequence[str], seed: int) -> tuple[list[str], list[str]]:
    """Two random halves of the queries: for training and for testing."""
    order = np.random.default_rng(seed).permutation(len(queries))
    middle = len(queries) // 2
    return [queries[n] for n in order[:middle]], [queries[n] for n in order[middle:]]


def _best(cosines: Tensor, documents: Tensor, count: int) -> Tensor:
    """The cosine of each document's best passage, Float["query document"], from Float["query
    passage"]."""
    start = torch.full((len(cosines), count), -torch.inf)
    return start.scatter_reduce(1, documents.expand(len(cosines), -1), cosines, "amax")


def _losses(scores: Tensor, relevant: Tensor) -> Tensor:
    log_probabilities = log_softmax(scores, dim=-1)
    return -log_probabilities.masked_fill(~relevant, -torch.inf).logsumexp(dim=-1)


def _relevant(index: Index, topics: Topics, queries: Sequence[str]) -> Tensor:
    """Which documents are relevant to each query, Bool["query document"]."""
    names = {document.id: number for number, document in enumerate(index.collection.documents)}
    relevant = torch.zeros(len(queries), len(names), dtype=torch.bool)
    for row, query in enumerate(queries):
        for document, grade in topics.relevant[query].items():
            relevant[row, names[document]] = grade > 0
    return relevant
