"""Scan the heads: apply a design at one (layer, head) at a time and measure the effect.

PASTA profiles heads this way before it steers a few of them, since steering all of them often
hurts (Zhang et al. 2023, arXiv 2311.02262, §3.2). The heads of a layer go through the model in
one batch that starts at that layer, and the design is compiled once for all of them.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Protocol

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from beaconviz.analysis import metrics
from beaconviz.core.design import Design
from beaconviz.core.edit import Edit
from beaconviz.core.errors import BeaconvizError
from beaconviz.core.words import Tokens
from beaconviz.engine.passes import LayerEdits
from beaconviz.models.model import Model
from beaconviz.models.tasks.base import Scale
from beaconviz.models.tasks.entities import Entity
from beaconviz.models.tasks.token_classification import LabelOutput, label_at_words
from beaconviz.runs.execute import Text, run, run_logits
from beaconviz.runs.run import Run
from beaconviz.runs.steer import compile_for

Direction = Literal["either", "up", "down"]

_TOKENS_AT_ONCE = 8192  # keeps a call's memory to some hundreds of MB, whatever the text


class Measure(Protocol):
    """A number computed from a text's logits; an effect is its change from the baseline's."""

    signed: ClassVar[bool]  # whether an effect can be below zero

    def name(self, baseline: Run) -> str:
        """What is measured, in words."""

    def unit(self, baseline: Run) -> str:
        """What an effect is counted in."""

    def rows(self, baseline: Run) -> Sequence[int] | None:
        """The tokens whose logits are read; None where tokens have none of their own."""

    def values(self, baseline: Run, logits: Tensor) -> Tensor:
        """Float[Tensor, "sample"] of Float[Tensor, "sample token label"].

        Raises:
            BeaconvizError: a label or word that the text or the model does not have.
        """


@dataclass(frozen=True)
class LabelScore:
    """The mean probability of a label over words: one word, or those of an entity.

    label: one of the model's, or an entity type, whose B- and I- probabilities are added.
    """

    label: str
    words: tuple[int, ...]
    signed: ClassVar[bool] = True

    def name(self, baseline: Run) -> str:
        return label_at_words(baseline.aligned, self.label, self.words)

    def unit(self, baseline: Run) -> str:
        return "probability"

    def rows(self, baseline: Run) -> Sequence[int]:
        return _labels(baseline).deciding_tokens(self.words)

    def values(self, baseline: Run, logits: Tensor) -> Tensor:
        return _labels(baseline).score(self.label, self.words, logits)


@dataclass(frozen=True)
class Divergence:
    """How far all outputs moved: the mean over words, or of the whole text where it has classes.

    For probabilities (of labels, classes, answer ends, or a vocabulary) the Jensen–Shannon
    divergence, from 0 to ln 2 nats; for hidden states the cosine distance, from 0 to 2; for
    regression outputs the absolute difference.
    """

    signed: ClassVar[bool] = False

    def name(self, baseline: Run) -> str:
        return "all outputs"

    def unit(self, baseline: Run) -> str:
        return _UNITS[baseline.output.scale]

    def rows(self, baseline: Run) -> Sequence[int] | None:
        return baseline.output.measured_tokens()

    def values(self, baseline: Run, logits: Tensor) -> Tensor:
        output = baseline.output
        before, after = (output.measured(tensor) for tensor in (baseline.logits[None], logits))
        return _DISTANCES[output.scale](before, after)


def _between_states(before: Tensor, after: Tensor) -> Tensor:
    return (1 - cosine_similarity(before, after, dim=-1)).mean(-1)


def _between_numbers(before: Tensor, after: Tensor) -> Tensor:
    return (after - before).abs().flatten(1).mean(-1)


def _between_probabilities(before: Tensor, after: Tensor) -> Tensor:
    before, after = torch.softmax(before, dim=-1), torch.softmax(after, dim=-1)
    return metrics.divergence(before.expand_as(after), after).mean(-1)


# Of outputs Float["sample output choice"] to Float["sample"], the mean over outputs.
_DISTANCES: dict[Scale, Callable[[Tensor, Tensor], Tensor]] = {
    "probabilities": _between_probabilities,
    "states": _between_states,
    "numbers": _between_numbers,
}
_UNITS: dict[Scale, str] = {
    "probabilities": "nats",
    "states": "cosine distance",
    "numbers": "difference",
}


def entity_score(tokens: Tokens, entity: Entity) -> LabelScore:
    """The measure of an entity: the mean probability of its type over its words."""
    return LabelScore(entity.label, tokens.words_between(entity.start, entity.end))


@dataclass(frozen=True, eq=False)
class Scan:
    """The effect of each head alone.

    Attributes:
        measured, unit: what is measured, in words, and its unit.
        signed: whether an effect can be below zero.
        before: the measure's value in the unedited model.
        effect: Float[Tensor, "layer head"], the measure with the edit at that head alone, less
            `before`; nan for a head that has not been measured yet.
    """

    measured: str
    unit: str
    signed: bool
    before: float
    effect: Tensor

    @property
    def done(self) -> int:
        """How many heads were tried."""
        return int(self.effect.isfinite().sum())

    def ranked(self, direction: Direction = "either") -> list[tuple[int, int, float]]:
        """(layer, head, effect), the largest in size first; `up` and `down` leave out effects of
        the other sign."""

        def size(effect: float) -> float:
            return {"either": abs(effect), "up": effect, "down": -effect}[direction]

        heads = self.effect.shape[1]
        places = [
            (*divmod(n, heads), effect) for n, effect in enumerate(self.effect.flatten().tolist())
        ]
        tried = [place for place in places if not math.isnan(place[2])]
        chosen = (
            tried if direction == "either" else [place for place in tried if size(place[2]) > 0]
        )
        return sorted(chosen, key=lambda place: -size(place[2]))

    def best(self, count: int, direction: Direction = "either") -> dict[int, tuple[int, ...]]:
        """The first `count` of `ranked` as layer → heads, for `Design.targeting(heads=…)`."""
        if count < 1:
            raise BeaconvizError(f"the number of heads is {count}; expected 1 or more")
        chosen: dict[int, tuple[int, ...]] = {}
        for layer, head, _ in sorted(self.ranked(direction)[:count]):
            chosen[layer] = (*chosen.get(layer, ()), head)
        return chosen


def scan(
    model: Model,
    text_or_tokens: Text | Tokens,
    design: Design,
    measure: Measure,
    *,
    baseline: Run | None = None,
    progress: Callable[[int, int], None] | None = None,
    batch: int | None = None,
) -> Scan:
    """Applies a design at one head at a time, at every layer and head, and measures each.

    Args:
        design: its edits are applied as a stack; the layers and heads that it names are ignored.
        baseline: the same text's run without a design, if there is one already.
        progress: called with the number of heads done and the total.
        batch: heads run in one batch; at most those of one layer.

    Raises:
        BeaconvizError: a text or a design that does not fit the model, or a label or a word to
            measure that does not exist.
    """
    if model.family.writes_apart:
        raise BeaconvizError(
            f"a scan is for models of one text; {model.name} reads one and writes another"
        )
    if baseline is None:
        baseline = run(model, text_or_tokens, limit=0 if model.task.writes else None)
    scans = scanning(model, baseline, design, measure, batch=batch)
    if progress is not None:
        scans = _with_progress(scans, progress)
    return deque(scans, maxlen=1).pop()


def scanning(
    model: Model, baseline: Run, design: Design, measure: Measure, *, batch: int | None = None
) -> Iterator[Scan]:
    """Yields the growing scan after each call of the model, for callers that draw it meanwhile."""
    before = measure.values(baseline, baseline.logits[None])
    effect = torch.full((model.layers, model.heads), float("nan"))
    rows = measure.rows(baseline)
    for layer, heads, logits in each_head(model, baseline, design, rows=rows, batch=batch):
        effect = effect.clone()
        effect[layer, heads] = (measure.values(baseline, logits) - before).float().cpu()
        name, unit = measure.name(baseline), measure.unit(baseline)
        yield Scan(name, unit, measure.signed, before.item(), effect)


def each_head(
    model: Model,
    baseline: Run,
    design: Design,
    *,
    rows: Sequence[int] | None = None,
    batch: int | None = None,
) -> Iterator[tuple[int, slice, Tensor]]:
    """The logits with the design at one head alone, for each head.

    Args:
        rows: the tokens whose logits are needed; the others may keep the baseline's.

    Yields:
        A layer, a slice of its heads, and their logits, Float[Tensor, "head token label"].
    """
    tokens = baseline.aligned
    _check_kinds(design)
    # The stack is the same at every head, so it is compiled for one and moved.
    compiled = compile_for(model, at_heads(design, {0: (0,)}), tokens).get(0, ())
    size = min(model.heads, batch or max(1, _TOKENS_AT_ONCE // len(tokens)))
    for layer in range(model.layers):
        for start in range(0, model.heads, size):
            heads = slice(start, min(start + size, model.heads))
            numbers = range(heads.start, heads.stop)
            if not compiled:  # neutral
                yield layer, heads, baseline.logits.expand(len(numbers), *baseline.logits.shape)
                continue
            edits: list[LayerEdits] = [
                {layer: tuple(replace(edit, heads=edit.heads + head) for edit in compiled)}
                for head in numbers
            ]
            yield layer, heads, run_logits(model, baseline, edits, rows)


def _check_kinds(design: Design) -> None:
    """Raises where an edit acts on attention that a scan does not cover."""
    for position, edit in enumerate(design.edits):
        if edit.attention != "self" and not replace(design, edits=(edit,)).is_neutral:
            raise BeaconvizError(
                f"a scan covers the heads of self-attention only; edits[{position}] acts "
                f"on attention {edit.attention!r}: leave that edit out"
            )


def at_heads(design: Design, heads: Mapping[int, tuple[int, ...]]) -> Design:
    """The design with every edit of its stack at these heads, layer → heads, and nowhere else."""

    def moved(edit: Edit) -> Edit:
        return replace(edit, layers="all", heads=dict(heads))

    return replace(design, edits=tuple(map(moved, design.edits)))


def effect_of(measure: Measure, baseline: Run, edited: Run) -> float:
    """The effect of a whole design, on the scale of a scan's effects."""
    before, after = (
        measure.values(baseline, measured_run.logits[None]) for measured_run in (baseline, edited)
    )
    return (after - before).item()


def _with_progress(scans: Iterator[Scan], progress: Callable[[int, int], None]) -> Iterator[Scan]:
    for part in scans:
        progress(part.done, part.effect.numel())
        yield part


def _labels(baseline: Run) -> LabelOutput:
    if not isinstance(baseline.output, LabelOutput):
        raise BeaconvizError(
            f"{baseline.model_name} has no labels for words; measure all outputs instead"
        )
    return baseline.output
