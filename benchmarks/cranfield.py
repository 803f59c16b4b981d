"""All rankings on a collection with known answers, and pooling that is learned on half of its
queries.

    python -m benchmarks.cranfield FOLDER      # with documents.jsonl, queries.tsv and qrels.tsv

Prints the table of docs/experiments.md.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import torch
import typer
from scipy.stats import ttest_rel

import beaconviz as bv
from beaconviz.retrieval.documents import read_documents
from beaconviz.retrieval.evaluation import TESTED, judging, read_topics, score
from beaconviz.retrieval.index import ready_index
from beaconviz.retrieval.pooling import Pooling, halves, passages_of, train
from beaconviz.retrieval.search import METHODS


def main(
    folder: Path,
    index: Annotated[Path | None, typer.Option(help="Where the index is, or is made.")] = None,
    seeds: int = 5,
    steps: int = 30,
    rate: float = 0.005,
) -> None:
    """Score all methods, and pooling learned on one half of the queries, on the other half."""
    collection = read_documents(folder / "documents.jsonl")
    ready = ready_index(collection, bv.load("minilm"), index)
    names = [one.id for one in collection.documents]
    topics = read_topics(folder / "queries.tsv", folder / "qrels.tsv", names)
    passages = passages_of(ready)
    even = Pooling(ready, torch.zeros(passages.vectors.shape[1]), passages)
    found = dict(judging(ready, topics, METHODS, extra={"even": even}))
    scores = score(topics, found)
    print(f"{len(names)} documents, {len(ready.passages)} passages, {len(topics.queries)} queries")
    print(scores.table().to_markdown(index=False, floatfmt=".3f"), "\n")
    print(scores.tests().to_markdown(index=False, floatfmt=".3f"), "\n")
    rows = []
    for seed in range(seeds):
        some, held = halves(list(topics.queries), seed)
        each = list(train(ready, topics, some, passages=passages, steps=steps, rate=rate))
        chosen = min(each, key=lambda step: step.held)
        learned = Pooling(ready, each[-1].best, passages)
        both = dict(judging(ready, topics, (), extra={"learned": learned}))
        told = score(topics, {q: found[q] | both[q] for q in topics.queries})
        here = {name: frame.loc[held] for name, frame in told.by_query.items()}
        p = ttest_rel(here["learned"][TESTED], here["even"][TESTED]).pvalue
        rows.append(
            {
                "seed": seed,
                "step": chosen.number,
                "learned, own half": told.by_query["learned"].loc[some, TESTED].mean(),
                "even, own half": told.by_query["even"].loc[some, TESTED].mean(),
                **{f"{name}": here[name][TESTED].mean() for name in ("learned", "even", "mean")},
                "p against even": p,
            }
        )
    frame = pd.DataFrame(rows)
    print(f"nDCG@10 on the held-out half, {steps} steps at rate {rate}")
    print(frame.to_markdown(index=False, floatfmt=".3f"))
    print(frame.drop(columns="seed").mean().to_frame("mean").T.to_markdown(floatfmt=".3f"))


if __name__ == "__main__":
    typer.run(main)
