import json
import re

import pytest
from transformers import AutoModelForSeq2SeqLM

import beaconviz as bv
from beaconviz.core.errors import BeaconvizError
from beaconviz.figures import bertviz_html
from beaconviz.figures.bertviz import DECIMALS, MAX_BYTES, depth, page_size
from tests.tiny import tiny_head, tiny_model


@pytest.mark.parametrize("view", ["head", "model"])
def test_a_page_asks_nobody(comparison, view):
    page = bertviz_html(comparison.edited, view, layers=(0, 2))
    assert not re.findall(r"<script[^>]*src", page)
    assert "cdnjs" not in page.split("<body>")[1].split("<script", 1)[0]
    assert "scope.requirejs" in page


def test_the_weights_of_the_chosen_layers_are_in_it(comparison):
    data = params(bertviz_html(comparison.edited, layers=(2, 0), unit="word"))
    assert data["include_layers"] == [0, 2]
    weights = data["attention"][0]["attn"]
    assert (len(weights), len(weights[0])) == (2, 4)
    expected = comparison.edited.attention(2, 3, unit="word").tolist()
    assert weights[1][3][0] == pytest.approx(expected[0], abs=5e-5)


def test_tokens_are_shown_never_run(hostile):
    page = bertviz_html(hostile.baseline, unit="word", layers=(0,))
    assert "<script>alert" not in page
    assert params(page)["attention"][0]["left_text"] == hostile.baseline.words


def test_the_size_is_foreseen(comparison):
    page = bertviz_html(comparison.edited, layers=(0, 1, 2))
    run = comparison.edited
    assert len(page.encode()) < page_size(len(run.tokens), 3 * run.heads) + 60_000


def test_a_page_of_more_than_15_mb_is_refused_before_it_is_made(comparison, monkeypatch):
    assert page_size(512, 12) > MAX_BYTES
    monkeypatch.setattr("beaconviz.figures.bertviz.MAX_BYTES", 400_000)
    with pytest.raises(BeaconvizError, match="choose fewer layers or a shorter text"):
        bertviz_html(comparison.edited)


@pytest.mark.parametrize("layers", [(), (7,), (-1, 0)])
def test_layers_that_do_not_exist_are_refused(comparison, layers):
    with pytest.raises(BeaconvizError, match="layer"):
        bertviz_html(comparison.edited, layers=layers)


def test_an_unknown_view_is_refused(comparison):
    with pytest.raises(BeaconvizError, match="head, model"):
        bertviz_html(comparison.edited, "neuron")


def params(page):
    """What BertViz's script is given."""
    return json.loads(re.search(r"const params = (\{.*\});", page)[1])


def test_lines_are_pale_and_never_darken_a_dark_page(comparison):
    dark, light = (
        bertviz_html(comparison.edited, layers=(0,), theme=theme) for theme in ("dark", "light")
    )
    assert "mix-blend-mode: screen" in dark
    assert "mix-blend-mode" not in light.split("<script>")[0]
    assert '<html lang="en" data-theme="dark">' in dark
    assert '<html lang="en" data-theme="light">' in light


def test_a_translation_has_all_three_kinds(tmp_path):
    folder = tiny_model("bart", tmp_path, labels=None, auto=AutoModelForSeq2SeqLM)
    run = bv.run(bv.load(str(folder), device="cpu"), "Ada lived in London", limit=6)
    assert depth(run) == 2  # of the encoder, which has fewer layers than the decoder
    for view in ("head", "model"):
        page = bertviz_html(run, view, layers=(1,))
        for kind in ("Encoder", "Decoder", "Cross"):
            assert f'"name": "{kind}"' in page
        assert json.dumps(list(run.generation.before.tokens))[1:-1].split(", ")[1] in page
    first = float(run.weights(1, [0], "cross")[0, 0, 0])
    assert f"{round(first, DECIMALS)}" in page
    with pytest.raises(bv.BeaconvizError, match="expected numbers from 0 to 1"):
        bertviz_html(run, layers=(2,))


def test_a_decoder_that_reads_the_text_again_has_all_three_kinds(tmp_path):
    folder = tiny_head("bart", "BartForSequenceClassification", tmp_path)
    run = bv.run(bv.load(str(folder), device="cpu"), "Ada lived in London")
    page = bertviz_html(run, layers=(1,))
    for kind in ("Encoder", "Decoder", "Cross"):
        assert f'"name": "{kind}"' in page
    first = float(run.weights(1, [0], "cross")[0, 0, 0])
    assert f"{round(first, DECIMALS)}" in page
