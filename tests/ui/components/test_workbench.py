"""The workbench in a real browser, with numpy in place of a model."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.ui.browser import Workbench

pytestmark = pytest.mark.browser

WAS, APPLE, N = 2, 6, 8
TIMES_TEN = 13.0  # what "×10" writes when d = 32


@pytest.fixture(scope="module")
def context(new_context: Callable[[], BrowserContext]) -> BrowserContext:
    """One person for all tests of this file, whose browser has the scripts in its cache."""
    return new_context()


@pytest.fixture
def open_bench(page: Page, serve: Callable[[str], str]) -> Callable[..., Workbench]:
    return partial(Workbench.opened, page, serve("tests/ui/harness.py"))


# ── the mouse ──


def test_a_stroke_that_comes_to_the_edge_goes_on(open_bench):
    bench = open_bench(n=128)
    grid = bench.grid("beacon")
    box = grid.bounding_box()
    x, y = bench.cell("beacon", 0, 0)
    bench.page.mouse.move(x, y)
    bench.page.mouse.down()
    bottom = box["y"] + grid.evaluate("grid => grid.clientHeight") - 6
    for step in range(40):
        bench.page.mouse.move(x, y + (bottom - y) * min(1, step / 10) + step % 2)
        bench.page.evaluate("() => new Promise(requestAnimationFrame)")
    bench.page.mouse.up()
    bench.settle()
    rows = sorted(row for row, column, _ in bench.beacon if column == 0)
    assert grid.evaluate("grid => grid.scrollTop") > 0
    assert rows == list(range(len(rows)))  # no gaps


def test_a_painted_cell_reaches_python_and_changes_the_maps(open_bench):
    bench = open_bench()
    calm, neutral = bench.color("change", WAS, APPLE), bench.color("beacon", WAS, APPLE)
    bench.click("beacon", WAS, APPLE)
    assert bench.beacon == [[WAS, APPLE, TIMES_TEN]]
    assert bench.color("beacon", WAS, APPLE) != neutral
    red, _, blue = bench.color("change", WAS, APPLE)
    assert red > blue, "more attention is orange"
    assert [red, blue] != [calm[0], calm[2]]


def test_a_drag_leaves_no_gaps_and_is_one_step_of_undo(open_bench):
    bench = open_bench()
    bench.drag("marker", (1, 1), (5, 5))
    bench.drag("beacon", (0, 0), (0, 7))
    assert {column for _, column, _ in bench.beacon} == set(range(N))
    assert bench.held["past"] == 1, "painting 1 on the diagonal of M changes nothing"
    bench.press("Control+z")
    assert bench.beacon == []


def test_the_right_button_and_the_eraser_go_back_to_neutral(open_bench):
    bench = open_bench()
    bench.drag("beacon", (1, 1), (1, 4)).click("beacon", 1, 1, button="right")
    assert len(bench.beacon) == 3
    bench.root.get_by_role("button", name="Eraser").click()
    bench.drag("beacon", (1, 2), (1, 4))
    assert bench.beacon == []


def test_a_label_fills_its_row_or_column(open_bench):
    bench = open_bench()
    bench.click("beacon", -1, APPLE)
    assert bench.beacon == [["*", APPLE, TIMES_TEN]]
    assert bench.color("beacon", 0, APPLE) == bench.color("beacon", 7, APPLE)
    bench.click("beacon", 0, APPLE, button="right")
    assert bench.beacon == [["*", APPLE, TIMES_TEN], [0, APPLE, 0]]
    bench.click("beacon", -1, APPLE, button="right").click("beacon", WAS, -1)
    assert bench.beacon == [[WAS, "*", TIMES_TEN]]


def test_the_brush_has_presets_and_takes_any_value_or_odds(open_bench):
    bench = open_bench()
    brush = bench.root.get_by_label("Brush of Beacon A")
    bench.root.get_by_role("button", name="÷10").click()
    assert float(brush.input_value().replace("−", "-")) == -TIMES_TEN
    bench.click("beacon", 0, 0)
    brush.fill("×2")
    brush.press("Enter")
    bench.click("beacon", 0, 1)
    (_, _, low), (_, _, high) = bench.beacon
    assert (low, round(high, 3)) == (-TIMES_TEN, 3.921)


# ── the keyboard ──


def test_typing_arrows_enter_and_delete(open_bench):
    bench = open_bench()
    bench.root.get_by_label("Beacon A, Steve → Steve").focus()
    bench.press("ArrowDown", "ArrowRight").type("-2.5").press("Enter")
    assert bench.beacon == [[1, 1, -2.5]]
    bench.press("Enter").type("4").press("Enter")
    assert bench.beacon == [[1, 1, 4]]
    bench.press("ArrowRight", "Space", "Delete", "ArrowLeft", "Delete")
    assert bench.beacon == []


def test_the_keyboard_reaches_labels_and_blocks(open_bench):
    bench = open_bench()
    bench.root.get_by_label("Beacon A, Steve → Steve").focus()
    bench.press("ArrowUp").type("3").press("Enter")
    assert bench.beacon == [["*", 0, 3]]
    bench.press("ArrowDown", "ArrowRight", "Shift+ArrowRight", "Shift+ArrowDown").type("7").press(
        "Enter"
    )
    assert sorted(bench.beacon[1:]) == [[0, 1, 7], [0, 2, 7], [1, 1, 7], [1, 2, 7]]


@pytest.mark.parametrize("text", ["1e5", "1/2", "..", "x0"])
def test_what_is_no_value_is_refused_with_a_message(open_bench, text):
    bench = open_bench()
    bench.click("beacon", 0, 0)
    bench.type(text).press("Enter")
    assert bench.beacon == [[0, 0, TIMES_TEN]]
    assert "wrong" in bench.root.locator(".status").get_attribute("class")
    assert "type" in bench.status or "use" in bench.status


def test_a_block_goes_through_the_clipboard_as_tsv(open_bench, page):
    bench = open_bench(cells=[[], [[0, 0, 1.5], [0, 1, -2], [1, 1, 3]]])
    bench.root.get_by_label("Beacon A, Steve → Steve").focus()
    bench.press("Shift+ArrowRight", "Shift+ArrowDown", "Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == "1.5\t-2\n0\t3"
    bench.press("ArrowDown", "ArrowDown", "Control+v")
    assert [4, 2, 3] in bench.beacon
    page.evaluate("navigator.clipboard.writeText('1\\t2,5\\r\\n\\t9\\r\\n')")
    bench.click("beacon", 5, 6, button="right").press("Control+v")
    assert bench.beacon[-3:] == [[5, 6, 1], [5, 7, 2.5], [6, 7, 9]]
    page.evaluate("navigator.clipboard.writeText('1\\tnan')")
    bench.press("Control+v")
    assert "not a number" in bench.status


# ── history ──


def test_undo_redo_and_reset_are_pythons(open_bench):
    bench = open_bench()
    undo, redo, reset = (
        bench.root.get_by_role("button", name=n) for n in ("Undo", "Redo", "Reset")
    )
    assert undo.is_disabled()
    neutral = bench.color("beacon", 3, 3)
    bench.click("beacon", 3, 3)
    painted = bench.leave().color("beacon", 3, 3)
    undo.click()
    assert bench.settle().color("beacon", 3, 3) == neutral
    redo.click()
    assert bench.settle().color("beacon", 3, 3) == painted
    bench.click("beacon", 4, 4)
    reset.click()
    assert bench.settle().beacon == []
    bench.click("beacon", 0, 0).press("Control+z", "Control+z")
    assert len(bench.beacon) == 2
    bench.press("Control+y")
    assert bench.beacon == []


def test_an_edit_of_a_document_that_is_gone_is_ignored(open_bench, page):
    bench = open_bench()
    bench.click("beacon", 0, 0)
    bench.drag("beacon", (1, 0), (1, 7)).press("Control+z")
    assert bench.beacon == [[0, 0, TIMES_TEN]]
    assert bench.held["generation"] == 2


# ── readings ──


def test_in_the_mask_reading_a_marker_is_0_or_1(open_bench):
    bench = open_bench(reading="mask")
    bench.click("marker", WAS, APPLE)
    assert bench.marker == [[WAS, APPLE, 0]]
    bench.page.mouse.move(*bench.cell("marker", WAS, APPLE))
    assert "was may not look at Apple" in bench.status
    bench.type("0.5").press("Enter")
    assert "0 (may not look) or 1 (may look)" in bench.status
    bench.click("marker", WAS, APPLE)
    assert bench.marker == []


@pytest.mark.parametrize(
    ("reading", "name", "words"),
    [
        ("product", "marker", "was attends the way Apple does (×1)"),
        ("gate", "marker", "pull from was to Apple ×0 "),
        ("product", "beacon", "was → Apple: A = +13 adds 2.3 to the logit, odds ×10"),
    ],
)
def test_a_cell_says_what_it_means(open_bench, reading, name, words):
    bench = open_bench(reading=reading)
    bench.click(name, WAS, APPLE)
    assert words in bench.status
    assert "attention" in bench.status


@pytest.mark.parametrize(
    ("reading", "cells", "words"),
    [
        ("product", [[WAS, WAS, 0]], "but no row of M takes the scores of was"),
        ("product", [[WAS, WAS, 0], [0, WAS, 1]], "felt by Steve, through M"),
        ("gate", [[WAS, APPLE, 0.5]], "M scales it ×0.5"),
        ("mask", [[WAS, APPLE, 0]], "but M hides it"),
    ],
)
def test_a_beacon_says_what_the_marker_makes_of_it(open_bench, reading, cells, words):
    bench = open_bench(reading=reading, cells=[cells, [[WAS, APPLE, 4]]])
    bench.page.mouse.move(*bench.cell("beacon", WAS, APPLE))
    assert words in bench.status


# ── maps and heads ──


def test_pointing_at_a_map_shows_the_three_values_and_the_cell_in_the_editors(open_bench, page):
    bench = open_bench()
    bench.click("beacon", WAS, APPLE)
    before = bench.leave().color("marker", WAS, 0)
    page.mouse.move(*bench.cell("change", WAS, APPLE))
    values = bench.root.locator(".map .value").all_inner_texts()
    assert values[0].endswith("%")
    assert values[2].startswith("+")
    assert bench.color("marker", WAS, 0) != before, "the row is marked"
    assert bench.leave().color("marker", WAS, 0) == before


def test_the_maps_follow_while_the_mouse_is_still_down(open_bench, page):
    bench = open_bench()
    calm = bench.color("change", WAS, APPLE)
    page.mouse.move(*bench.cell("beacon", WAS, APPLE))
    page.mouse.down()
    assert bench.settle().color("change", WAS, APPLE) != calm
    page.mouse.move(*bench.cell("beacon", WAS, APPLE + 1))
    assert len(bench.settle().beacon) == 2
    page.mouse.up()


def test_maps_with_special_tokens_know_which_words_they_show(open_bench, page):
    bench = open_bench(special="yes")
    bench.click("change", WAS + 1, APPLE + 1).type("9").press("Enter")
    assert bench.beacon == [[WAS, APPLE, 9]]
    page.mouse.move(*bench.cell("baseline", 0, 1))
    assert bench.status.startswith("[CLS] → Steve · attention")


def test_a_click_on_a_head_shows_it(open_bench):
    bench = open_bench()
    bench.click("beacon", WAS, APPLE)
    heads = bench.root.get_by_role("application")
    heads.focus()
    bench.press("ArrowDown", "ArrowRight", "Enter")
    assert bench.held["look"] == [1, 1]
    bench.root.get_by_label("Layer", exact=True).select_option("mean")
    assert bench.settle().held["look"] == [None, 1]
    box = heads.bounding_box()
    bench.page.mouse.click(box["x"] + 30, box["y"] + 18)
    assert bench.settle().held["look"] == [0, 0]


def test_a_map_can_be_enlarged_and_takes_the_cursor_to_its_cell(open_bench):
    bench = open_bench()
    small = bench.grid("edited").bounding_box()["width"]
    bench.root.get_by_role("button", name="Enlarge edited").click()
    assert bench.grid("edited").bounding_box()["width"] > 2 * small
    bench.click("edited", WAS, APPLE).type("9").press("Enter")
    assert bench.beacon == [[WAS, APPLE, 9]]


# ── the page ──


def test_the_middle_of_the_scale_follows_the_theme(open_bench, page):
    bench = open_bench()
    light = bench.color("change", 3, 3)
    page.emulate_media(color_scheme="dark")
    bench.root.and_(page.locator("[data-theme=dark]")).wait_for()
    assert min(light) > 220
    assert max(bench.color("change", 3, 3)) < 60


def test_words_are_shown_and_never_run(open_bench, page):
    hostile = [
        "<img src=x onerror=alert(1)>",
        "</script><script>alert(1)</script>",
        "a\u0000\n\u2028b",
        "שלום",
        "👩‍👩‍👧",
        "x" * 5000,
        "",
        "__proto__",
    ]
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    bench = open_bench(words=hostile)
    bench.click("beacon", 0, 1)
    assert "<img src=x onerror=alert(1)> → </script><script>alert(1)</scri…" in bench.status
    assert bench.root.locator("img, script").count() == 0


@pytest.mark.parametrize("n", [1, 2, 128])
def test_it_is_usable_at_any_size(open_bench, n):
    bench = open_bench(n=n)
    last = n - 1
    bench.root.get_by_label("Beacon A, Steve → Steve").focus()
    bench.press("Control+ArrowDown", "Control+ArrowRight")
    bench.click("beacon", last, last)
    assert bench.beacon == [[last, last, TIMES_TEN]]
    bench.root.get_by_role("button", name="Show the whole matrix").click()
    bench.click("beacon", 0, last)
    assert [0, last, TIMES_TEN] in bench.beacon
    box = bench.root.bounding_box()
    assert box["height"] <= 460


def test_keys_do_not_reach_streamlit(open_bench, page):
    bench = open_bench()
    bench.click("beacon", 0, 0).press("r", "c")
    assert page.get_by_test_id("stModal").count() == 0
    assert bench.beacon == [[0, 0, TIMES_TEN]]
