"""Gradient descent on A and M over the words of one text, towards an objective.

The loss is `Target.loss` plus the squared size of the matrices. A soft threshold after each step of
Adam, in Adam's own metric, keeps the result sparse (ProxGen: Yun, Lozano and Yang 2021, arXiv
2007.07605): a cell stays neutral unless its gradient exceeds the threshold, so that only a few
cells remain, which a person can read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from beaconviz.core.design import Design
from beaconviz.core.edit import Cell
from beaconviz.core.interventions import Reading
from beaconviz.models.model import Model
from beaconviz.optimize.objective import SearchStep, Target, Verdict
from beaconviz.optimize.relaxed import HeadsByLayer, Layers, RelaxedRun

RATES = {"beacon": 0.25, "marker": 0.05}  # a step of Adam: in logits, and in units of M
LIMITS = {"beacon": 20.0, "marker": 5.0}  # largest values; e²⁰ times the odds is nearly certainty
SHOWN = {"beacon": 0.05, "marker": 0.005}  # smallest distance from neutral: units of S, and of M
BETAS = (0.9, 0.99)
START = 0.01  # standard deviation of the initial noise, as a share of a step
SIZE = 1e-3  # nats per squared logit, or squared unit of M
PATIENCE = 20  # steps in which the objective is not met, before the thresholds are halved
SHUT = 0.75  # by how much the gate of a head without gradient has closed when heads are chosen


class Search:
    """Matrices that gradient descent moves towards an objective.

    Args:
        heads_by_layer: the heads that the edit acts on, or the heads to choose from.
        gate_steps: steps until heads are chosen; 0 when all of them act.
        sparsity: from 0 to 1. A cell (or a head) stays if its gradient is at least this share of
            the largest.
        seed: for the small random values that the matrices start from.
    """

    def __init__(
        self,
        model: Model,
        target: Target,
        heads_by_layer: HeadsByLayer,
        *,
        matrices: Sequence[str],
        reading: Reading,
        gate_steps: int,
        sparsity: float,
        seed: int,
    ) -> None:
        self.model, self.target, self.sparsity = model, target, sparsity
        self.relaxed = RelaxedRun(model, target.baseline, reading, heads_by_layer)
        self.size = len(target.baseline.words)
        noise = torch.Generator().manual_seed(seed)
        self.leaves = {  # M minus neutral; A in logits
            name: START * RATES[name] * torch.randn(self.size, self.size, generator=noise)
            for name in matrices
        }
        for leaf in self.leaves.values():
            leaf.requires_grad_()
        self.gates = (
            torch.ones(model.layers, model.heads, requires_grad=True) if gate_steps else None
        )
        groups = [{"params": [leaf], "lr": RATES[name]} for name, leaf in self.leaves.items()]
        self.adam = torch.optim.Adam(groups, betas=BETAS)
        self.gate_rate = SHUT / max(1, gate_steps) / max(sparsity, 0.05)
        self.thresholds: dict[str, float] = {}
        self.steps_unmet = 0

    def step(self, number: int) -> SearchStep:
        """The result of the matrices as they are; then one step of descent changes them."""
        logits = self._logits()
        size = sum(leaf.square().sum() for leaf in self.leaves.values())
        loss = self.target.loss(logits).cpu() + SIZE * size
        tensors = [*self.leaves.values(), *([] if self.gates is None else [self.gates])]
        gradients = torch.autograd.grad(loss, tensors)
        verdict = self.target.verdict(replace(self.target.baseline, logits=logits.detach()))
        current = SearchStep(number, verdict, self.design())
        self._update_thresholds(gradients, verdict)
        self._descend(gradients)
        return current

    def choose_heads(self) -> bool:
        """Keep only the heads whose gates are open, with the whole edit on each.

        Returns False where there are no gates.
        """
        if self.gates is None:
            return False
        self.relaxed = RelaxedRun(
            self.model, self.target.baseline, self.relaxed.kind.name, self._open_heads()
        )
        self.gates = None
        return True

    def design(self) -> Design:
        """The matrices as a design, without the cells that are nearly neutral (`SHOWN`)."""
        neutral = Design.neutral(self.target.baseline.words, reading=self.relaxed.kind.name)
        cells: dict[str, list[Cell]] = {"marker": [], "beacon": []}
        for name, leaf in self.leaves.items():
            delta = leaf.detach() * self._unit(name)
            values = (neutral.matrix(name) + delta).tolist()
            shown = (delta.abs() >= SHOWN[name]).nonzero().tolist()
            cells[name] = [(row, column, values[row][column]) for row, column in shown]
        design = neutral.with_cells(marker=cells["marker"], beacon=cells["beacon"])
        return on_heads(design, self._open_heads(), self.model)

    def _open_heads(self) -> HeadsByLayer:
        """The heads whose gates are at least half open; if there are none, the most open one."""
        if self.gates is None:
            return self.relaxed.heads_by_layer
        gates = self.gates.detach()
        widest_gates = [
            gates[layer, list(heads)].max() for layer, heads in self.relaxed.heads_by_layer.items()
        ]
        level = min(0.5, torch.stack(widest_gates).max().item())
        open_heads = {
            layer: tuple(head for head in heads if gates[layer, head] >= level)
            for layer, heads in self.relaxed.heads_by_layer.items()
        }
        return {layer: heads for layer, heads in open_heads.items() if heads}

    def _unit(self, name: str) -> float:
        """The factor from a leaf's unit to its matrix's unit: a logit is √d units of S."""
        return self.model.head_size**0.5 if name == "beacon" else 1.0

    def _logits(self) -> Tensor:
        beacon = self.leaves.get("beacon")
        return self.relaxed.logits(
            torch.zeros(self.size, self.size) if beacon is None else beacon * self._unit("beacon"),
            self.leaves.get("marker"),
            self.gates,
        )

    def _update_thresholds(self, gradients: Sequence[Tensor], verdict: Verdict) -> None:
        """Set the thresholds to a share of the first gradients; halve them after `PATIENCE` steps
        in which the objective was not met."""
        if not self.thresholds:
            first = zip(self.leaves, gradients, strict=False)
            self.thresholds = {name: self.sparsity * s.abs().max().item() for name, s in first}
        self.steps_unmet = 0 if verdict.met else self.steps_unmet + 1
        if self.steps_unmet == PATIENCE:
            self.steps_unmet = 0
            self.thresholds = {name: value / 2 for name, value in self.thresholds.items()}

    @torch.no_grad()
    def _descend(self, gradients: Sequence[Tensor]) -> None:
        for leaf, gradient in zip(self.leaves.values(), gradients, strict=False):
            leaf.grad = gradient
        self.adam.step()
        for name, leaf in self.leaves.items():
            self._shrink(name, leaf)
        if self.gates is not None:  # a gate closes unless its gradient exceeds the share
            pull = -gradients[-1] / gradients[-1].abs().max().clamp(min=1e-12)
            self.gates.add_(self.gate_rate * (pull - self.sparsity)).clamp_(0, 1)

    def _shrink(self, name: str, leaf: Tensor) -> None:
        """Apply the soft threshold, divided by what Adam divides the gradient by."""
        state = self.adam.state[leaf]
        scale = (state["exp_avg_sq"] / (1 - BETAS[1] ** state["step"])).sqrt() + 1e-8
        threshold = RATES[name] * self.thresholds[name] / scale
        leaf.copy_(leaf.sign() * (leaf.abs() - threshold).clamp(min=0, max=LIMITS[name]))


def on_heads(design: Design, heads_by_layer: HeadsByLayer, model: Model) -> Design:
    """The design on these heads, in the shortest form that a design file has for them."""
    head_choices = set(heads_by_layer.values())
    layers: Layers = "all" if len(heads_by_layer) == model.layers else tuple(heads_by_layer)
    if head_choices == {tuple(range(model.heads))}:
        return design.targeting(layers=layers)
    if len(head_choices) == 1:
        return design.targeting(layers=layers, heads=head_choices.pop())
    return design.targeting(heads=dict(heads_by_layer))
