"""α: the weight of each word of a text, by several methods that need not agree.

Weights are not negative and sum to 1. Special tokens, and tokens without a letter or a digit, have
weight 0; the others are renormalised. Attention is no explanation by itself; `analysis.faithful`
tests whether what the model says depends on a method's words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import torch
from torch import Tensor

from beaconviz.core.errors import BeaconvizError
from beaconviz.core.indicator import averaging, indicator
from beaconviz.core.words import Tokens
from beaconviz.models.tasks.values import Statement
from beaconviz.runs.hidden_words import attention_slopes, integrated_gradients
from beaconviz.runs.run import Run

Method = Literal["received", "rollout", "similarity", "gradient", "integrated"]
METHODS: tuple[Method, ...] = get_args(Method)
ABOUT: dict[Method, str] = {
    "received": "attention received, the mean over layers, heads and query words",
    "rollout": "attention followed through all layers, half of each kept by the word itself",
    "similarity": "how alike a word's last state is to the query's, or to the whole text's",
    "gradient": "attention times its gradient: attention that the model's answer depends on",
    "integrated": "integrated gradients of the answer: the words themselves, not the attention",
}
Score = Literal["cosine", "dot"]
TEMPERATURE = 0.05  # of the softmax over cosines, as MiniLM was trained (a scale of 20)


def word_weights(
    run: Run,
    method: Method = "received",
    *,
    layers: Sequence[int] | None = None,
    heads: Sequence[int] | None = None,
    statement: Statement | None = None,
    query: Tensor | None = None,
    score: Score = "cosine",
) -> Tensor:
    """The weight of each word, Float["word"]: the sum over its tokens. `similarity` compares whole
    words instead.

    Args:
        method: one of METHODS.
        layers, heads: those that "received", "rollout" and "gradient" use; all by default.
        statement: the statement to explain. Attention is then counted from the query tokens that
            make it, and gradients are those of its value. By default attention is counted from all
            words, and gradients are those of `Output.whole_statement`.
        query: for "similarity" a vector, Float["hidden"], such as the mean of a run's `states`. By
            default the mean over the text's own words.
        score: for "similarity": α = softmax(cos(vᵢ, q) / 0.05), or softmax(vᵢ · q / √hidden).

    Raises:
        BeaconvizError: no such method, layer or head; a text in which nothing can count; or a model
            that the method is not for.
    """
    if method == "similarity":
        similarities = similarity(word_states(run), query, score)
        return shared(similarities, counted_words(run.aligned))
    weights = token_weights(run, method, layers=layers, heads=heads, statement=statement)
    return weights @ _belongs(run.aligned)


def token_weights(
    run: Run,
    method: Method = "received",
    *,
    layers: Sequence[int] | None = None,
    heads: Sequence[int] | None = None,
    statement: Statement | None = None,
) -> Tensor:
    """As `word_weights`, of tokens, Float["token"]; not by "similarity".

    Raises:
        BeaconvizError: as `word_weights`.
    """
    _check(run, method, layers, heads)
    every = layers is None, heads is None
    chosen_layers = range(run.layers) if every[0] else sorted(set(layers or ()))
    chosen_heads = range(run.heads) if every[1] else sorted(set(heads or ()))
    counted = _counted(run.aligned)
    if method in ("gradient", "integrated"):
        statement = statement or run.output.whole_statement()
        contributions = (
            gradient_attention(run, statement, chosen_layers, chosen_heads)
            if method == "gradient"
            else integrated_gradients(run, statement.slope).clamp(min=0)
        )
        return shared(contributions.float().cpu(), counted > 0)
    asking = _asking(run.aligned, statement)
    look = rollout if method == "rollout" else received
    return shared(look(run, asking, chosen_layers, chosen_heads), counted > 0)


def received(
    run: Run, asking: Sequence[int], layers: Sequence[int], heads: Sequence[int]
) -> Tensor:
    """The attention that each token receives, Float["token"]: the mean over layers, heads, and
    those query tokens (`asking`) that may attend to it. In a causal model these are fewer for late
    tokens."""
    total, asks = torch.zeros(len(run.aligned)), torch.zeros(len(run.aligned))
    asks[list(asking)] = 1
    for layer in layers:
        paid = torch.zeros(len(run.aligned))
        for rows, block in run.blocks(layer, heads):
            paid += (asks[rows].to(block) @ block).sum(dim=0).float().cpu()
        mask = run.traces[layer].mask
        may = torch.tensor(float(len(asking)))
        if mask is not None:
            may = mask[0, list(asking)].sum(dim=0).float().cpu().clamp(min=1)
        total += paid / may / len(heads)
    return total / len(layers)


def rollout(run: Run, asking: Sequence[int], layers: Sequence[int], heads: Sequence[int]) -> Tensor:
    """Attention rollout (Abnar and Zuidema 2020, arXiv 2005.00928, §3), Float["token"]: the mean of
    the `asking` rows of Ãₗ ⋯ Ã₁, where Ã = (A + I)/2 and A is the mean over heads."""
    flow = torch.zeros(len(run.aligned))
    flow[list(asking)] = 1 / len(asking)
    for layer in reversed(layers):
        through = torch.zeros_like(flow)
        for rows, block in run.blocks(layer, heads):
            through += flow[rows] @ block.mean(dim=0).float().cpu()
        flow = (flow + through) / 2
    return flow


def gradient_attention(
    run: Run, statement: Statement, layers: Sequence[int], heads: Sequence[int]
) -> Tensor:
    """Gradient × attention, Float["token"]: the sum over layers, heads and query rows of α · ∂y/∂α
    where that is above zero (as Chefer et al. 2021, arXiv 2012.09838, keep it, without their
    rollout)."""
    total = torch.zeros(len(run.aligned))
    for layer, slope in enumerate(attention_slopes(run, statement.slope)):
        if layer not in layers:
            continue
        for rows, block in run.blocks(layer, heads):
            for number, head in enumerate(heads):
                pull = block[number] * slope(head, rows)
                total += pull.clamp(min=0).sum(dim=0).float().cpu()
    return total


def similarity(vectors: Tensor, query: Tensor | None, score: Score = "cosine") -> Tensor:
    """The weights α = softmax(score(vᵢ, q)), Float["word"] of Float["word hidden"] and
    Float["hidden"]; without a query, q is the mean of the vectors.

    >>> similarity(torch.eye(2), torch.tensor([1.0, 0.0]), "dot").tolist()[0] > 0.6
    True

    Raises:
        BeaconvizError: no such score, or vectors of another size.
    """
    if score not in get_args(Score):
        raise BeaconvizError(
            f"the score is {score!r}; expected one of {', '.join(get_args(Score))}"
        )
    query = vectors.mean(dim=0) if query is None else query
    if query.shape[-1] != vectors.shape[-1]:
        raise BeaconvizError(
            f"the query's vector has {query.shape[-1]} components, the words' have "
            f"{vectors.shape[-1]}: make both with the same model"
        )
    products = vectors @ query
    if score == "dot":
        return torch.softmax(products / vectors.shape[-1] ** 0.5, dim=0)
    lengths = (
        vectors.norm(dim=-1) * query.norm()
    )  # torch's own cosine_similarity takes three times as long
    return torch.softmax(products / lengths.clamp(min=1e-8) / TEMPERATURE, dim=0)


def counted_words(tokens: Tokens) -> Tensor:
    """The words that can have a weight: those with a token and a letter or digit, Bool["word"]."""
    return _counted(tokens) @ _belongs(tokens) > 0


def word_states(run: Run) -> Tensor:
    """The mean of each word's last states, Float["word hidden"]; zeros where it has no token."""
    return averaging(_belongs(run.aligned)).T @ _states(run)


def mean_state(run: Run) -> Tensor:
    """The mean of all tokens' last states, Float["hidden"]: a text's vector."""
    return _states(run).mean(dim=0)


def _states(run: Run) -> Tensor:
    if run.states is None:
        raise BeaconvizError(
            f"{run.model_name} reads one text and writes another: no state stands for a word of both"
        )
    return run.states.float().cpu()


def _belongs(tokens: Tokens) -> Tensor:
    """E, Float["token word"]."""
    return indicator(tokens.word_of, len(tokens.words))


def _counted(tokens: Tokens) -> Tensor:
    """1 for a token of a word that has a letter or a digit in it, Float["token"]."""
    return torch.tensor(
        [
            float(word is not None and any(c.isalnum() for c in tokens.text[start:end]))
            for word, (start, end) in zip(tokens.word_of, tokens.spans, strict=True)
        ]
    )


def _asking(tokens: Tokens, statement: Statement | None) -> list[int]:
    """The query rows whose attention counts: those of the statement, or all but special tokens."""
    if statement is not None and statement.asking is not None:
        return list(statement.asking)
    return [token for token, special in enumerate(tokens.special) if not special]


def shared(weights: Tensor, counted: Tensor) -> Tensor:
    """The weights of the counted items, normalised to sum to 1; equal where all of them are 0."""
    if not counted.any():
        raise BeaconvizError(
            "the text has no word with a letter or a digit: nothing in it can count"
        )
    kept = torch.where(counted, weights, torch.zeros_like(weights))
    kept = kept if kept.sum() > 0 else counted.float()
    return kept / kept.sum()


def _check(
    run: Run, method: str, layers: Sequence[int] | None, heads: Sequence[int] | None
) -> None:
    if method not in METHODS:
        raise BeaconvizError(f"the method is {method!r}; expected one of {', '.join(METHODS)}")
    for name, numbers in (("layers", layers), ("heads", heads)):
        if numbers is not None and not len(numbers):
            raise BeaconvizError(f"no {name} are given; name at least one, or none for all")
    for layer in layers or ():
        run.check_place(layer, None)
    for head in heads or ():
        run.check_place(None, head)
