"""The nearest of very many vectors, by faiss; up to `LIMIT` a plain product is as fast."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from beaconviz.core.extras import extra

LIMIT = 100_000  # passages
MOST = 2000  # that are looked at
_NEIGHBOURS = 32  # of each vector in the graph


def graph_of(vectors: NDArray[np.float32]) -> Any:
    """A graph in which the nearest of vectors are found (Malkov and Yashunin 2016, arXiv
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
    """The product of each vector of a graph with a query, Float["vector"]; of all but the `MOST`
    nearest it is not counted, and -1."""
    scores = np.full(graph.ntotal, -1.0, np.float32)
    found, places = graph.search(query[None], min(MOST, graph.ntotal))
    known = places[0] >= 0
    scores[places[0][known]] = found[0][known]
    return scores
