"""The Translate page in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.ui.test_studio_browser import Studio

pytestmark = pytest.mark.browser


def test_a_word_is_dropped_by_hand_and_the_link_keeps_it(
    page: Page, serve: Callable[[str], str], browser: Browser
) -> None:
    studio = Studio(page, f"{serve('app.py')}translate")
    expect(studio.says).to_contain_text("苹果")
    page.get_by_role("button", name="Reset both matrices").click()
    expect(studio.says).to_contain_text("The text did not change")
    bench, link = studio.bench.settle(), studio.link
    bench.click("beacon", -1, 4)
    link = studio.linked(link)
    bench.type("-200\n")  # no step looks at "apples."
    expect(studio.says).not_to_contain_text("The text did not change")
    link = studio.linked(link)
    bench.settle()
    seen = studio.says.inner_text()

    page.reload()
    bench.settle()
    expect(studio.says).to_have_text(seen, use_inner_text=True)
    other = browser.new_context(viewport={"width": 1440, "height": 900})
    theirs = Studio(other.new_page(), link)
    expect(theirs.says).to_have_text(seen, use_inner_text=True)
    expect(theirs.page.get_by_role("radio", name="text → words")).to_be_checked()
    other.close()


def test_the_maps_show_what_each_step_reads(page: Page, serve: Callable[[str], str]) -> None:
    studio = Studio(page, f"{serve('app.py')}translate")
    expect(studio.says).to_contain_text("苹果")
    bench = studio.bench.settle()
    page.mouse.move(*bench.cell("baseline", 0, 4))
    expect(bench.root.locator(".status")).to_contain_text("looks at apples.")
    page.get_by_role("radio", name="text", exact=True).click()
    bench.settle()
    expect(studio.alert).to_have_count(0)
