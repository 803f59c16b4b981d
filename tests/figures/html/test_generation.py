"""What was written, drawn: changed steps framed, everything escaped, chances told."""

from __future__ import annotations

from dataclasses import replace

import markupsafe
import pytest
from transformers import AutoModelForSeq2SeqLM

import beaconviz as bv
from beaconviz.figures import says_html
from beaconviz.figures.html.generation import ALTERNATIVES, WRITTEN_STYLE
from beaconviz.figures.html.guesses import seen
from beaconviz.figures.html.numbers import probability
from beaconviz.models.tasks.rewrites import rewrites
from tests.figures.html.test_entities import Page
from tests.tiny import tiny_model

TEXT = "Ada Lovelace lived in London"
HOSTILE = "</span><script>alert(1)</script> 'quoted' & Apple"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bart")
    return bv.load(str(tiny_model("bart", folder, labels=None, auto=AutoModelForSeq2SeqLM)))


@pytest.fixture(scope="module")
def comparison(model):
    """Of two texts that the model was made to write."""
    neutral = bv.Design.neutral(TEXT.split())
    comparison = bv.compare(model, TEXT, neutral)
    before = bv.run(model, TEXT, forced="the lazy dog lived in London")
    after = bv.run(model, TEXT, forced="the brown fox lived in London")
    return replace(comparison, baseline=before, edited=after)


def test_changed_steps_are_framed_and_the_others_are_not(comparison):
    before, after = comparison.baseline.generation, comparison.edited.generation
    (change,) = rewrites(before, after)
    page = Page(says_html(comparison))
    shown = page.classes
    assert shown.count("bv-gone") == len(range(*change.before_steps)) > 0
    assert shown.count("bv-new") == len(range(*change.after_steps)) > 0
    texts = [run.tokens.spans for run in (before, after)]
    assert shown.count("bv-step") == sum(end > start for spans in texts for start, end in spans)
    assert str(change) in page.text
    assert "The text did not change" not in page.text


def test_every_step_tells_its_chances(comparison):
    page = says_html(comparison)
    for run in (comparison.baseline, comparison.edited):
        for step, (start, end) in enumerate(run.generation.tokens.spans):
            if start == end:
                continue
            likely = ", ".join(
                f"{seen(run.model.spell(token)).strip()} {probability(chance)}"
                for token, chance in run.generation.likeliest(step, ALTERNATIVES)
            )
            assert f'title="step {step}: {markupsafe.escape(likely)}"' in page
            assert f'--p:{float(run.generation.probabilities[step]):.2f}"' in page
        assert f">−{-run.generation.score:.2f} nats a step" in page


def test_the_same_text_has_no_frames(comparison):
    page = Page(says_html(replace(comparison, edited=comparison.baseline)))
    assert "The text did not change." in page.text
    assert not {"bv-new", "bv-gone"} & set(page.classes)


def test_a_text_that_only_ends_otherwise_did_not_change(comparison):
    run = comparison.baseline
    ids, count = run.generation.tokens, len(run.generation) - 1
    cut = {name: getattr(ids, name)[:count] for name in ("tokens", "ids", "word_of", "spans")}
    tokens = replace(ids, **cut, special=ids.special[:count])
    edited = replace(
        run, generation=replace(run.generation, tokens=tokens, logits=run.logits[:count])
    )
    page = Page(says_html(replace(comparison, edited=edited)))
    assert ids.special[count]
    assert "The text did not change." in page.text
    assert "nothing" not in page.text


def test_what_was_written_is_escaped(model, comparison):
    run = bv.run(model, TEXT, forced=HOSTILE)
    page = says_html(replace(comparison, edited=run))
    assert "<script" not in page
    said = Page(page)
    assert set(said.tags) <= {"style", "div", "span", "ul", "li"}
    assert "script" in said.text


def test_a_run_that_wrote_nothing(model, comparison):
    silent = replace(comparison.edited, generation=None)
    assert says_html(replace(comparison, edited=silent), style=False) == ""
    assert WRITTEN_STYLE not in says_html(comparison, style=False)
    empty = bv.run(model, TEXT, forced="<s>")  # a special token, which is no text
    page = Page(says_html(replace(comparison, edited=empty)))
    assert "nothing" in page.text
