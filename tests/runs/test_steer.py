"""What a design names is checked before anything is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import AutoModelForSeq2SeqLM

import beaconviz as bv
from beaconviz.runs import steer
from tests.tiny import TRANSLATORS, tiny_model

WORDS = ("Ada", "Lovelace")


@pytest.fixture(scope="module", params=TRANSLATORS)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> bv.Model:
    folder: Path = tmp_path_factory.mktemp(request.param)
    tiny_model(request.param, folder, labels=None, auto=AutoModelForSeq2SeqLM)
    return bv.load(str(folder), device="cpu")


@pytest.mark.parametrize("attention", ["cross", "decoder"])
@pytest.mark.parametrize("matrix", ["marker", "beacon"])
def test_a_step_that_nobody_generates_is_refused_before_it_is_compiled(
    model: bv.Model, attention: str, matrix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """80 bytes cost a server 2 GB: also where positions are relative and end nowhere (T5)."""
    monkeypatch.setattr(steer, "compile_design", lambda *_, **__: pytest.fail("it was compiled"))
    edit = bv.Edit(**{matrix: ((9_999, 0, 0.5),)}, attention=attention)
    with pytest.raises(bv.DesignError, match=r"names step 9,999; .* at most \d"):
        bv.run(model, "Ada Lovelace", bv.Design(WORDS, (edit,)))


def test_an_end_of_what_is_generated(model: bv.Model) -> None:
    assert 1 < model.most_written <= 1_024
