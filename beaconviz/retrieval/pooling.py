"""Learned attention-pooling: one vector w that says how much each word of a text counts.

α = softmax(wᵀvᵢ) over a text's word vectors v, and the text's vector is Σᵢ αᵢ vᵢ: the column term
of elastic attention (`models.elastic`), which reads a state by one vector, put to pooling. At w = 0
every word counts the same. Queries and documents are pooled by the same w.
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
from beaconviz.retrieval.asking import Asked
from beaconviz.retrieval.encoding import vectors
from beaconviz.retrieval.evaluation import Topics
from beaconviz.retrieval.index import Index
from beaconviz.retrieval.search import Ranking
from beaconviz.runs.execute import run

TEMPERATURE = 0.05  # of cosines, as MiniLM was trained with


@dataclass(frozen=True, eq=False)
class Words:
    """The word vectors of several texts, one after the other. of: Int["word"], the text of each."""

    vectors: Tensor  # (word, hidden)
    of: Tensor
    count: int

    @classmethod
    def together(cls, texts: Sequence[Tensor]) -> Words:
        sizes = torch.tensor([len(text) for text in texts])
        of = torch.repeat_interleave(torch.arange(len(texts)), sizes)
        return cls(torch.cat(list(texts)), of, len(texts))

    def pooled(self, w: Tensor) -> Tensor:
        """Each text's Σᵢ αᵢ vᵢ of length 1, Float["text hidden"], α = softmax(wᵀv) over its
        words."""
        logits = self.vectors @ w
        highest = torch.full((self.count,), -torch.inf).scatter_reduce(0, self.of, logits, "amax")
        raised = torch.exp(logits - highest.detach()[self.of])
        sums = torch.zeros(self.count, len(w)).index_add(0, self.of, raised[:, None] * self.vectors)
        return normalize(sums, dim=-1)  # the softmax's denominator goes away here


@dataclass(eq=False)
class Pooling:
    """A collection's passages under a w; what is ranked by it."""

    index: Index
    w: Tensor
    passages: Words = field(repr=False)

    @cached_property
    def _pooled(self) -> Tensor:
        return self.passages.pooled(self.w)

    def __call__(self, asked: Asked) -> Ranking:
        """The documents by the cosine of pooled vectors, each by its best passage."""
        query = Words.together([asked.vectors.words]).pooled(self.w)[0]
        scores = (self._pooled @ query).numpy()
        tops = np.maximum.reduceat(scores, self.index.firsts).astype(np.float64)
        order = np.argsort(-tops, kind="stable")
        return Ranking(order, tops[order], self.index.firsts)


def passages_of(index: Index) -> Words:
    """The word vectors of all passages, in memory."""
    return Words.together([index.vectors_of(number) for number in range(len(index.passages))])


@dataclass(frozen=True)
class PoolingStep:
    """Where training is.

    loss, held: on the queries that are learned from, and on those that only choose the step; before
    the step. best: the w of the least `held` so far.
    """

    number: int
    loss: float
    held: float
    best: Tensor


def train(
    index: Index,
    topics: Topics,
    queries: Sequence[str],
    *,
    passages: Words | None = None,
    steps: int = 30,
    rate: float = 0.005,
) -> Iterator[PoolingStep]:
    """Learns w from some queries and their right documents, by gradient (Adam), a step at a time.

    The loss of a query is −ln of the share that its right documents have in a softmax over all
    documents of cos / 0.05: contrastive, with every other document as a negative. Every fourth
    query is kept out of the gradient, and chooses the step: w = 0 wins where learning does not help
    these.

    Args:
        queries: the ids of those to learn from.
        passages: as `passages_of` gives them, where they are at hand.

    Raises:
        BeaconvizError: fewer than four queries.
    """
    if len(queries) < 4:
        raise BeaconvizError(f"there are {len(queries)} queries to learn from; give at least 4")
    passages = passages_of(index) if passages is None else passages
    asked = Words.together(
        [vectors(run(index.model, topics.queries[name])).words for name in queries]
    )
    right = _right(index, topics, queries)
    documents = torch.from_numpy(np.array(index.passages[:, 0]))
    chooses = torch.arange(len(queries)) % 4 == 3
    w = torch.zeros(passages.vectors.shape[1], requires_grad=True)
    optimizer = torch.optim.Adam([w], lr=rate)
    best, least = w.detach().clone(), float("inf")
    for number in range(steps + 1):
        optimizer.zero_grad()
        cosines = asked.pooled(w) @ passages.pooled(w).T  # (query, passage)
        losses = _losses(_best(cosines, documents, right.shape[1]) / TEMPERATURE, right)
        loss, held = losses[~chooses].mean(), losses[chooses].mean().item()
        if held < least:
            best, least = w.detach().clone(), held
        yield PoolingStep(number, loss.item(), held, best)
        loss.backward()
        optimizer.step()


def halves(queries: Sequence[str], seed: int) -> tuple[list[str], list[str]]:
    """Two halves of the queries, drawn by a seed: to learn from, and to test on."""
    order = np.random.default_rng(seed).permutation(len(queries))
    middle = len(queries) // 2
    return [queries[n] for n in order[:middle]], [queries[n] for n in order[middle:]]


def _best(cosines: Tensor, documents: Tensor, count: int) -> Tensor:
    """Each document's best passage, Float["query document"]."""
    start = torch.full((len(cosines), count), -torch.inf)
    return start.scatter_reduce(1, documents.expand(len(cosines), -1), cosines, "amax")


def _losses(scores: Tensor, right: Tensor) -> Tensor:
    chances = log_softmax(scores, dim=-1)
    return -chances.masked_fill(~right, -torch.inf).logsumexp(dim=-1)


def _right(index: Index, topics: Topics, queries: Sequence[str]) -> Tensor:
    """Which documents answer each query, Bool["query document"]."""
    names = {one.id: number for number, one in enumerate(index.collection.documents)}
    right = torch.zeros(len(queries), len(names), dtype=torch.bool)
    for row, query in enumerate(queries):
        for document, grade in topics.relevant[query].items():
            right[row, names[document]] = grade > 0
    return right
