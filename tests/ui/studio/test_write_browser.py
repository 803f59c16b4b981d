"""The Write page in a real browser, with a tiny model."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from transformers import AutoModelForCausalLM

from tests.tiny import tiny_model
from tests.ui.browser import Studio

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of many layers and positions, that writes for a while."""
    root = tmp_path_factory.mktemp("writes")
    sizes = {"max_position_embeddings": 2000, "num_hidden_layers": 24}
    tiny_model("llama", root, labels=None, auto=AutoModelForCausalLM, **sizes)
    config = root / "tokenizer_config.json"
    facts = json.loads(config.read_text("utf-8")) | {"model_max_length": 2000}
    config.write_text(json.dumps(facts), "utf-8")
    return root


def write_page(page: Page, address: str, folder: Path) -> Studio:
    """The Studio, led to the Write page by a model that writes on."""
    studio = Studio(page, address)
    studio.take(folder)
    expect(page.get_by_role("radio", name="Write on")).to_be_visible()
    return studio


def test_an_edit_moves_the_next_words_and_the_link_keeps_it(
    page: Page, serve: Callable[[str], str], folder: Path
) -> None:
    studio = write_page(page, serve("app.py"), folder)
    page.get_by_role("button", name="Reset both matrices").click()
    expect(studio.says).to_contain_text("No guess changed")
    studio.settle().bench.click("beacon", -1, 1).type("200\n")  # everybody looks at the second word
    expect(studio.says).not_to_contain_text("No guess changed")
    with studio.reopened():
        pass


def test_a_text_grows_until_it_is_stopped(
    page: Page, serve: Callable[[str], str], folder: Path
) -> None:
    studio = write_page(page, serve("app.py"), folder)
    studio.open_panel("Write on")
    page.get_by_role("spinbutton", name="Tokens").fill("400")
    page.get_by_role("spinbutton", name="Tokens").press("Enter")
    studio.press("Write on")
    expect(page.get_by_text(re.compile(r"^[1-9]\d* of 400 tokens")).first).to_be_visible()
    studio.press("Stop")
    expect(studio.button("Write on")).to_be_enabled()
    expect(studio.button("Stop")).to_have_count(0)
    steps = page.locator(".bv-step")
    expect(steps.first).to_be_visible()
    assert steps.count() < 2 * 400
    expect(studio.alert).to_have_count(0)
