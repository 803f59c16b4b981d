"""Learning a design in a real browser: the matrix moves, beside it one can paint; stop, and use
it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.ui.browser import Studio

pytestmark = pytest.mark.browser


def test_a_design_is_learned_before_ones_eyes(page: Page, serve: Callable[[str], str]) -> None:
    studio = Studio(page, serve("app.py"))
    opened = studio.link
    studio.open_panel("Learn")
    studio.press("Learn")
    stop = studio.button("Stop")
    expect(stop).to_be_visible()
    # While Streamlit exchanges one figure for the next there are two; the last is the new one.
    matrix = page.locator(".js-plotly-plot").filter(has_text="beacon A").last
    early = matrix.inner_text()
    expect(matrix).not_to_have_text(early, use_inner_text=True)  # it moves

    studio.bench.click("beacon", 0, 2)
    painted = studio.linked(opened)
    expect(stop).to_be_visible()  # a stroke does not end the search

    stop.click()
    use = studio.button("Use this design")
    use.click()
    studio.linked(painted)
    expect(use).to_be_disabled()
    expect(page.get_by_test_id("stException")).to_have_count(0)
