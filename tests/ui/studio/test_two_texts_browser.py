"""A question and its passage in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from transformers import AutoModelForQuestionAnswering

from tests.tiny import tiny_model
from tests.ui.browser import Studio

pytestmark = pytest.mark.browser

QUESTION = "Who lived in London ?"
PASSAGE = "Ada Lovelace lived in London."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("answering")
    return tiny_model("bert", root, labels=None, auto=AutoModelForQuestionAnswering)


def passage(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Passage", exact=True)


def asked(page: Page, address: str, folder: Path) -> Studio:
    """The Studio with the question and the passage."""
    studio = Studio(page, address)
    studio.take(folder)
    expect(passage(page)).to_have_value("Steve Jobs was the co-founder of Apple Inc.")
    studio.settle().write(QUESTION)
    studio.settle()
    passage(page).fill(PASSAGE)
    passage(page).press("Enter")
    expect(studio.says).to_contain_text("Lovelace")
    return studio.settle()


def test_an_edit_changes_the_answer_and_a_reload_keeps_both_texts(
    page: Page, serve: Callable[[str], str], folder: Path
) -> None:
    studio = asked(page, serve("app.py"), folder)
    before = studio.said
    studio.bench.click("beacon", -1, 5)  # everybody looks at Ada, the first word of the passage
    assert studio.said != before
    with studio.reopened() as theirs:
        for screen in (studio, theirs):
            expect(screen.box).to_have_value(QUESTION)
            expect(passage(screen.page)).to_have_value(PASSAGE)


def test_the_maps_show_how_the_question_looks_at_the_passage(
    page: Page, serve: Callable[[str], str], folder: Path
) -> None:
    studio = asked(page, serve("app.py"), folder)
    bench = studio.bench
    bench.click("beacon", 0, 8)  # "Who" looks at the passage's "in"
    studio.settle()  # the answer above the maps may move them
    edited = bench.root.locator(".edited .grid")
    whole = edited.get_attribute("data-geometry")
    page.locator(".st-key-pair").get_by_text("a→b", exact=True).click()
    expect(edited).not_to_have_attribute("data-geometry", whole)  # cells of a part are larger
    studio.settle()
    page.mouse.move(*bench.cell("edited", 0, 3))
    expect(bench.root.locator(".status")).to_contain_text("Who → in")
    page.mouse.move(*bench.cell("edited", 4, 0))
    expect(bench.root.locator(".status")).to_contain_text("? → Ada")
    bench.click("edited", 0, 3)  # takes the cursor of the editor to the same cell
    bench.type("7\n")
    expect(bench.root.locator(".status")).to_contain_text("Who → in")
