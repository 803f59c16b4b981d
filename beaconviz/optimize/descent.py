"""Gradient descent on A and M over the words of one text, towards an objective.

What is made small is `Target.loss` and the squared size. A soft threshold after each step of Adam,
in Adam's own metric, keeps the result sparse (ProxGen: Yun, Lozano and Yang 2021, arXiv
2007.07605): a cell stays neutral unless it pulls harder than the threshold, so that what is left is
a few cells that a person can read.
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
from beaconviz.optimize.relaxed import Layers, Places, Soft

RATES = {"beacon": 0.25, "marker": 0.05}  # a step of Adam: in logits, and in units of M
LIMITS = {"beacon": 20.0, "marker": 5.0}  # e²⁰ is as good as always
SHOWN = {"beacon": 0.05, "marker": 0.005}  # cells nearer to neutral are not: units of S, and of M
BETAS = (0.9, 0.99)
START = 0.01  # the spread of the start, as a share of a step
SIZE = 1e-3  # nats per squared logit, or squared unit of M
PATIENCE = 20  # steps without success, before the thresholds are halved
SHUT = 0.75  # how far the gate of a head that pulls nothing has shut when heads are chosen


class Search:
    """Matrices that are moved towards an objective.

    Args:
        places: the heads acted on, or to choose from.
        gate_steps: steps until heads are chosen; 0 when all of them act.
        sparsity: what a cell (and a head) must pull to stay, as a share of the strongest pull.
        seed: of the small noise that the matrices start from.
    """

    def __init__(
        self,
        model: Model,
        target: Target,
        places: Places,
        *,
        matrices: Sequence[str],
        reading: Reading,
        gate_steps: int,
        sparsity: float,
        seed: int,
    ) -> None:
        self.model, self.target, self.sparsity = model, target, sparsity
        self.soft = Soft(model, target.baseline, reading, places)
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
        self.unmet = 0

    def step(self, number: int) -> SearchStep:
        """What the matrices do as they are; then they are moved on."""
        logits = self._logits()
        size = sum(leaf.square().sum() for leaf in self.leaves.values())
        loss = self.target.loss(logits).cpu() + SIZE * size
        tensors = [*self.leaves.values(), *([] if self.gates is None else [self.gates])]
        slopes = torch.autograd.grad(loss, tensors)
        verdict = self.target.verdict(replace(self.target.baseline, logits=logits.detach()))
        now = SearchStep(number, verdict, self.design())
        self._relax(slopes, verdict)
        self._descend(slopes)
        return now

    def choose_heads(self) -> bool:
        """From here on only the heads whose gates are open, wholly. False where there are no
        gates."""
        if self.gates is None:
            return False
        self.soft = Soft(self.model, self.target.baseline, self.soft.kind.name, self._open())
        self.gates = None
        return True

    def design(self) -> Design:
        """The matrices as a design; cells that are all but neutral are left out."""
        neutral = Design.neutral(self.target.baseline.words, reading=self.soft.kind.name)
        cells: dict[str, list[Cell]] = {"marker": [], "beacon": []}
        for name, leaf in self.leaves.items():
            away = leaf.detach() * self._unit(name)
            values = (neutral.matrix(name) + away).tolist()
            seen = (away.abs() >= SHOWN[name]).nonzero().tolist()
            cells[name] = [(row, column, values[row][column]) for row, column in seen]
        design = neutral.with_cells(marker=cells["marker"], beacon=cells["beacon"])
        return on_heads(design, self._open(), self.model)

    def _open(self) -> Places:
        """The heads whose gates are open; the most open one where none is."""
        if self.gates is None:
            return self.soft.places
        gates = self.gates.detach()
        widest = [gates[layer, list(some)].max() for layer, some in self.soft.places.items()]
        level = min(0.5, torch.stack(widest).max().item())
        kept = {
            layer: tuple(head for head in some if gates[layer, head] >= level)
            for layer, some in self.soft.places.items()
        }
        return {layer: some for layer, some in kept.items() if some}

    def _unit(self, name: str) -> float:
        """What one unit of a leaf is in its matrix: a logit is √d units of S."""
        return self.model.head_size**0.5 if name == "beacon" else 1.0

    def _logits(self) -> Tensor:
        beacon = self.leaves.get("beacon")
        return self.soft.logits(
            torch.zeros(self.size, self.size) if beacon is None else beacon * self._unit("beacon"),
            self.leaves.get("marker"),
            self.gates,
        )

    def _relax(self, slopes: Sequence[Tensor], verdict: Verdict) -> None:
        """Thresholds are a share of the first slopes, and are halved while the objective is not
        met."""
        if not self.thresholds:
            first = zip(self.leaves, slopes, strict=False)
            self.thresholds = {name: self.sparsity * s.abs().max().item() for name, s in first}
        self.unmet = 0 if verdict.granted else self.unmet + 1
        if self.unmet == PATIENCE:
            self.unmet = 0
            self.thresholds = {name: value / 2 for name, value in self.thresholds.items()}

    @torch.no_grad()
    def _descend(self, slopes: Sequence[Tensor]) -> None:
        for leaf, slope in zip(self.leaves.values(), slopes, strict=False):
            leaf.grad = slope
        self.adam.step()
        for name, leaf in self.leaves.items():
            self._shrink(name, leaf)
        if self.gates is not None:  # a gate shuts unless its head pulls its share
            pull = -slopes[-1] / slopes[-1].abs().max().clamp(min=1e-12)
            self.gates.add_(self.gate_rate * (pull - self.sparsity)).clamp_(0, 1)

    def _shrink(self, name: str, leaf: Tensor) -> None:
        """The soft threshold, divided by what Adam divides the slope by."""
        state = self.adam.state[leaf]
        spread = (state["exp_avg_sq"] / (1 - BETAS[1] ** state["step"])).sqrt() + 1e-8
        cut = RATES[name] * self.thresholds[name] / spread
        leaf.copy_(leaf.sign() * (leaf.abs() - cut).clamp(min=0, max=LIMITS[name]))


def on_heads(design: Design, places: Places, model: Model) -> Design:
    """The design on these heads, in the shortest form that a design file has for them."""
    some = set(places.values())
    layers: Layers = "all" if len(places) == model.layers else tuple(places)
    if some == {tuple(range(model.heads))}:
        return design.targeting(layers=layers)
    if len(some) == 1:
        return design.targeting(layers=layers, heads=some.pop())
    return design.targeting(heads=dict(places))
