"""The Translate page in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

import beaconviz as bv
from tests.ui.browser import Studio

pytestmark = pytest.mark.browser


def test_a_word_is_dropped_by_hand_and_the_link_keeps_it(
    page: Page, serve: Callable[[str], str]
) -> None:
    studio = Studio(page, f"{serve('app.py')}translate")
    expect(studio.says).to_contain_text("苹果")
    page.get_by_role("button", name="Reset both matrices").click()
    expect(studio.says).to_contain_text("The text did not change")
    studio.settle().bench.click("beacon", -1, 4).type("-200\n")  # no step looks at "apples."
    expect(studio.says).not_to_contain_text("The text did not change")
    with studio.reopened() as theirs:
        expect(theirs.page.get_by_role("radio", name="output → text")).to_be_checked()


def test_the_maps_show_what_each_step_reads(page: Page, serve: Callable[[str], str]) -> None:
    studio = Studio(page, f"{serve('app.py')}translate")
    expect(studio.says).to_contain_text("苹果")
    bench = studio.bench.settle()
    page.mouse.move(*bench.cell("baseline", 0, 4))
    expect(bench.root.locator(".status")).to_contain_text("attends to apples.")
    page.get_by_role("radio", name="output", exact=True).click()
    bench.settle()
    expect(studio.alert).to_have_count(0)


# How many of some characters the app's own font draws in ways of their own: what it lacks looks
# alike.
DRAWN = """async (characters) => {
  await document.fonts.load('24px "beaconviz Chinese"', characters);
  const canvas = new OffscreenCanvas(32, 32);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.font = '24px "beaconviz Chinese"';
  const pictures = Array.from(characters, (character) => {
    context.clearRect(0, 0, 32, 32);
    context.fillText(character, 2, 26);
    return context.getImageData(0, 0, 32, 32).data.join();
  });
  return new Set(pictures).size;
}"""


def test_every_character_of_the_translator_is_drawn_without_a_font_of_the_system(
    page: Page, serve: Callable[[str], str]
) -> None:
    Studio(page, f"{serve('app.py')}translate")
    vocabulary = bv.load("translate-mini").target.get_vocab()
    characters = "".join(sorted({c for token in vocabulary for c in token if c >= "⺀"}))
    assert len(characters) > 2000
    assert page.evaluate(DRAWN, characters) > 0.98 * len(characters)
    family = "element => getComputedStyle(element).fontFamily"
    assert "beaconviz Chinese" in page.locator(".says").evaluate(family)
    text = page.locator(".js-plotly-plot text").first
    assert "beaconviz Chinese" in text.evaluate(family)
