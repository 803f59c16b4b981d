"""A generated or forced text: how much it attends to each source word, and its steps."""

from __future__ import annotations

import pandas as pd

from beaconviz.runs.run import Run

DROPPED = 0.2  # of an even share: a word that receives less counts as dropped


def source_weights(run: Run, layer: int | None = None, head: int | None = None) -> pd.DataFrame:
    """The information weight of every source word, wⱼ = Σᵢ aᵢⱼ over the steps i.

    Special tokens are left out on both sides and the rest is renormalised, so the weights sum to
    the number of steps. A row per word: `word`, `weight`, and `dropped`: whether it receives less
    than a fifth of an even share. A word without tokens is never dropped.

    Raises:
        BeaconvizError: a layer or head that does not exist, or a run of a model without a decoder
            that attends to the words.
    """
    weights = run.attention(layer, head, "word", special=False, attention="cross").sum(dim=0)
    even = float(weights.sum()) / len(weights)
    unread = run.aligned.without_tokens  # the model never sees them
    low = (weights < DROPPED * even).tolist()
    dropped = [is_low and word not in unread for word, is_low in enumerate(low)]
    return pd.DataFrame({"word": run.words, "weight": weights.tolist(), "dropped": dropped})


def steps(run: Run, count: int = 5) -> pd.DataFrame:
    """The most likely tokens of each step, and the generated one: a row per step and token.

    Columns: `step`, `written` (the generated token as text), `token`, `probability`, and `rank`
    from 1. The most likely token of a step comes first.
    """
    written = run.generation
    rows: list[tuple[int, str, str, float, int]] = []
    if written is not None:
        for step, number in enumerate(written.tokens.ids):
            shown = run.model.spell(number)
            likely = written.likeliest(step, count)
            rows += [
                (step, shown, run.model.spell(token), chance, rank)
                for rank, (token, chance) in enumerate(likely, start=1)
            ]
            if number not in dict(likely):
                chance = float(written.probabilities[step])
                rank = int((written.logits[step] > written.logits[step][number]).sum()) + 1
                rows.append((step, shown, shown, chance, rank))
    return pd.DataFrame(rows, columns=["step", "written", "token", "probability", "rank"])
