"""The Model page in a real browser: nothing sticks out, and a head that is chosen is shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.ui.browser import Workbench, idle

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [1440, 420])
def test_the_drawing_fits_and_a_head_opens_in_the_studio(
    page: Page, serve: Callable[[str], str], width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{serve('app.py')}model")
    drawing = page.locator("figure.bv-net")
    expect(drawing.locator("tbody tr")).to_have_count(6)
    expect(drawing.locator("i")).to_have_count(72)
    expect(drawing.get_by_role("img", name="12 heads, edited: 0–11")).to_have_count(6)
    for square in (drawing.locator("i").first, drawing.locator("i").last):
        box = square.bounding_box()
        assert box is not None
        assert (box["width"], box["height"]) == (15, 15)
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width

    for part, number in (("Layer", "4"), ("Head", "9")):
        box = page.get_by_role("combobox", name=part)
        box.fill(number)
        box.press("Enter")
        expect(box).to_have_value(number)
        idle(page)
    page.get_by_role("button", name="Show in the Studio").click()
    bench = Workbench(page).settle()
    for part, number in (("Layer", "4"), ("Head", "9")):
        expect(bench.root.get_by_role("combobox", name=part)).to_have_value(number)
