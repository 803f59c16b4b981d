"""A text run twice, untouched and edited, and what changed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

import pandas as pd
from torch import Tensor

from beaconviz.analysis import metrics
from beaconviz.core import maps
from beaconviz.core.design import Design
from beaconviz.core.design_json import design_to_dict
from beaconviz.core.words import Tokens
from beaconviz.models.loading import Model
from beaconviz.models.running import Run, Text, run


@dataclass(frozen=True)
class Change:
    """An entity that one run found and the other did not, or called something else.

    `before` and `after` are labels, None where the run found no entity at `text[start:end]`.
    """

    text: str
    start: int
    end: int
    before: str | None
    after: str | None
    score_before: float | None
    score_after: float | None

    def __str__(self) -> str:
        return f"{self.text} {self.before or 'none'} → {self.after or 'none'}"


@dataclass(frozen=True, eq=False)
class Comparison:
    """The baseline and the edited run of one text."""

    device: str
    design: Design
    baseline: Run
    edited: Run

    @property
    def model_name(self) -> str:
        return self.baseline.model_name

    @property
    def source(self) -> str:
        """The text that was read."""
        return self.baseline.source

    @cached_property
    def changes(self) -> list[Change]:
        """Entities that appeared, went, or changed their label, in the order of the text."""
        old = {(entity.start, entity.end): entity for entity in self.baseline.entities}
        new = {(entity.start, entity.end): entity for entity in self.edited.entities}
        changes = []
        for start, end in sorted(old.keys() | new.keys()):
            before, after = old.get((start, end)), new.get((start, end))
            if before and after and before.label == after.label:
                continue
            changes.append(
                Change(
                    text=self.source[start:end],
                    start=start,
                    end=end,
                    before=before.label if before else None,
                    after=after.label if after else None,
                    score_before=before.score if before else None,
                    score_after=after.score if after else None,
                )
            )
        return changes

    @cached_property
    def _divergence(self) -> Tensor:
        return metrics.divergence_by_head(self.baseline, self.edited)

    def divergence(self) -> Tensor:
        """How much each head changed, Float[Tensor, "layer head"], in nats: the mean over
        query tokens of the Jensen–Shannon divergence between its rows before and after."""
        return self._divergence

    def glance(
        self, layer: int | None, head: int | None, unit: str, special: bool
    ) -> tuple[Tensor, Tensor]:
        """The edited run's `attention(…)` and `divergence()`, in one pass over its maps."""
        run = self.edited
        run.check_place(layer, head)
        chosen = range(run.layers) if layer is None else (layer,)
        total = run.traces[0].query.new_zeros(len(run.aligned), len(run.aligned))

        def see(number: int, rows: slice, weights: Tensor) -> None:
            if number in chosen:
                total[rows] += weights.mean(dim=0) if head is None else weights[head]

        divergence = metrics.divergence_by_head(self.baseline, run, see)
        return maps.present(total / len(chosen), *run.axes(), unit, special).cpu(), divergence

    def metrics(self) -> pd.DataFrame:
        """A row per layer and head: divergence, entropy (nats) and distance (words), on tokens."""
        table = metrics.by_head(self.baseline, self.edited)
        for name in metrics.NAMES:
            table[f"{name}_change"] = table[f"{name}_edited"] - table[f"{name}_baseline"]
        heads = self.baseline.heads
        places = [divmod(number, heads) for number in range(self.baseline.layers * heads)]
        frame = pd.DataFrame(places, columns=["layer", "head"])
        return frame.assign(**{name: values.flatten().numpy() for name, values in table.items()})

    def words(self, layer: int | None = None, head: int | None = None) -> pd.DataFrame:
        """A row per word, on word maps without special tokens: entropy, distance, received
        (Σᵢ aᵢⱼ) before, after and their change, and divergence."""
        maps = {
            name: run.attention(layer, head, unit="word").double()
            for name, run in (("baseline", self.baseline), ("edited", self.edited))
        }
        frame = pd.DataFrame({"word": self.baseline.words})
        frame["divergence"] = metrics.divergence(maps["baseline"], maps["edited"]).numpy()
        places = maps["baseline"].new_tensor(range(len(frame)))
        measures = {
            "entropy": metrics.entropy,
            "distance": lambda weights: metrics.distance(weights, places, places),
            "received": metrics.received,
        }
        for name, measure in measures.items():
            for when, weights in maps.items():
                frame[f"{name}_{when}"] = measure(weights).numpy()
            frame[f"{name}_change"] = frame[f"{name}_edited"] - frame[f"{name}_baseline"]
        return frame

    def labels(self) -> pd.DataFrame:
        """A row per word: its tag before and after, and the probability of every label."""
        frame = pd.DataFrame({"word": self.baseline.words})
        runs = {"baseline": self.baseline, "edited": self.edited}
        for when, one in runs.items():
            frame[f"tag_{when}"] = one.tags or [""] * len(frame)
        for number, label in enumerate(self.baseline.labels):
            for when, one in runs.items():
                frame[f"{label}_{when}"] = one.probabilities[:, number].numpy()
        return frame

    def guesses(self, count: int = 10) -> pd.DataFrame:
        """For models over a vocabulary: what may stand at each mask, or go on after the text.

        A row for each token that is among the `count` likeliest of either run: its `place` in the
        text's tokens, the token as text (`guess`), its probability and its rank (from 1) before
        and after. Those of a place are together, the likeliest after the edit first.

        Raises:
            BeaconvizError: a model that is not over a vocabulary.
        """
        names = ["baseline", "edited", "change", "rank_baseline", "rank_edited"]
        rows = []
        for place in self.baseline.asked:
            before, after = self.baseline.guessed(place), self.edited.guessed(place)
            ranks = [one.argsort(descending=True).argsort() + 1 for one in (before, after)]
            likely = {
                token for one in (before, after) for token in one.topk(count).indices.tolist()
            }
            for token in sorted(likely, key=lambda token: -float(after[token])):
                old, new = float(before[token]), float(after[token])
                places = (int(rank[token]) for rank in ranks)
                guess = self.baseline.model.spell(token)
                rows.append((place, guess, old, new, new - old, *places))
        return pd.DataFrame(rows, columns=["place", "guess", *names])

    def to_dict(self, layer: int | None = None, head: int | None = None) -> dict[str, Any]:
        """Plain data, as `beaconviz compare --json` prints it; metrics of one layer and head
        only when they are given."""
        self.baseline.check_place(layer, head)
        table = self.metrics()
        for name, number in (("layer", layer), ("head", head)):
            if number is not None:
                table = table[table[name] == number]
        return {
            "model": self.model_name,
            "device": self.device,
            "words": self.baseline.words,
            "tokens": self.baseline.tokens,
            "design": design_to_dict(self.design),
            "baseline": _said(self.baseline),
            "edited": _said(self.edited),
            "changes": [asdict(change) for change in self.changes],
            **({"guesses": self.guesses().to_dict("records")} if self.baseline.asked else {}),
            "metrics": table.to_dict("records"),
        }

    def _repr_html_(self) -> str:
        # A notebook asks the value itself to draw; figures are a floor above, so look them up then.
        html: str = import_module("beaconviz.figures.report").notebook_html(self)
        return html


def _said(one: Run) -> dict[str, Any]:
    return {"entities": [asdict(entity) for entity in one.entities], "tags": one.tags}


def compare(
    model: Model,
    text_or_words: Text | Tokens,
    design: Design,
    *,
    baseline: Run | None = None,
) -> Comparison:
    """Runs a text without and with a design.

    Args:
        baseline: the same text's untouched run, when it is at hand.

    Raises:
        BeaconvizError: a text or a design that does not fit the model.
    """
    baseline = run(model, text_or_words) if baseline is None else baseline
    edited = run(model, baseline.aligned, design, baseline=baseline)
    return Comparison(str(model.device), design, baseline, edited)
