"""The Rules page in a real browser: the design follows the typing, and goes to the Studio."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.ui.browser import Workbench, idle, with_worked_example

pytestmark = pytest.mark.browser

RULE = (
    "beaconviz-rule: 1\nname: All look at Apple\nsteps:\n  - words: {in: [apple]}\n    beacon: 40"
)


@pytest.fixture
def rules(page: Page, serve: Callable[[str], str]) -> Page:
    page.goto(with_worked_example(f"{serve('app.py')}rules"))
    page.locator(".js-plotly-plot").wait_for()
    return page


def test_a_rule_is_typed_seen_broken_saved_and_used(rules: Page, tmp_path: Path) -> None:
    area = rules.get_by_role("textbox", name="The rule, as YAML")
    step = rules.locator(".bv-step")
    area.fill(RULE)  # nobody presses Ctrl+Enter
    expect(step).to_have_count(1)
    expect(step.locator("mark")).to_have_text(["Apple"])

    area.press("End")
    rules.keyboard.type("000000")
    alert = rules.get_by_test_id("stAlert")
    expect(alert).to_contain_text("expected a number from -10000 to 10000")
    expect(step.locator("mark")).to_have_text(["Apple"])
    expect(rules.locator(".js-plotly-plot")).to_have_count(1)
    for _ in range(6):
        rules.keyboard.press("Backspace")
    expect(alert).to_have_count(0)
    assert area.input_value() == RULE

    expect(step).to_contain_text("beacon +40 (")  # the rule as it was, and no part of the zeros
    idle(rules)  # "Save" is there twice while the name of its file changes
    with rules.expect_download() as download:
        rules.get_by_role("button", name="Save", exact=True).click()
    assert download.value.suggested_filename == "all-look-at-apple.yaml"
    download.value.save_as(tmp_path / "rule.yaml")
    assert (tmp_path / "rule.yaml").read_text() == RULE

    idle(rules).get_by_role("button", name="Use in the Studio").click()
    bench = Workbench(rules).settle()
    bench.leave()
    assert bench.color("beacon", 0, 6) != bench.color("beacon", 0, 5)
    rules.get_by_role("link", name="Rules").click()
    expect(area).to_have_value(RULE)


def test_keys_typed_while_python_answers_are_not_lost(rules: Page) -> None:
    area = rules.get_by_role("textbox", name="The rule, as YAML")
    area.fill(RULE)
    area.press("Home")
    area.press("Control+Home")
    typed = "# one two three four five six seven eight nine ten\n"
    rules.keyboard.type(typed, delay=60)
    rules.keyboard.type("#", delay=500)
    rules.keyboard.type("!\n", delay=500)
    expect(area).to_have_value(f"{typed}#!\n{RULE}")
