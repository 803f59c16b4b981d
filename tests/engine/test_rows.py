"""The fast path against the plain definition: every reading, stacks, padding, masks."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from beaconviz.core import presets
from beaconviz.core.attention import edit_scores, masked_softmax
from beaconviz.core.design import Design
from beaconviz.core.edit import DesignError, Edit
from beaconviz.core.interventions import READINGS
from beaconviz.core.words import Tokens, Word
from beaconviz.engine.compile import compile_design

WORDS = ["Steve", "Jobs", "was", "Apple"]
D = 8


def tokens_of(words, pieces, extra=1):
    """Tokens where word w has pieces[w] tokens, between `extra` special tokens at each end."""
    word_of = [None] * extra + [w for w, n in enumerate(pieces) for _ in range(n)] + [None] * extra
    return Tokens(
        text=" ".join(words),
        words=tuple(Word(word, 0, 0) for word in words),
        tokens=tuple(f"t{i}" for i in range(len(word_of))),
        ids=tuple(range(len(word_of))),
        word_of=tuple(word_of),
        spans=((0, 0),) * len(word_of),
        special=tuple(word is None for word in word_of),
    )


def expand(design, tokens, position):
    """M and A of one edit on tokens, as DESIGN §1 writes it, with dense indicators."""
    units = tokens.units(design.unit)
    E = torch.zeros(len(tokens), len(design.words))
    for token, unit in enumerate(units):
        if unit is not None:
            E[token, unit] = 1
    marker, beacon = (design.matrix(name, position) for name in ("marker", "beacon"))
    beacon = E @ beacon @ E.T
    if design.reading == "product":
        mean = E / E.sum(0).clamp(min=1)
        return torch.eye(len(tokens)) + E @ (marker - torch.eye(len(marker))) @ mean.T, beacon
    if design.reading == "mask":
        marker = torch.where(marker.eq(0).all(1, keepdim=True), 1.0, marker)
    return 1 + E @ (marker - 1) @ E.T, beacon


def by_definition(design, tokens, q, k, mask):
    """Weights of every head by stacking `edit_scores`, Float[Tensor, "head query key"]."""
    scale = D**-0.5
    raw = q @ k.transpose(-2, -1)
    result = torch.empty_like(raw)
    for head in range(len(q)):
        scores = raw[head]
        for position, edit in enumerate(design.edits):
            if head in edit.heads_in(0, len(q)):
                scores = edit_scores(scores, *expand(design, tokens, position), design.reading)
        result[head] = masked_softmax(scores * scale, mask, fallback=raw[head] * scale)
    return result


def by_rows(design, tokens, q, k, mask):
    """The same by recomputing edited rows over the untouched weights."""
    scale = D**-0.5
    raw = q @ k.transpose(-2, -1) * scale
    weights = masked_softmax(raw, mask, raw)
    for edit in compile_design(design, tokens, layers=1, heads=len(q)).get(0, ()):
        edit = edit.to(q.device, q.dtype)
        rows_mask = None if mask is None else mask[edit.rows]
        new = edit.weights(q[edit.heads], k[edit.heads], scale=scale, mask=rows_mask)
        weights[edit.heads[:, None], edit.rows] = new
    return weights


index = st.sampled_from([0, 1, 2, 3, "*"])
places = st.tuples(index, index)


@st.composite
def designs(draw):
    reading = draw(st.sampled_from(READINGS))
    values = st.sampled_from([0.0, 1.0]) if reading == "mask" else st.floats(-3, 3)
    design = None
    for _ in range(draw(st.integers(1, 3))):
        edit = Edit(
            marker=tuple((*draw(places), draw(values)) for _ in range(draw(st.integers(0, 4)))),
            beacon=tuple(
                (*draw(places), draw(st.floats(-9, 9))) for _ in range(draw(st.integers(0, 4)))
            ),
            heads=draw(st.sampled_from(["all", (1,), (0, 2)])),
        )
        design = Design(WORDS, (edit,), reading) if design is None else design.stacked(edit)
    return design


@settings(deadline=None, max_examples=300)
@given(
    designs(),
    st.sampled_from([(1, 1, 1, 1), (2, 1, 3, 1), (1, 0, 2, 1)]),
    st.booleans(),
    st.integers(0, 99),
)
def test_recomputed_rows_equal_the_definition(design, pieces, causal, seed):
    torch.manual_seed(seed)
    tokens = tokens_of(WORDS, pieces)
    n = len(tokens)
    q, k = torch.randn(2, 3, n, D, dtype=torch.float64)
    mask = torch.ones(n, n, dtype=torch.bool).tril() if causal else None
    fast, plain = by_rows(design, tokens, q, k, mask), by_definition(design, tokens, q, k, mask)
    assert torch.allclose(fast, plain, atol=1e-5)
    assert torch.allclose(fast.sum(-1), torch.ones(3, n, dtype=torch.float64), atol=1e-5)


@settings(deadline=None, max_examples=200)
@given(designs(), st.sampled_from([None, "causal", "padding"]), st.booleans(), st.integers(0, 99))
def test_the_fused_rows_equal_their_weights_times_the_values(design, masked, biased, seed):
    torch.manual_seed(seed)
    tokens = tokens_of(WORDS, (1, 2, 1, 1))
    n = len(tokens) + 3 * (masked == "padding")  # the call may be longer than the edit
    q, k, v = torch.randn(3, 3, n, D, dtype=torch.float64)
    bias = torch.randn(3, n, n, dtype=torch.float64) if biased else None
    mask = torch.ones(1, n, n, dtype=torch.bool)
    mask = mask.tril() if masked == "causal" else mask
    mask[..., len(tokens) :] = False
    for edit in compile_design(design, tokens, layers=1, heads=len(q)).get(0, ()):
        one = edit.to(q.device, q.dtype)
        heads = one.heads
        options = {
            "scale": 0.3,
            "bias": None if bias is None else bias[heads],
            "mask": None if masked is None else mask[:, one.rows],
        }
        expected = one.weights(q[heads], k[heads], **options) @ v[heads]
        assert torch.allclose(one.attend(q[heads], k[heads], v[heads], **options), expected)


@pytest.mark.parametrize("reading", READINGS)
def test_an_asymmetric_edit_reaches_the_row_and_not_the_column(reading):
    """Axes are query, key: editing [0][3] changes row 0 and no other."""
    torch.manual_seed(0)
    tokens = tokens_of(WORDS, (1, 1, 1, 1), extra=0)
    q, k = torch.randn(2, 1, 4, D)
    marker = [(0, 3, 0.0 if reading == "mask" else 0.5)]
    design = Design.neutral(WORDS, reading=reading).with_cells(marker=marker, beacon=[(0, 3, 2.0)])
    changed = (
        by_rows(design, tokens, q, k, None) - by_rows(Design.neutral(WORDS), tokens, q, k, None)
    ).abs()
    assert changed[0, 0].max() > 1e-3
    assert changed[0, 1:].max() == 0


def test_only_touched_rows_are_built():
    tokens = tokens_of(WORDS, (2, 1, 1, 3))
    design = Design.neutral(WORDS).with_cells(beacon=[(3, 0, 1.0)])
    (edit,) = compile_design(design, tokens, layers=2, heads=4)[1]
    assert edit.rows.tolist() == [5, 6, 7]
    assert edit.marker.shape == (3, 9)
    assert edit.offset[0].tolist() == [0, 1, 1, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("reading", READINGS)
def test_neutral_on_words_is_neutral_on_tokens(reading):
    tokens = tokens_of(WORDS, (2, 1, 1, 3))
    design = Design.neutral(WORDS, reading=reading).with_cells(
        marker=[(1, 1, 1.0)], beacon=[("*", "*", 0.0)]
    )
    assert compile_design(design, tokens, layers=2, heads=4) == {}


def test_edits_reach_their_layers_and_heads_only():
    tokens = tokens_of(WORDS, (1, 1, 1, 1))
    design = presets.boost(WORDS, word=1).targeting(layers=[1, 2], heads={2: (0, 3)})
    compiled = compile_design(design, tokens, layers=4, heads=4)
    assert list(compiled) == [2]
    assert compiled[2][0].heads.tolist() == [0, 3]


@pytest.mark.parametrize(
    ("design", "message"),
    [
        (Design.neutral(["Steve"]), "the design has 1 words, the text has 4; realign"),
        (Design.neutral(["Steve", "Jobs", "is", "Apple"]), "'is' at 2, the text has 'was'"),
        (
            Design.neutral(WORDS).targeting(layers=[2]),
            r"edits\[0\].layers is 2; expected a number from 0 to 1",
        ),
        (
            Design.neutral(WORDS).targeting(heads=[4]),
            r"edits\[0\].heads is 4; expected a number from 0 to 3",
        ),
        (
            Design.neutral(WORDS).targeting(heads={5: (0,)}),
            r"edits\[0\].heads is 5; .* 0 to 1 \(2 layers",
        ),
    ],
)
def test_designs_that_do_not_fit_the_model_or_the_text(design, message):
    with pytest.raises(DesignError, match=message):
        compile_design(design, tokens_of(WORDS, (1, 1, 1, 1)), layers=2, heads=4)
