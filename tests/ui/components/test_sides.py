"""The workbench over the steps that a model writes and the words that it reads, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.ui.browser import Workbench

pytestmark = pytest.mark.browser

SHORT, LONG = ["汤姆", "吃", "苹果"], ["汤姆", "吃了", "两个", "红", "苹果", "。"]
APPLES = 4
TIMES_TEN = 13.0
FIRST = "Beacon A, step 0 (汤姆) attends to Tom"


@pytest.fixture(scope="module")
def context(new_context: Callable[[], BrowserContext]) -> BrowserContext:
    """One person for all tests of this file, whose browser has the scripts in its cache."""
    return new_context()


@pytest.fixture
def open_bench(page: Page, serve: Callable[[str], str]) -> Callable[..., Workbench]:
    return partial(Workbench.opened, page, serve("tests/ui/harness_sides.py"))


# ── three steps, five words ──


def test_a_cell_of_a_step_and_a_word_is_painted(open_bench):
    bench = open_bench(forced=True)
    calm = bench.color("change", 2, APPLES)
    bench.click("beacon", 2, APPLES)
    assert bench.beacon == [[2, APPLES, TIMES_TEN]]
    assert bench.status.startswith("step 2 (苹果) attends to apples: A = +13 adds 2.3 to the logit")
    assert "points)" in bench.status
    assert bench.leave().color("change", 2, APPLES) != calm


def test_a_word_is_painted_for_every_step(open_bench):
    bench = open_bench(forced=True)
    bench.click("beacon", -1, APPLES)
    assert bench.beacon == [["*", APPLES, TIMES_TEN]]
    assert bench.status.startswith("every step attends to apples: A = +13")
    bench.leave()
    assert bench.color("beacon", 0, APPLES) == bench.color("beacon", 2, APPLES)
    bench.click("beacon", -1, APPLES, button="right")
    assert bench.beacon == []


def test_the_keyboard_reaches_the_last_cell_of_each_side(open_bench):
    bench = open_bench(reading="product")
    bench.root.get_by_label(FIRST).focus()
    bench.press("Control+ArrowDown", "End", "ArrowRight", "ArrowDown").type("2").press("Enter")
    assert bench.beacon == [[2, APPLES, 2]]
    bench.root.get_by_label("Marker M, step 0 (汤姆)").focus()
    bench.press("Control+ArrowDown", "Control+ArrowRight").type("3").press("Enter")
    assert bench.marker == [[2, 2, 3]]
    bench.root.get_by_label("Beacon A, step 2").focus()
    bench.press("Control+a").type("1").press("Enter")
    assert len(bench.beacon) == 3 * 5


def test_a_block_is_pasted_within_both_sides(open_bench, page):
    bench = open_bench()
    bench.click("beacon", 2, 3, button="right")
    page.evaluate("navigator.clipboard.writeText('1\\t2\\t3\\n4\\t5\\t6')")
    bench.press("Control+v")
    assert bench.beacon == [[2, 3, 1], [2, 4, 2]]


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        ("gate", "step 1 (吃) attends to red: score ×0"),
        ("mask", "step 1 (吃) may not attend to red"),
    ],
)
def test_the_marker_has_the_words_as_columns_in_the_other_readings(open_bench, reading, words):
    bench = open_bench(reading=reading)
    bench.click("marker", 1, 3)
    assert bench.marker == [[1, 3, 0]]
    assert words in bench.status


# ── steps that are not on screen ──


def test_cells_of_steps_that_are_not_on_screen_are_kept(open_bench, page):
    bench = open_bench(texts=[SHORT, SHORT, LONG], cells=[[], [[5, 1, -4]]])
    bench.click("beacon", 0, 0)
    assert bench.beacon == [[5, 1, -4], [0, 0, TIMES_TEN]]
    assert bench.held["rows"] == LONG
    page.mouse.move(*bench.cell("beacon", 5, 1))
    assert bench.status.startswith("step 5 (。) attends to eats: A = −4")
    bench.click("beacon", 0, 0, button="right")
    assert (bench.beacon, bench.held["rows"]) == ([[5, 1, -4]], SHORT)
    bench.press("Control+a", "Delete")
    assert bench.beacon == [[5, 1, -4]]


def test_the_cursor_stays_inside_a_text_that_became_shorter(open_bench):
    bench = open_bench(texts=[LONG, SHORT])
    bench.click("beacon", 5, 0)
    bench.type("7").press("Enter")
    assert bench.beacon == [[5, 0, TIMES_TEN], [2, 0, 7]]


def test_a_word_erased_under_a_star_stays_erased_for_steps_to_come(open_bench):
    bench = open_bench(cells=[[], [["*", "*", 2]]])
    bench.click("beacon", -1, 1, button="right")
    assert bench.beacon == [["*", "*", 2], ["*", 1, 0]]


# ── steps that use the scores of others ──


def test_a_step_cannot_use_the_scores_of_a_later_one(open_bench):
    bench = open_bench(reading="product")
    bench.click("marker", 0, 2).type("3").press("Enter")
    assert "step 0 (汤姆) cannot use the scores of step 2 (苹果)" in bench.status
    bench.click("marker", -1, 0).click("marker", 1, -1)
    assert "not whole rows or columns" in bench.status
    bench.drag("marker", (1, 0), (1, 2)).press("Control+a").type("0.5").press("Enter")
    assert sorted(bench.marker) == [[i, j, 0.5] for i in range(3) for j in range(i + 1)]


def test_columns_of_the_product_are_pointed_at_nowhere_else(open_bench, page):
    bench = open_bench(reading="product")
    calm = [bench.leave().color("beacon", *cell) for cell in ((0, 1), (2, 4))]
    page.mouse.move(*bench.cell("marker", 2, 1))
    column, row = [bench.color("beacon", *cell) for cell in ((0, 1), (2, 4))]
    assert column == calm[0]
    assert row != calm[1]
    assert "step 2 (苹果) does not use the scores of step 1 (吃)" in bench.status


def test_columns_of_decoder_attention_are_what_a_step_had_before_it(open_bench):
    bench = open_bench(reading="gate", decoder=True)
    bench.click("marker", 2, 1)
    assert "step 2 (苹果) attends to 汤姆 (before step 1): score ×0" in bench.status
    bench.click("beacon", -1, 0).click("beacon", 1, -1)
    assert bench.status.startswith("step 1 (吃) attends to every step: A = +13")
    assert bench.beacon == [["*", 0, TIMES_TEN], [1, "*", TIMES_TEN]]


def test_cells_that_the_model_never_attends_to_say_so(open_bench, page):
    bench = open_bench(reading="gate", decoder=True)
    bench.click("beacon", 0, 2)
    assert bench.beacon == [[0, 2, TIMES_TEN]]
    assert (
        "odds ×10 — no effect: this model does not attend to later positions · attention 0.0 %"
        in bench.status
    )
    page.mouse.move(*bench.cell("marker", 1, 2))
    assert "(×1) — no effect: this model does not attend to later positions" in bench.status
    for cell in ((2, 2), (2, 0), (-1, 2), (0, -1)):
        page.mouse.move(*bench.cell("beacon", *cell))
        assert "no effect" not in bench.status


def test_a_marker_that_takes_scores_of_later_steps_is_no_such_cell(open_bench, page):
    bench = open_bench(reading="product", decoder=True, cells=[[[2, 1, 1]], [[1, 2, 5]]])
    page.mouse.move(*bench.cell("beacon", 1, 2))
    assert "used by step 1 (吃), step 2 (苹果) through M ·" in bench.status


# ── two translations ──


def test_texts_that_differ_are_not_compared_cell_by_cell(open_bench, page):
    bench = open_bench(texts=[SHORT, LONG])
    empty = bench.root.get_by_text("the texts differ: force a text")
    assert empty.is_hidden()
    bench.click("beacon", 0, 0)
    assert empty.is_visible()
    page.mouse.move(*bench.cell("edited", 5, 1))
    assert bench.status.startswith("step 5 (。) attends to eats · attention")
    assert bench.status.endswith("% (edited)")
    calm = bench.leave().color("beacon", 2, 3)
    page.mouse.move(*bench.cell("baseline", 2, 1))
    assert bench.status.startswith("step 2 (苹果) attends to eats · attention")
    assert bench.status.endswith("% (baseline)")
    assert bench.color("beacon", 2, 3) == calm, "the baseline's steps are in no editor"
    bench.click("edited", 4, 1).type("9").press("Enter")
    assert [4, 1, 9] in bench.beacon


@pytest.mark.parametrize(("rows", "columns"), [(0, 5), (1, 1), (30, 12), (3, 36)])
def test_sides_of_any_length_can_be_worked(open_bench, rows, columns):
    bench = open_bench(texts=[["字"] * rows], words=["word"] * columns, reading="gate")
    bench.click("beacon", -1, 0)
    assert bench.beacon == [["*", 0, TIMES_TEN]]
    if rows:
        bench.press("Control+ArrowDown", "Control+ArrowRight").type("3").press("Enter")
        assert bench.beacon[-1] == [rows - 1, columns - 1, 3]
    assert bench.root.bounding_box()["height"] <= 460
