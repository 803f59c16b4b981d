"""Matrices and maps over two sides, the steps of a text that is written and its source, in a browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Page

from beaconviz.ui.workbench import Document, Maps, pack
from tests.ui.browser import Workbench

WORDS = ["Tom", "eats", "two", "red", "apples"]
STEPS = ["汤姆", "吃", "苹果"]

browsed = pytest.mark.browser


@pytest.fixture
def opened(page: Page, serve: Callable[[str], str]) -> Callable[..., Workbench]:
    def open_with(**options: object) -> Workbench:
        told = urlencode({name: json.dumps(value) for name, value in options.items()})
        page.goto(serve("tests/ui/harness_sides.py") + "?" + told)
        return Workbench(page).settle()

    return open_with


def beacon(bench: Workbench) -> list[list[object]]:
    return bench.held["cells"][1]


@browsed
def test_a_cell_a_column_and_a_row_are_painted(opened: Callable[..., Workbench]) -> None:
    bench = opened(reading="gate")
    bench.click("beacon", 2, 4)
    assert [cell[:2] for cell in beacon(bench)] == [[2, 4]]
    bench.click("beacon", -1, 1)
    assert ["*", 1] in [cell[:2] for cell in beacon(bench)]
    bench.click("marker", 0, 3)
    assert [cell[:2] for cell in bench.held["cells"][0]] == [[0, 3]]


@browsed
def test_the_keyboard_reaches_the_last_cell_of_both_sides(opened: Callable[..., Workbench]) -> None:
    bench = opened(reading="gate")
    bench.click("beacon", 0, 0)
    bench.press("End", *["ArrowDown"] * 6)  # there are three rows
    bench.type("7").press("Enter")
    assert [2, 4, 7] in beacon(bench)


@browsed
def test_cells_of_steps_that_are_not_there_are_kept(opened: Callable[..., Workbench]) -> None:
    bench = opened(reading="gate", cells=[[], [[40, 1, 5.0], ["*", 2, 3.0]]])
    bench.click("beacon", 1, 0)
    places = [cell[:2] for cell in beacon(bench)]
    assert [40, 1] in places
    assert ["*", 2] in places
    assert [1, 0] in places


@browsed
def test_a_step_is_not_sent_the_way_of_a_later_one(opened: Callable[..., Workbench]) -> None:
    bench = opened(reading="product")
    bench.click("marker", 0, 2)  # of a step that is not written yet
    bench.click("marker", -1, 1)  # of all steps
    assert bench.held["cells"][0] == []
    bench.click("marker", 2, 0)
    assert [cell[:2] for cell in bench.held["cells"][0]] == [[2, 0]]


@browsed
def test_another_text_takes_its_own_rows_and_keeps_the_cells(
    opened: Callable[..., Workbench],
) -> None:
    bench = opened(reading="gate", texts=[STEPS, ["汤姆", "吃", "两", "个", "苹果"]])
    differ = bench.root.locator(".change").get_by_text("the texts differ")
    assert not differ.is_visible()
    bench.click("beacon", 1, 1)
    differ.wait_for()
    assert bench.held["rows"] == ["汤姆", "吃", "两", "个", "苹果"]
    bench.click("beacon", 4, 4)  # a row that was not there before
    assert [cell[:2] for cell in beacon(bench)] == [[1, 1], [4, 4]]
    forced = opened(reading="gate", forced=True, texts=[STEPS])
    assert not forced.root.locator(".change").get_by_text("the texts differ").is_visible()


@pytest.mark.parametrize("name", ["baseline", "edited"])
def test_a_map_has_the_shape_that_its_labels_say(name: str) -> None:
    document = Document(1, WORDS, rows=STEPS, steps=True)
    shapes = {"baseline": (2, 5), "edited": (3, 5)}

    def packed() -> bytes:
        maps = {side: np.zeros(shape) for side, shape in shapes.items()}
        return pack(
            document,
            Maps(
                STEPS,
                **maps,
                divergence=np.zeros((2, 4)),
                columns=WORDS,
                baseline_labels=STEPS[:2],
            ),
        )

    assert packed()
    shapes[name] = (3, 3) if name == "edited" else (3, 5)
    with pytest.raises(ValueError, match="a map has shape"):
        packed()
