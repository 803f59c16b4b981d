"""The time of queries over a collection, and of indexing compared with sentence-transformers.

    python -m benchmarks.retrieve DOCUMENTS [--rounds 15] [--passages 320] [--threads 2]

A query's time is that of `retrieval.search.search`: a run of the query (two with an edit), the
ranking of all documents, ten hits with their key words. Indexing is `retrieval.encoding.encode`;
it also computes attention-pooled and word vectors; sentence-transformers' `encode` computes the
mean alone. Both get the same passages with the same batch size, in turns; on a CPU beaconviz splits
a batch into passes that fit into its cache. A ratio below 1 is faster than sentence-transformers.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

import beaconviz as bv
from beaconviz.core import presets
from beaconviz.models.shipped.minilm import package_folder
from beaconviz.retrieval.documents import read_documents
from beaconviz.retrieval.encoding import encode
from beaconviz.retrieval.index import ready_index
from beaconviz.retrieval.search import METHODS, search
from benchmarks.timing import interleaved, lines

QUERY = "what problems of heat conduction in composite slabs have been solved so far"
BATCH = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--passages", type=int, default=320, help="that are encoded in each round")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--index", type=Path, help="where the index is; else it is made for this run"
    )
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = bv.load("minilm", device="cpu")
    collection = read_documents(options.documents)
    with tempfile.TemporaryDirectory() as folder:
        index = ready_index(collection, model, options.index or Path(folder) / "index", batch=BATCH)
        count = len(index.passages)
        print(f"{len(collection.documents)} documents, {count} passages, {options.threads} threads")
        design = presets.boost(QUERY.split(), word=4, value=20.0)
        cases = {name: lambda name=name: search(index, QUERY, name) for name in METHODS}
        cases |= {
            f"{name}, edited": lambda name=name: search(index, QUERY, name, design=design)
            for name in METHODS
        }
        for name, times in interleaved(cases, options.rounds).items():
            print(
                f"  {name:<20} {1000 * statistics.median(times):>6.1f} ms a query "
                f"({1000 * min(times):.1f} to {1000 * max(times):.1f})"
            )
        step = max(1, count // options.passages)
        texts = [index.text(number) for number in range(0, count, step)][: options.passages]
    theirs = SentenceTransformer(str(package_folder()), device="cpu")
    print(f"indexing {len(texts)} passages in batches of {BATCH}, × sentence-transformers")
    times = interleaved(
        {
            "sentence-transformers": lambda: theirs.encode(texts, batch_size=BATCH),
            "beaconviz": lambda: list(encode(model, texts, BATCH)),
        },
        max(3, options.rounds // 3),
    )
    print(lines(times, "sentence-transformers"))


if __name__ == "__main__":
    main()
