"""What is measured by blocks of rows does not hang on where a block ends."""

from __future__ import annotations

import pytest
import torch

import beaconviz as bv
from beaconviz.analysis import metrics
from beaconviz.analysis.explain.weights import token_weights
from beaconviz.engine.trace import Traces
from beaconviz.runs.run import Run
from tests.tiny import tiny_model

TEXT = "Ada Lovelace was the co-founder of Apple Inc. in London and never saw a fox"
WORDS = TEXT.split()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Run]:
    model = bv.load(str(tiny_model("bert", tmp_path_factory.mktemp("bert"))), device="cpu")
    design = bv.Design.neutral(WORDS).with_cells(
        marker=[(12, 3, 1.0)], beacon=[(13, 0, 9.0), ("*", 2, 3.0)]
    )
    design = design.targeting(heads=[1, 3])
    return bv.run(model, TEXT), bv.run(model, TEXT, design)


@pytest.fixture(params=[1, 4, 7])
def small_blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Traces.blocks

    def blocks(self: Traces, layer: int, heads: list[int], rows: int = 0) -> object:
        return whole(self, layer, heads, request.param)

    monkeypatch.setattr(Traces, "blocks", blocks)


def measured(before: Run, after: Run) -> dict[str, torch.Tensor]:
    weights = {
        method: token_weights(after, method, heads=[1, 2]) for method in ("received", "rollout")
    }
    divergence = metrics.divergence_by_head(before, after)
    return {**metrics.by_head(before, after), "by_head": divergence, **weights}


@pytest.fixture(scope="module")
def expected(runs: tuple[Run, Run]) -> dict[str, torch.Tensor]:
    count = len(runs[0].aligned)
    assert count % 4  # the last block is a short one
    assert count % 7
    assert count < 256
    return measured(*runs)


def test_measures_are_the_same_by_blocks_of_any_size(
    runs: tuple[Run, Run], expected: dict[str, torch.Tensor], small_blocks: None
) -> None:
    for name, table in measured(*runs).items():
        torch.testing.assert_close(table, expected[name], atol=1e-6, rtol=1e-5, msg=name)


def test_the_measures_are_those_of_whole_maps(
    runs: tuple[Run, Run], expected: dict[str, torch.Tensor]
) -> None:
    before, after = runs
    for layer in range(before.layers):
        old, new = before.weights(layer), after.weights(layer)
        divergence = metrics.divergence(old, new).mean(dim=-1)
        entropy = metrics.entropy(new).mean(dim=-1)
        torch.testing.assert_close(expected["divergence"][layer], divergence, atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(expected["by_head"][layer], divergence, atol=1e-6, rtol=1e-5)
        torch.testing.assert_close(expected["entropy_edited"][layer], entropy)


@pytest.mark.parametrize("heads", [None, [1], [3, 0], [2]])
def test_chosen_heads_are_those_of_all_heads(runs: tuple[Run, Run], heads: list[int]) -> None:
    """Also in any order, and where only some of them are edited."""
    for run in runs:
        whole = run.weights(1)
        torch.testing.assert_close(run.weights(1, heads), whole if heads is None else whole[heads])


def test_blocks_put_together_are_the_whole(runs: tuple[Run, Run]) -> None:
    for run in runs:
        parts = [block for _, block in run.of("self").blocks(1, [0, 3], rows=4)]
        torch.testing.assert_close(torch.cat(parts, dim=1), run.weights(1, [0, 3]))
