"""Attention from what was written to what was read, drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from transformers import AutoModelForSeq2SeqLM

import beaconviz as bv
from beaconviz.analysis.generations import source_weights
from beaconviz.figures.charts.alignment import _LEAST, alignment, source_bars
from beaconviz.figures.theme import PALETTES
from tests.tiny import tiny_model

TEXT = "Ada <b>saw Ada saw London"
FORCED = "Apple <i> fell"


@pytest.fixture(scope="module", params=["bart", "t5", "encoder-decoder"])
def comparison(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    tiny_model(request.param, folder, labels=None, auto=AutoModelForSeq2SeqLM)
    model = bv.load(str(folder), device="cpu")
    pull = bv.Edit(beacon=(("*", 3, 60.0),), attention="cross")
    design = bv.Design(TEXT.split(), (pull,))
    before, after = (bv.run(model, TEXT, one, forced=FORCED) for one in (None, design))
    comparison = bv.compare(model, TEXT, bv.Design.neutral(TEXT.split()))
    return replace(comparison, baseline=before, edited=after)


def lines(figure, axis):
    """The drawn lines: word height, step height and what it tells."""
    found = []
    for trace in figure.data:
        if trace.mode == "lines" and trace.xaxis == axis:
            assert list(trace.x[:3]) == [0.0, 1.0, None]
            found += zip(trace.y[::3], trace.y[1::3], trace.text[::3], strict=True)
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("place", [(None, None), (1, 0)])
def test_every_weight_worth_a_line_has_one(comparison, theme, place):
    layer, head = place
    figure = alignment(comparison, layer=layer, head=head, theme=theme)
    for axis, run in (("x", comparison.baseline), ("x2", comparison.edited)):
        weights = run.attention(layer, head, "token", special=False, attention="cross").numpy()
        drawn = lines(figure, axis)
        assert len(drawn) == (weights >= _LEAST).sum() > 0
        names = [trace for trace in figure.data if trace.mode == "text" and trace.xaxis == axis]
        words, steps = ([*trace.y] for trace in names)
        assert (len(steps), len(words)) == weights.shape
        for y_word, y_step, told in drawn:
            weight = weights[steps.index(y_step), words.index(y_word)]
            assert told.endswith(f": {weight:.3f}")
        # Both sides stand around one middle.
        assert np.mean(words) == pytest.approx(np.mean(steps))
        assert names[0].textfont.color == PALETTES[theme].text


def test_a_stronger_line_is_thicker_on_one_scale(comparison):
    figure = alignment(comparison)
    strengths = {}
    for trace in figure.data:
        if trace.mode == "lines":
            weights = [float(told.rsplit(" ", 1)[1]) for told in trace.text if told]
            assert trace.line.width == pytest.approx(1 + 4 * trace.opacity)
            assert trace.opacity - 1 / 8 - 1e-3 <= min(weights)
            assert max(weights) <= trace.opacity + 1e-3
            strengths.setdefault(trace.opacity, set()).add(trace.xaxis)
    assert strengths[max(strengths)] == {"x2"}  # the edit pulled every step to one word


def test_names_are_escaped_and_special_tokens_are_left_out(comparison):
    drawn = [
        *(text for trace in alignment(comparison).data for text in trace.text),
        *(name for trace in source_bars(comparison).data for name in trace.x),
    ]
    assert not any("<b" in text or "<i" in text or "</s>" in text for text in drawn)
    assert any("&lt;" in text for text in drawn)


def test_bars_are_the_information_weights_and_crosses_what_was_dropped(comparison):
    figure = source_bars(comparison, layer=2, head=1)
    for bars, run in zip(figure.data, (comparison.baseline, comparison.edited), strict=True):
        frame = source_weights(run, 2, 1)
        assert list(bars.y) == frame["weight"].tolist()
        assert [mark == "✕" for mark in bars.text] == frame["dropped"].tolist()
        assert len(set(bars.x)) == len(TEXT.split())  # "Ada" twice is two bars
    edited = source_weights(comparison.edited, 2, 1)
    assert edited["dropped"].tolist() == [True, True, True, False, True]
    assert "layer 2, head 1" in figure.layout.title.text


def test_a_run_that_reads_and_writes_one_text_is_refused(tmp_path):
    model = bv.load(str(tiny_model("bert", tmp_path)), device="cpu")
    comparison = bv.compare(model, TEXT, bv.Design.neutral(TEXT.split()))
    for draw in (alignment, source_bars):
        with pytest.raises(bv.BeaconvizError, match="attention is 'cross'"):
            draw(comparison)
