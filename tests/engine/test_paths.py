"""Every path of `edited_output` against the plain definition.

The table is: path × heads × mask × length, for every kind of marker. A path is what makes
`edited_output` choose: samples that share their edits, samples whose edits can be stacked, samples
that must go row by row, a cap on the logits, a bias, and key heads that query heads share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from beaconviz.core.attention import edit_scores, masked_softmax
from beaconviz.core.design import Design
from beaconviz.core.edit import Edit
from beaconviz.core.expand import expanded
from beaconviz.core.interventions import READINGS
from beaconviz.core.words import Tokens
from beaconviz.engine.attend import AttentionCall, capped
from beaconviz.engine.compile import compile_design
from beaconviz.engine.rows import Batches, RowEdit, edited_output, stack_edits
from tests.engine.test_rows import WORDS, D, tokens_of

HEADS = 4
SCALE = 0.4


@dataclass(frozen=True)
class Path:
    """What a call is made of: the design of each sample (by number), and the network's own ways."""

    designs: tuple[int | None, ...]
    edits: int = 1  # how many edits are stacked
    softcap: float | None = None
    bias: bool = False
    key_heads: int = HEADS


PATHS = {
    "one text": Path((0,)),
    "one text, stacked": Path((0,), edits=2),
    "samples that share their edits": Path((0, 0, 0)),
    "samples that share a stack": Path((0, 0), edits=3),
    "samples that differ": Path((0, 1, None)),
    "samples with stacks that differ": Path((1, 0), edits=2),
    "a cap": Path((0, 1), softcap=1.5),
    "a bias": Path((0, 1), bias=True),
    "a bias, shared": Path((0, 0), bias=True),
    "shared key heads": Path((0, 1, 0), key_heads=2),
    "shared key heads, one text": Path((1,), edits=2, key_heads=2),
}
MASKS = ["none", "causal", "padding", "window"]


def design(number: int, reading: str, heads: object, edits: int) -> Design:
    """Cells that tell rows from columns; a mask row of zeros, and one that leaves a later word
    only."""
    value = 0.0 if reading == "mask" else 0.5 + number
    marker = [(1, 3, value), (0, 2, value), (number, 0, 0.0), (3, 3, 0.0)]
    if reading == "mask":
        marker += [(2, column, 0.0) for column in range(len(WORDS))]
    beacon = [("*", 2, 4.0 - number), (3, 0, -7.0)]
    made = Design.neutral(WORDS, reading=reading).with_cells(marker=marker, beacon=beacon)
    made = made.targeting(heads=heads)
    for position in range(1, edits):
        made = made.stacked(Edit(heads=(position % HEADS, 3)))
        made = made.with_cells(marker=[(3, 1, 0.0)], beacon=[(1, "*", 2.0)], edit=position)
    return made


def tokens_for(length: str, sample: int) -> Tokens:
    pieces = ((1, 2, 1, 1), (2, 1, 3, 1), (1, 1, 1, 2))[sample % 3]
    return tokens_of(WORDS, pieces if length == "short" else tuple(15 * n for n in pieces))


def mask_of(kind: str, lengths: Sequence[int], n: int) -> Tensor | None:
    if kind == "none":
        return None
    mask = torch.ones(len(lengths), 1, n, n, dtype=torch.bool)
    if kind in ("causal", "window"):
        mask = mask.tril()
    if kind == "window":
        mask = mask & torch.ones(n, n, dtype=torch.bool).triu(-2)
    if kind == "padding":
        for sample, length in enumerate(lengths):
            mask[sample, :, :, length:] = False
    return mask


def by_definition(
    call: AttentionCall, designs: Sequence[Design | None], tokens: Sequence[Tokens]
) -> Tensor:
    """Full scores, every edit in order by `edit_scores`, cap, mask, softmax."""
    key, value = call.per_head()
    raw = call.query @ key.transpose(-2, -1)
    raw = raw if call.bias is None else raw + call.bias / call.scale
    scores = raw.clone()
    for sample, (made, aligned) in enumerate(zip(designs, tokens, strict=True)):
        if made is None:
            continue
        on_tokens, n = expanded(made, aligned), len(aligned)
        for position, edit in enumerate(on_tokens.edits):
            marker, beacon = (on_tokens.matrix(name, position) for name in ("marker", "beacon"))
            for head in edit.heads_in(0, HEADS):
                part = scores[sample, head, :n, :n]
                scores[sample, head, :n, :n] = edit_scores(part, marker, beacon, made.reading)
    edited, before = (capped(x * call.scale, call.softcap) for x in (scores, raw))
    return (masked_softmax(edited, call.mask, before) @ value).transpose(1, 2)


def call_of(path: Path, n: int, mask: Tensor | None) -> AttentionCall:
    batch = len(path.designs)
    generator = torch.Generator().manual_seed(n + batch)

    def draw(heads: int, *shape: int) -> Tensor:
        return torch.randn(batch, heads, *shape, generator=generator, dtype=torch.float64)

    query = draw(HEADS, n, D)
    key, value = draw(path.key_heads, n, D), draw(path.key_heads, n, D)
    bias = draw(HEADS, n, n) if path.bias else None
    groups = HEADS // path.key_heads

    def stock() -> Tensor:
        spread_key, spread_value = (x.repeat_interleave(groups, dim=1) for x in (key, value))
        own = mask if bias is None else bias
        if bias is not None and mask is not None:
            own = bias.masked_fill(~mask, float("-inf"))
        output = scaled_dot_product_attention(
            query, spread_key, spread_value, attn_mask=own, scale=SCALE
        )
        return output.transpose(1, 2).contiguous()

    return AttentionCall(stock, query, key, value, mask, SCALE, path.softcap, bias=bias)


def row_edits(made: Design | None, aligned: Tokens) -> tuple[RowEdit, ...]:
    if made is None:
        return ()
    compiled = compile_design(made, aligned, layers=1, heads=HEADS).get(0, ())
    return tuple(edit.to(torch.device("cpu"), torch.float64) for edit in compiled)


@pytest.mark.parametrize("length", ["short", "long"])
@pytest.mark.parametrize("masked", MASKS)
@pytest.mark.parametrize("heads", ["all", (1,), (0, 2)])
@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("path", PATHS)
def test_every_path_gives_the_definition(
    path: str, reading: str, heads: object, masked: str, length: str
) -> None:
    shape = PATHS[path]
    same = len(set(shape.designs)) == 1
    alike = same or masked == "none"  # texts of other lengths are never without a mask
    numbers = [0 if alike else sample for sample in range(len(shape.designs))]
    tokens = [tokens_for(length, number) for number in numbers]
    designs = [
        None if number is None else design(number, reading, heads, shape.edits)
        for number in shape.designs
    ]
    lengths = [len(aligned) for aligned in tokens]
    n = max(lengths) + 3 * (masked == "padding")
    call = call_of(shape, n, mask_of(masked, lengths, n))
    edits = [row_edits(*pair) for pair in zip(designs, tokens, strict=True)]
    if same:
        edits = [edits[0]] * len(edits)
    output = edited_output(call, edits, Batches())
    expected = by_definition(call, designs, tokens)
    for sample, count in enumerate(lengths):  # padding rows look at whatever the kernel gives them
        assert torch.allclose(output[sample, :count], expected[sample, :count], atol=1e-5)
    assert (output - call.untouched()).abs().max() > 1e-2


@pytest.mark.parametrize("softcap", [None, 1.5])
def test_a_key_that_m_hides_gets_no_weight(softcap: float | None) -> None:
    """Also under a cap, which would make a finite number of -inf."""
    query, key = torch.randn(2, 1, 6, D, generator=torch.Generator().manual_seed(1))
    tokens = tokens_of(WORDS, (1, 1, 1, 1))
    made = Design.neutral(WORDS, reading="mask").with_cells(marker=[(0, 2, 0.0), (0, 0, 0.0)])
    (edit,) = compile_design(made, tokens, layers=1, heads=1)[0]
    (row,) = edit.weights(query, key, scale=SCALE, softcap=softcap)[0]
    assert row[[1, 3]].tolist() == [0.0, 0.0]
    assert row[[0, 2, 4, 5]].min() > 0


def test_the_table_has_every_choice() -> None:
    """Samples that differ are stacked where they can be, and go row by row where not."""
    like = torch.zeros(1, dtype=torch.float64)
    for reading in READINGS:
        tokens = [tokens_for("short", sample) for sample in (0, 1)]
        edits = [row_edits(design(number, reading, (0, 2), 1), tokens[number]) for number in (0, 1)]
        n = max(map(len, tokens))
        assert (stack_edits(edits, n, HEADS, like) is None) == (reading == "gate")
    stacks = [row_edits(design(0, "mask", (0, 2), 2), tokens[0])] * 2
    assert stack_edits(stacks, n, HEADS, like) is None
