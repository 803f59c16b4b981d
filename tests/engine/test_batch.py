"""A batch's edits in one call equal each sample's rows on their own."""

import pytest
import torch

from beaconviz.core.design import Design
from beaconviz.engine.attend import AttentionCall
from beaconviz.engine.compile import compile_design
from beaconviz.engine.rows import Batches, edited_output, stack_edits
from tests.engine.test_rows import WORDS, D, tokens_of

HEADS = 3
PIECES = [(1, 1, 1, 1), (2, 1, 3, 1), (1, 0, 2, 1)]  # three samples of other lengths


def edits_of(reading: str, heads="all", edited=(0, 1, 2)):
    value = 0.0 if reading == "mask" else 0.5
    cells = {"marker": [(1, 3, value), (0, 2, value)], "beacon": [("*", 2, 4.0), (3, 0, -7.0)]}
    design = Design.neutral(WORDS, reading=reading).with_cells(**cells).targeting(heads=heads)
    neutral = Design.neutral(WORDS, reading=reading)
    return [
        compile_design(
            design if sample in edited else neutral, tokens_of(WORDS, pieces), layers=1, heads=HEADS
        ).get(0, ())
        for sample, pieces in enumerate(PIECES)
    ]


@pytest.mark.parametrize("heads", ["all", (0, 2)])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("reading", ["product", "mask"])
def test_one_call_equals_each_samples_rows(reading, causal, heads):
    torch.manual_seed(0)
    lengths = [len(tokens_of(WORDS, pieces)) for pieces in PIECES]
    n = max(lengths)
    q, k, v = torch.randn(3, len(PIECES), HEADS, n, D)
    mask = torch.ones(len(PIECES), 1, n, n, dtype=torch.bool)
    for sample, length in enumerate(lengths):
        mask[sample, :, :, length:] = False
    mask = mask.tril() if causal else mask
    edits = edits_of(reading, heads, edited=(0, 2))
    plain = torch.nn.functional.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    expected = plain.clone()
    for sample, stack in enumerate(edits):
        for edit in stack:
            at = edit.heads
            expected[sample][at[:, None], edit.rows] = edit.attend(
                q[sample, at], k[sample, at], v[sample, at],
                scale=D**-0.5, mask=mask[sample][:, edit.rows],
            )  # fmt: skip
    call = AttentionCall(lambda: plain.transpose(1, 2), q, k, v, mask, D**-0.5)
    assert stack_edits(edits, n, HEADS, q) is not None
    output = edited_output(call, edits, Batches()).transpose(1, 2)
    assert torch.allclose(output, expected, atol=1e-5)
    assert (output[0] - plain[0]).abs().max() > 1e-2
    assert torch.allclose(output[1], plain[1], atol=1e-6)


def test_what_must_go_row_by_row_is_not_stacked():
    like = torch.zeros(1)
    gate = edits_of("gate")
    assert stack_edits(gate, 12, HEADS, like) is None
    other_heads = [*edits_of("product", (0,))[:1], *edits_of("product", (1,))[1:]]
    assert stack_edits(other_heads, 12, HEADS, like) is None


def test_beacons_alone_need_no_marker():
    design = Design.neutral(WORDS).with_cells(beacon=[("*", 0, 2.0)])
    edits = [
        compile_design(design, tokens_of(WORDS, pieces), layers=1, heads=HEADS)[0]
        for pieces in PIECES
    ]
    stacked = stack_edits(edits, 12, HEADS, torch.zeros(1))
    assert stacked.marker is None
    assert stacked.visible is None
    assert stacked.heads is None
