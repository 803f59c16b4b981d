"""What a checkpoint's generation settings say is respected, or refused in one line."""

from __future__ import annotations

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoModelForSeq2SeqLM

import beaconviz as bv
from beaconviz.runs.generate import generate_ids
from tests.models.odd import change_json, refused
from tests.tiny import tiny_model

FILE = "generation_config.json"
TEXT = "Ada lived in"


@pytest.fixture
def bart(tmp_path):
    return tiny_model("bart", tmp_path / "bart", labels=None, auto=AutoModelForSeq2SeqLM)


def written(folder, **options):
    run = bv.run(bv.load(str(folder), device="cpu"), TEXT, limit=6, **options)
    return run.generation.tokens.ids


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_damaged_file_is_not_passed_over(tmp_path, content):
    folder = tiny_model("gpt2", tmp_path, labels=None, auto=AutoModelForCausalLM)
    (folder / FILE).write_text(content)
    refused(folder, FILE)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("stop_strings", ["a"]),
        ("penalty_alpha", 0.5),
        ("dola_layers", "high"),
        ("force_words_ids", [[5]]),
        ("prompt_lookup_num_tokens", 3),
        ("guidance_scale", 2.0),
        ("max_time", 1.0),
        ("watermarking_config", {"bias": 2.0}),
    ],
)
def test_other_ways_of_decoding_are_refused_by_name(bart, setting, value):
    change_json(bart / FILE, **{setting: value})
    refused(bart, f"{setting} in {FILE}", "cannot be respected here")


@pytest.mark.parametrize(
    ("settings", "part"),
    [
        ({"repetition_penalty": -1.0}, "strictly positive float"),
        ({"length_penalty": "much"}, FILE),
        ({"early_stopping": "maybe"}, "early_stopping"),
        ({"forced_bos_token_id": 9999}, "outside the network's vocabulary of 400"),
        ({"decoder_start_token_id": 9999}, "outside the network's vocabulary of 400"),
        ({"decoder_start_token_id": None, "bos_token_id": None}, "every text begins with"),
        ({"eos_token_id": "two"}, "is no token's number"),
    ],
)
def test_settings_that_fail_when_a_text_is_written(bart, settings, part):
    change_json(bart / FILE, **settings)
    refused(bart, part)


@pytest.mark.parametrize(
    "settings",
    [
        {"return_dict_in_generate": True, "output_scores": True},
        {"cache_implementation": "static"},
        {"num_beams": 4, "num_return_sequences": 3},
        {"max_length": 2},
        {"pad_token_id": None},
    ],
)
def test_settings_of_the_call_change_nothing_that_is_written(bart, settings):
    expected = written(bart)
    change_json(bart / FILE, **settings)
    assert written(bart) == expected


def test_settings_of_a_step_are_respected(bart):
    plain = written(bart)
    assert len(set(plain)) < len(plain)
    change_json(bart / FILE, no_repeat_ngram_size=1)
    once = written(bart)
    assert len(set(once)) == len(once)
    change_json(bart / FILE, no_repeat_ngram_size=..., suppress_tokens=[plain[0]])
    assert plain[0] not in written(bart)
    change_json(bart / FILE, suppress_tokens=..., forced_bos_token_id=9)
    assert written(bart)[0] == 9


def remarks(folder):
    return " ".join(bv.load(str(folder), device="cpu").remarks)


def test_sampling_is_not_followed_and_a_remark_says_so(bart):
    expected = written(bart)
    assert remarks(bart) == ""
    change_json(bart / FILE, do_sample=True, temperature=0.7, top_p=0.9)
    assert "do_sample, temperature 0.7, top_p 0.9" in remarks(bart)
    assert written(bart) == expected
    change_json(bart / FILE, do_sample=False)  # then transformers passes the other two over too
    assert remarks(bart) == ""


def test_beams_and_lengths_that_a_call_names_are_not_followed(bart):
    change_json(bart / FILE, num_beams=4, max_length=60, max_new_tokens=9)
    said = remarks(bart)
    assert "num_beams 4, max_length 60, max_new_tokens 9" in said
    assert "give beams and limit yourself" in said


@pytest.mark.parametrize("beams", [1, 3])
@pytest.mark.parametrize(
    "settings",
    [
        {"repetition_penalty": 1.5},
        {"no_repeat_ngram_size": 2},
        {"suppress_tokens": [24, 191]},
        {"begin_suppress_tokens": [24]},
        {"bad_words_ids": [[24], [5, 6]]},
        {"forced_bos_token_id": 7},
        {"forced_eos_token_id": 2},
        {"min_length": 5},
        {"sequence_bias": [[[5], 3.0]]},
        {"exponential_decay_length_penalty": [2, 1.5]},
        {"length_penalty": 2.0, "early_stopping": True},
        {"eos_token_id": [2, 24]},
        {"decoder_start_token_id": [3]},
    ],
)
def test_what_is_followed_is_what_transformers_generates(bart, settings, beams):
    change_json(bart / FILE, **settings)
    network = AutoModelForSeq2SeqLM.from_pretrained(bart).eval()
    model = bv.load(str(bart), device="cpu")
    ids = torch.tensor([model.tokenize(TEXT).ids])
    own = network.generate(ids, max_new_tokens=6, num_beams=beams)[0, 1:].tolist()
    assert generate_ids(model, model.tokenize(TEXT), limit=6, beams=beams) == own


def test_an_end_outside_the_vocabulary_ends_no_text(bart):
    change_json(bart / FILE, eos_token_id=9999)
    assert "eos_token_id 9999 is outside the vocabulary of 400" in remarks(bart)
    assert len(written(bart)) == 6
    change_json(bart / FILE, exponential_decay_length_penalty=[2, 1.5])
    refused(bart, "exponential_decay_length_penalty", "needs a token that ends a text")
    change_json(bart / FILE, exponential_decay_length_penalty=..., decoder_start_token_id=[1, 2])
    refused(bart, "decoder_start_token_id", "is not one token")
