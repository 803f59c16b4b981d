"""The Translate page in a real browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

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
        expect(theirs.page.get_by_role("radio", name="text → words")).to_be_checked()


def test_the_maps_show_what_each_step_reads(page: Page, serve: Callable[[str], str]) -> None:
    studio = Studio(page, f"{serve('app.py')}translate")
    expect(studio.says).to_contain_text("苹果")
    bench = studio.bench.settle()
    page.mouse.move(*bench.cell("baseline", 0, 4))
    expect(bench.root.locator(".status")).to_contain_text("looks at apples.")
    page.get_by_role("radio", name="text", exact=True).click()
    bench.settle()
    expect(studio.alert).to_have_count(0)
