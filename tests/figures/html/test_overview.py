"""The drawing of a model: of every family, with what a design does to it."""

from __future__ import annotations

import re

import pytest
from transformers import (
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
)

import beaconviz as bv
from beaconviz.figures.html.overview import acting, facts, facts_html, overview_html
from tests.figures.html.test_entities import Page
from tests.tiny import DECODERS, FAMILIES, READERS, TRANSLATORS, tiny_head, tiny_model

WORDS = ("Ada", "met", "Apple")


def load(family, folder, auto=AutoModel, labels=None, **settings):
    return bv.load(
        str(tiny_model(family, folder, auto=auto, labels=labels, **settings)), device="cpu"
    )


@pytest.fixture(scope="module", params=[*FAMILIES, *DECODERS, *TRANSLATORS])
def model(request, tmp_path_factory):
    family = request.param
    auto = AutoModelForCausalLM if family in DECODERS else AutoModel
    auto = AutoModelForSeq2SeqLM if family in TRANSLATORS else auto
    return load(family, tmp_path_factory.mktemp(family), auto)


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return load("bert", tmp_path_factory.mktemp("bert"))


def squares(html, kind):
    """For each head of a kind of attention, from the top left on: its layer, head and number."""
    found = re.findall(rf'title="{kind} attention, layer (\d+), head (\d+): [^"]*">(\d*)</i>', html)
    return [(int(layer), int(head), int(number or 0)) for layer, head, number in found]


def test_every_head_of_every_family_is_drawn_and_counted(model):
    edits = [
        bv.Edit(beacon=(("*", 1, 4.0),), layers=(1,), heads=(0,), attention=kind)
        for kind in model.sizes
    ]
    design = bv.Design(WORDS, (*edits, bv.Edit(marker=((0, 2, 0.5),), heads={1: (0, 1)})))
    html = overview_html(model, design)
    for kind, (layers, heads) in model.sizes.items():
        numbers = {(layer, head): 0 for layer in reversed(range(layers)) for head in range(heads)}
        numbers[1, 0] = 2 if kind == "self" else 1
        if kind == "self":
            numbers[1, 1] = 1
        assert squares(html, kind) == [(*place, count) for place, count in numbers.items()]
    assert html.count('aria-label="') == sum(layers for layers, _ in model.sizes.values())
    assert "1 cell of the beacon, on self attention, layer 1, head 0." in html
    assert "1 cell of the marker, on self attention, heads 0–1 of layer 1." in html


def test_a_line_where_an_edited_run_starts(model):
    design = bv.Design(WORDS, (bv.Edit(beacon=(("*", 1, 4.0),), layers=(1,)),))
    baseline = bv.run(model, "Ada met Apple", limit=0 if model.task.over_next else None)
    late = bool(baseline.hidden) and model.family.can_start_late  # as the engine decides it
    for one, marked in ((design, late), (bv.Design(WORDS), False), (None, False)):
        html = overview_html(model, one)
        assert ('<tr class="bv-net-start"><th scope="row">1</th>' in html) == marked
        assert ("Below the dashed line" in html) == marked
    told = "starts at its first edited layer" if late else "goes through every layer"
    assert facts(model)["An edited run"] == told


def test_what_a_family_has_of_its_own_is_drawn(model):
    text = Page(overview_html(model)).text
    name = model.family.name
    assert ("all with the same weights" in text) == (name == "ALBERT")
    assert ("looked up as 16 numbers, then 32" in text) == (name in ("ALBERT", "ELECTRA"))
    assert ("2 heads share keys" in text) == (name in ("Gemma 2", "Llama", "Qwen2"))
    windows = {"Gemma 2": (2, 3), "Qwen2": (2, 3), "ModernBERT": (1, 4)}
    count, reach = windows.get(name, (0, 0))
    assert text.count(f"at most {reach} tokens away") == count
    assert text.count("tokens away") == count
    if model.family.writes_apart:
        assert "Encoder, which reads" in text
        assert "cross attentionwhat is written looks at what is read" in text
        assert "the next token, one of 400" in text
    else:
        assert ("each token looks back" in text) == model.task.over_next
    assert "32 → 48 → 32" in text


def test_facts_are_said_in_a_table(model):
    page = Page(facts_html(model))
    told = facts(model)
    for name, fact in told.items():
        assert name in page.text
        assert fact in page.text
    count = sum(weight.numel() for weight in model.network.parameters())
    assert told["Parameters"].startswith(f"{count / 1e6:.3f} million")
    assert told["Vocabulary"] == "400 tokens"
    if model.family.name == "T5":
        assert told["d of √d"] == "1: A = 1 multiplies the odds by 2.72"


def test_cells_that_change_nothing_are_not_drawn(bert):
    neutral = bv.Edit(beacon=((0, 1, 0.0),), marker=((1, 1, 1.0),))
    design = bv.Design(WORDS, (neutral, bv.Edit(beacon=((0, 1, 1.0),), heads=(2,))))
    assert acting(design, "self", 0, 4) == [[], [], [1], []]
    html = overview_html(bert, design)
    assert "4 heads, edited: 2" in html
    assert 'head 2: edit 2"' in html
    assert "Edit 1" not in html
    assert "The design changes none" in overview_html(bert, bv.Design(WORDS, (neutral,)))


def test_long_lists_of_labels_open_and_names_are_escaped(tmp_path):
    labels = ["O", *(f"B-<b>{number}</b>" for number in range(40))]
    model = load("bert", tmp_path / "<i>", labels=labels)
    for html in (overview_html(model), facts_html(model)):
        assert "<b>3" not in html
        assert "<i>" not in html.replace("<i class", "")
    assert "<details><summary>O, B-&lt;b&gt;0" in overview_html(model)
    assert "and 32 more</summary>" in overview_html(model)


def test_every_task_says_what_comes_out(tmp_path):
    for auto, said in (
        (AutoModel, "32 numbers a token"),
        (AutoModelForMaskedLM, "the masked token, one of 400"),
        (AutoModelForSequenceClassification, "a class of the text: LABEL_0, LABEL_1"),
    ):
        model = load("bert", tmp_path / auto.__name__, auto)
        assert said in Page(overview_html(model)).text


@pytest.mark.parametrize("name", ["BartForSequenceClassification", "T5ForQuestionAnswering"])
def test_a_decoder_that_reads_the_text_again_is_drawn_as_one(name, tmp_path):
    model = bv.load(str(tiny_head(READERS[name], name, tmp_path)), device="cpu")
    design = bv.Design(WORDS, (bv.Edit(beacon=(("*", 1, 2.0),), attention="cross", heads=(1,)),))
    text = Page(overview_html(model, design)).text
    for told in (
        "Decoder, which reads it again",
        "the text again, one token later",
        "cross attentionthe text, read again, looks at it",
    ):
        assert told in text
    assert "writes" not in text
    assert "written" not in text
    assert "3 × " in facts(model)["Layers × heads"]
