"""Approximate nearest neighbours by faiss; up to `LIMIT` vectors a plain product is as fast."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from beaconviz.core.extras import extra

LIMIT = 100_000  # passages
MOST = 2000  # nearest vectors that are returned, and searched among
_NEIGHBOURS = 32  # edges of each vector in the graph


def graph_of(vectors: NDArray[np.float32]) -> Any:
    """An HNSW graph of vectors, Float["vector hidden"] (Malkov and Yashunin 2016, arXiv
    1603.09320).

    Raises:
        BeaconvizError: faiss is not installed.
    """
    with extra("large", f"a search over {len(vectors):,} passages"):
        import faiss
    graph = faiss.IndexHNSWFlat(vectors.shape[1], _NEIGHBOURS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efSearch = MOST
    graph.add(np.ascontiguousarray(vectors))
    return graph


def products(graph: Any, query: NDArray[np.float32]) -> NDArray[np.float32]:
    """The inner product of each vector of a graph with a query, Float["vector"]; -1 for all but
    about the `MOST` nearest."""
    scores = np.full(graph.ntotal, -1.0, np.float32)
    nearest, numbers = graph.search(query[None], min(MOST, graph.ntotal))
    found = numbers[0] >= 0
    scores[numbers[0][found]] = nearest[0][found]
    return scores
