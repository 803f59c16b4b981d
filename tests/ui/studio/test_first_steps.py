"""The first steps: beside the example, closed for good, and back by "?"."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from beaconviz.ui.shell.examples import first_view
from beaconviz.ui.studio.first_steps import STEPS
from tests.ui.app import Studio as WithoutBrowser
from tests.ui.browser import Studio, Workbench, idle


def test_what_the_steps_say_is_so() -> None:
    studio = WithoutBrowser(view=None)
    comparison = studio.session.comparison()
    first = comparison.baseline.entities[0]
    assert (first.text, first.label) == ("Barcelona", "ORG")
    assert comparison.edited.entities[0].label == "LOC"
    (edit,) = studio.design.edits
    hidden = {column for _, column, value in edit.marker if value == 0}
    words = studio.design.words
    assert [word for number, word in enumerate(words) if number not in hidden] == ["in"]
    assert "“in”" in STEPS[1]


@pytest.mark.browser
def test_they_are_closed_for_good_and_come_back_with_the_example(
    page: Page, serve: Callable[[str], str]
) -> None:
    address = serve("app.py")
    page.goto(address)
    Workbench(page).settle()
    steps = page.get_by_role("complementary", name="First steps")
    expect(steps.get_by_role("listitem")).to_have_text(list(STEPS))
    steps.get_by_role("button", name="Got it").click()
    expect(steps).to_be_hidden()
    page.reload()
    Workbench(page).settle()
    ask = page.get_by_role("button", name="?", exact=True)
    expect(ask).to_be_visible()
    expect(steps).to_be_hidden()
    studio = Studio(page, address)  # the worked example is on screen
    expect(ask).to_be_visible()
    idle(page)
    ask.click()
    expect(studio.box).to_have_value(first_view().text)
    expect(steps).to_be_visible()
