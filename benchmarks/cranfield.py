"""All ranking methods on a collection with relevance judgements, and pooling that is learned on
half of its queries.

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
    """Score all methods on all queries, and learned pooling on the half that is held out."""
    collection = read_documents(folder / "documents.jsonl")
    ready = ready_index(collection, bv.load("minilm"), index)
    names = [document.id for document in collection.documents]
    topics = read_topics(folder / "queries.tsv", folder / "qrels.tsv", names)
    passages = passages_of(ready)
    even = Pooling(ready, torch.zeros(passages.vectors.shape[1]), passages)
    by_query = dict(judging(ready, topics, METHODS, extra={"even": even}))
    scores = score(topics, by_query)
    print(f"{len(names)} documents, {len(ready.passages)} passages, {len(topics.queries)} queries")
    print(scores.table().to_markdown(index=False, floatfmt=".3f"), "\n")
    print(scores.tests().to_markdown(index=False, floatfmt=".3f"), "\n")
    rows = []
    for seed in range(seeds):
        training, test = halves(list(topics.queries), seed)
        training_steps = list(
            train(ready, topics, training, passages=passages, steps=steps, rate=rate)
        )
        chosen = min(training_steps, key=lambda step: step.validation_loss)
        pooling = Pooling(ready, training_steps[-1].best, passages)
        pooled_by_query = dict(judging(ready, topics, (), extra={"learned": pooling}))
        seed_scores = score(topics, {q: by_query[q] | pooled_by_query[q] for q in topics.queries})
        test_scores = {name: frame.loc[test] for name, frame in seed_scores.by_query.items()}
        p = ttest_rel(test_scores["learned"][TESTED], test_scores["even"][TESTED]).pvalue
        rows.append(
            {
                "seed": seed,
                "step": chosen.number,
                "learned, own half": seed_scores.by_query["learned"].loc[training, TESTED].mean(),
                "even, own half": seed_scores.by_query["even"].loc[training, TESTED].mean(),
                **{
                    f"{name}": test_scores[name][TESTED].mean()
                    for name in ("learned", "even", "mean")
                },
                "p against even": p,
            }
        )
    frame = pd.DataFrame(rows)
    print(f"nDCG@10 on the held-out half, {steps} steps at rate {rate}")
    print(frame.to_markdown(index=False, floatfmt=".3f"))
    print(frame.drop(columns="seed").mean().to_frame("mean").T.to_markdown(floatfmt=".3f"))


if __name__ == "__main__":
    typer.run(main)
