"""A text run twice, without and with a design, and what changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

import pandas as pd
from torch import Tensor

from beaconviz.analysis import metrics
from beaconviz.analysis.generations import source_weights
from beaconviz.core import maps
from beaconviz.core.design import Design
from beaconviz.core.edit import Attention
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Tokens
from beaconviz.models.model import Model
from beaconviz.models.tasks.values import Change, LabelTable, Printed, Shown, Table
from beaconviz.runs.execute import Text, run
from beaconviz.runs.run import Run


@dataclass(frozen=True, eq=False)
class Comparison:
    """The baseline and the edited run of one text."""

    device: str
    design: Design
    baseline: Run
    edited: Run
    _repr_html_: ClassVar[Callable[[Comparison], str]]  # for notebooks; set by `beaconviz.notebook`

    @property
    def model_name(self) -> str:
        return self.baseline.model_name

    @property
    def source(self) -> str:
        """The text that was read."""
        return self.baseline.source

    @property
    def translates(self) -> bool:
        """Whether the model read one text and generated another, with cross-attention between
        them."""
        written = self.baseline.generation
        return written is not None and "cross" in written.attention

    @property
    def through_decoder(self) -> bool:
        """Whether the edited attention is a decoder's: the model translates, or its decoder reads
        the text again and the design edits only that decoder."""
        return self.translates or "self" not in self.kinds

    @property
    def texts(self) -> list[str]:
        """The text, or both texts of a pair."""
        tokens = self.baseline.aligned
        if tokens.compared_text is not None:
            return [tokens.text, tokens.compared_text.text]
        if tokens.second is None:
            return [tokens.text]
        return [tokens.text[: tokens.second - 1], tokens.text[tokens.second :]]

    @cached_property
    def changes(self) -> list[Change]:
        """What counts as a change for the model's task, in the order of the text."""
        return self.baseline.output.changes(self.edited.output)

    @cached_property
    def shown(self) -> list[Shown]:
        """What the model says, before and after, as values to draw."""
        neutral = self.design.is_neutral
        return self.baseline.output.shown(self.edited.output, self.changes, neutral=neutral)

    def printed(self, count: int) -> Sequence[Printed]:
        """What the terminal prints, at most `count` rows."""
        return self.baseline.output.printed(self.edited.output, self.changes, count=count)

    @cached_property
    def kinds(self) -> tuple[Attention, ...]:
        """The kinds of attention that the design edits; all kinds where the design is neutral."""
        every = tuple(self.baseline.kinds)
        edited = {
            edit.attention
            for edit in self.design.edits
            if not replace(self.design, edits=(edit,)).is_neutral
        }
        return tuple(kind for kind in every if kind in edited) or every

    @cached_property
    def _divergence(self) -> Tensor:
        return metrics.divergence_by_head(self.baseline, self.edited)

    def divergence(self, attention: Attention = "self") -> Tensor:
        """How much each head changed, Float[Tensor, "layer head"], in nats: the mean over
        query tokens of the Jensen–Shannon divergence between its rows before and after.

        Where the two generated texts differ in length: for "cross", the divergence between the
        means of the rows; for "decoder", nan.
        """
        if attention == "self":
            return self._divergence
        return metrics.divergence_of(self.baseline.of(attention), self.edited.of(attention))

    def glance(
        self,
        layer: int | None,
        head: int | None,
        unit: str,
        special: bool,
        attention: Attention = "self",
    ) -> tuple[Tensor, Tensor]:
        """The edited run's `attention(…)` and `divergence(…)`, in one pass over its maps."""
        run = self.edited
        if attention != "self":
            place = (layer, head, unit, special, attention)
            return run.attention(*place), self.divergence(attention)
        run.check_place(layer, head)
        chosen = range(run.layers) if layer is None else (layer,)
        total = run.traces[0].query.new_zeros(len(run.aligned), len(run.aligned))

        def see(number: int, rows: slice, weights: Tensor) -> None:
            if number in chosen:
                total[rows] += weights.mean(dim=0) if head is None else weights[head]

        divergence = metrics.divergence_by_head(self.baseline, run, see)
        return maps.present(total / len(chosen), *run.axes(), unit, special).cpu(), divergence

    def metrics(self, attention: Attention | None = None) -> pd.DataFrame:
        """A row per kind of attention, layer and head: divergence and entropy (nats) and, of
        "self", distance (words), on tokens; before, after and their change.

        Args:
            attention: only this kind; by default those that the design edits (`kinds`).
        """
        kinds = self.kinds if attention is None else (attention,)
        return pd.concat([self._metrics(kind) for kind in kinds], ignore_index=True)

    def _metrics(self, attention: Attention) -> pd.DataFrame:
        table = metrics.by_head(self.baseline, self.edited, attention)
        for name in metrics.NAMES:
            table[f"{name}_change"] = table[f"{name}_edited"] - table[f"{name}_baseline"]
        layers, heads = table["divergence"].shape
        places = [(attention, *divmod(number, heads)) for number in range(layers * heads)]
        frame = pd.DataFrame(places, columns=["attention", "layer", "head"])
        return frame.assign(**{name: values.flatten().numpy() for name, values in table.items()})

    def information_weights(
        self, layer: int | None = None, head: int | None = None
    ) -> pd.DataFrame:
        """For models with a decoder: a row per word that was read, its weight (see
        `source_weights`) and whether it was dropped, before and after.

        Raises:
            BeaconvizError: a layer or head that does not exist, or another model.
        """
        before, after = (source_weights(run, layer, head) for run in (self.baseline, self.edited))
        frame = before[["word"]].assign(
            weight_baseline=before["weight"],
            weight_edited=after["weight"],
            weight_change=after["weight"] - before["weight"],
        )
        return frame.assign(dropped_baseline=before["dropped"], dropped_edited=after["dropped"])

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

    def tables(self, count: int | None = None) -> dict[str, Table]:
        """Both runs' outputs as tables, by name: `classes`, `answers` or `guesses`. Empty for
        models whose output is not a table.

        Args:
            count: the most likely rows of each run to keep; by default 10 answers, 10 guesses per
                masked word, and all classes.
        """
        tables = self.baseline.output.tables(self.edited.output, count)
        return {table.name: table for table in tables}

    def label_table(self) -> LabelTable | None:
        """A row per word: its tag before and after, and the probability of every label; None of
        models without labels."""
        return self.baseline.output.label_table(self.edited.output)

    def to_dict(self, layer: int | None = None, head: int | None = None) -> dict[str, Any]:
        """Plain data, as `beaconviz compare --json` prints it; metrics of one layer and head
        only when they are given. A missing number is None.

        Raises:
            BeaconvizError: a layer or head that no kind of attention in `kinds` has.
        """
        self._check_place(layer, head)
        table = self.metrics()
        for name, number in (("layer", layer), ("head", head)):
            if number is not None:
                table = table[table[name] == number]
        return {
            "model": self.model_name,
            "device": self.device,
            "words": self.baseline.words,
            "tokens": self.baseline.tokens,
            "design": self.design.to_dict(),
            "baseline": self.baseline.output.fields(),
            "edited": self.edited.output.fields(),
            "changes": [asdict(change) for change in self.changes],
            **self._tables(),
            "metrics": _records(table),
        }

    def _check_place(self, layer: int | None, head: int | None) -> None:
        problems = []
        for kind in self.kinds:
            try:
                return self.baseline.check_place(layer, head, kind)
            except BeaconvizError as error:
                problems.append(error)
        raise problems[0]

    def _tables(self) -> dict[str, Any]:
        """The fields that only certain tasks have."""
        fields: dict[str, Any] = {"texts": self.texts} if len(self.texts) > 1 else {}
        fields |= {name: _records(table.frame) for name, table in self.tables().items()}
        if self.through_decoder:
            fields["information_weights"] = _records(self.information_weights())
        return fields


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """A dictionary per row, with None for nan, which JSON cannot hold."""
    return [
        {str(name): None if value != value else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def compare(
    model: Model,
    text_or_words: Text | Tokens,
    design: Design,
    *,
    second: Text | None = None,
    baseline: Run | None = None,
    limit: int | None = None,
    beams: int = 1,
    forced: str | None = None,
) -> Comparison:
    """Runs a text without and with a design.

    Args:
        second: a passage, or the other text of a pair, as `Model.tokenize` takes it.
        baseline: the same text's run without a design, if there is one already.
        limit, beams, forced: for models that generate, as in `run`. With `forced` both runs
            generate the same text, and are compared step by step.

    Raises:
        BeaconvizError: a text or a design that does not fit the model.
    """
    writing: dict[str, Any] = {"limit": limit, "beams": beams, "forced": forced}
    if baseline is None:
        baseline = run(model, text_or_words, second=second, **writing)
    edited = run(model, baseline.aligned, design, baseline=baseline, **writing)
    return Comparison(str(model.device), design, baseline, edited)
