"""Every path of `edited_output` against the plain definition.

The table is: path × heads × mask × length, for every kind of marker. A path is what makes
`edited_output` choose: samples that share their edits, samples whose edits can be stacked, samples
that must go row by row, a cap on the logits, a bias, and key heads that query heads share.

A second table is of rows that come one after another: attention × way × heads × padding. Attention
is that of a decoder to itself, to the words, and that of a text that goes on; a way is one call
over all rows (a text that is forced or replayed), a call a row (with a cache), or that of several
beams. That each family calls its attention as these tables have it is tested on whole networks, in
`tests/runs/test_execute.py`, `tests/engine/test_causal.py`, `tests/runs/test_generate.py` and
`tests/runs/test_decoder.py`; that no family is left out, here.
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
from beaconviz.engine.compile import compile_design, named_steps
from beaconviz.engine.families import FAMILIES
from beaconviz.engine.rows import Batches, RowEdit, edited_output, stack_edits
from beaconviz.engine.steps import OpenEdit, OpenEdits
from beaconviz.models.encoder_decoder import _READING
from beaconviz.models.tasks import ANSWERS, CLASSES
from tests import tiny
from tests.definition import expand
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


STEPS = 8
ATTENTIONS = ("decoder", "cross", "self")


@dataclass(frozen=True)
class Way:
    """How rows come that follow each other."""

    beams: int = 1
    cached: bool = True
    padded: bool = False  # the words' keys
    bias: bool = False
    softcap: float | None = None
    key_heads: int = HEADS


WAYS = {
    "a call over all": Way(cached=False),
    "a call over all, with a bias": Way(cached=False, bias=True),
    "a call over all, beams": Way(cached=False, beams=3, key_heads=2),
    "a call over all, padded": Way(cached=False, padded=True),
    "with a cache": Way(),
    "with a cache and a bias": Way(bias=True),
    "with a cache and a cap": Way(softcap=1.5),
    "with a cache, padded": Way(padded=True),
    "beams with a cache": Way(beams=3),
    "beams with a cache, shared key heads": Way(beams=2, key_heads=2),
}


def step_design(attention: str, reading: str, heads: object, cached: bool, edits: int) -> Design:
    """Cells of rows by number, of all rows and all columns, and of two edits one of a row that is
    not reached; asymmetric."""
    own = 3 if attention == "self" else 4
    marker = [(own, own, 0.5)] if cached else [(own, 1, 1.5), (2, 0, 0.7), (2, 2, 0.0)]
    if reading != "product":
        value = 0.0 if reading == "mask" else 1.7
        marker = [("*", 2, value), (1, 0, 0.0), (own, 3, 0.0)]
    if reading == "gate":
        marker = [("*", "*", 0.6), *marker]
    beacon = [("*", "*", 2.0), ("*", 1, 4.0), (2, 0, -3.0)]
    if attention != "self" and edits > 1:
        beacon.append((STEPS + 3, 0, 9.0))
    made = Design(
        tuple(WORDS), (Edit(tuple(marker), tuple(beacon), "all", heads, attention),), reading
    )
    other = Edit((), ((1, 1, -2.0), ("*", 0, 1.5)), "all", (0, 3), attention)
    return made.stacked(other) if edits > 1 else made


def step_scores(made: Design, aligned: Tokens, raw: Tensor, attention: str) -> Tensor:
    """The edits on full scores, Float[Tensor, "sample head query key"]."""
    after, apart = (STEPS, 0) if attention == "self" else (0, STEPS)
    scores = raw.clone()
    for position, edit in enumerate(made.edits):
        marker, beacon = (x.double() for x in expand(made, aligned, position, after, apart))
        n, m = beacon.shape
        for sample in range(len(raw)):
            for head in edit.heads_in(0, HEADS):
                part = scores[sample, head, :n, :m]
                scores[sample, head, :n, :m] = edit_scores(part, marker, beacon, made.reading)
    return scores


def step_mask(attention: str, queries: int, keys: int, words: int) -> Tensor:
    """Bool[Tensor, "query key"]: no row sees what comes after it, and none sees padding."""
    mask = torch.ones(queries, keys, dtype=torch.bool)
    if attention != "cross":
        return mask.tril()
    mask[:, words:] = False
    return mask


def open_edits(made: Design, aligned: Tokens, attention: str) -> OpenEdits:
    compiled = compile_design(made, aligned, layers=1, heads=HEADS, attention=attention, open=True)
    own = attention == "self"
    named = len(aligned) if own else named_steps(made, attention)
    cut = [
        OpenEdit(
            edit.to(torch.device("cpu"), torch.float64),
            named,
            attention != "cross",
            len(aligned) if own else 1,
        )
        for edit in compiled.get(0, ())
    ]
    return OpenEdits({(attention, 0): cut})


@pytest.mark.parametrize("edits", [1, 2])
@pytest.mark.parametrize("heads", ["all", (1,), (0, 2)])
@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("attention", ATTENTIONS)
def test_rows_that_follow_each_other_give_the_definition(
    attention: str, way: str, reading: str, heads: object, edits: int
) -> None:
    shape, aligned = WAYS[way], tokens_of(WORDS, (1, 2, 1, 1))
    words = len(aligned)
    queries = words + STEPS if attention == "self" else STEPS
    keys = words + 2 * shape.padded if attention == "cross" else queries
    generator = torch.Generator().manual_seed(queries + keys)

    def draw(*size: int) -> Tensor:
        return torch.randn(shape.beams, *size, generator=generator, dtype=torch.float64)

    query = draw(HEADS, queries, D)
    key, value = draw(shape.key_heads, keys, D), draw(shape.key_heads, keys, D)
    bias = draw(HEADS, queries, keys)[:1] if shape.bias else None
    mask = step_mask(attention, queries, keys, words)[None, None]

    def call(rows: slice) -> AttentionCall:
        seen = keys if attention == "cross" else rows.stop
        parts = (query[:, :, rows], key[:, :, :seen], value[:, :, :seen])
        own = mask[:, :, rows, :seen].expand(shape.beams, -1, -1, -1)
        added = None if bias is None else bias[:, :, rows, :seen]
        made = AttentionCall(lambda: None, *parts, own, SCALE, shape.softcap, bias=added)
        return made._with_own_kernel()

    made = step_design(attention, reading, heads, shape.cached, edits)
    opened = open_edits(made, aligned, attention)
    assert not (shape.cached and opened.need_earlier_queries)
    begun = words if attention == "self" else 1  # a prompt, or a start token, comes first
    ends = [*range(begun, queries + 1)] if shape.cached else [queries]
    outputs = []
    for start, end in zip([0, *ends], ends, strict=False):
        rows = call(slice(start, end))
        opened.of_call(("decoder", 0), end - start, end)  # comes before "cross" in each layer
        row_edits = opened.of_call((attention, 0), end - start, rows.key.shape[2])
        outputs.append(edited_output(rows, [row_edits] * shape.beams, Batches()))

    whole = call(slice(0, queries))
    every_key, every_value = whole.per_head()
    raw = query @ every_key.transpose(-2, -1)
    raw = raw if bias is None else raw + bias / SCALE
    scores = step_scores(made, aligned, raw, attention)
    edited, before = (capped(x * SCALE, shape.softcap) for x in (scores, raw))
    expected = (masked_softmax(edited, whole.mask, before) @ every_value).transpose(1, 2)
    assert torch.allclose(torch.cat(outputs, dim=1), expected, atol=1e-6)
    assert (expected - whole.untouched()).abs().max() > 1e-2


def test_every_family_is_tried_on_whole_networks() -> None:
    tried = {*tiny.CONFIGS, *tiny.DECODER_CONFIGS, *tiny.TRANSLATOR_CONFIGS}
    assert tried == set(FAMILIES)
    reading = {family for (family, task) in _READING if task in (CLASSES.name, ANSWERS.name)}
    assert set(tiny.READERS.values()) == reading
