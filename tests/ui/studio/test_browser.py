"""The Studio in a real browser, as a person uses it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from beaconviz.core.design import Design
from beaconviz.ui.shell import share
from beaconviz.ui.shell.session import LINK
from tests.ui.browser import WINDOW, Studio
from tests.ui.patience import until

pytestmark = pytest.mark.browser


@pytest.fixture
def address(serve: Callable[[str], str]) -> str:
    return serve("app.py")


@pytest.fixture
def studio(page: Page, address: str) -> Studio:
    return Studio(page, address)


def test_it_opens_on_the_worked_example_with_something_to_see(studio: Studio) -> None:
    expect(studio.says).to_contain_text("Steve Jobs")
    expect(studio.says).to_contain_text("PER")
    expect(studio.page.get_by_text("6 layers × 12 heads")).to_be_visible()
    fold = studio.page.get_by_role("radio", name="Words", exact=True).bounding_box()
    assert fold["y"] + fold["height"] < 900  # the main loop needs no scrolling


def test_nothing_is_fetched_from_elsewhere(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    studio = Studio(page, address)
    for panel in ("Heads", "Arithmetic", "BertViz"):
        studio.open_panel(panel)
        studio.bench.settle()
    expect(page.locator("iframe").first.content_frame.get_by_text("Layer:")).to_be_visible()
    local = (address, address.replace("http", "ws"), "data:", "blob:", "about:")
    assert [url for url in fetched if not url.startswith(local)] == []


def test_painting_changes_maps_and_entities(studio: Studio) -> None:
    before = studio.said, studio.bench.leave().color("edited", 0, 6)
    studio.bench.click("beacon", -1, 1)  # the header: everybody looks at Jobs
    studio.bench.click("beacon", 0, 6)
    assert studio.said != before[0]
    assert studio.bench.leave().color("edited", 0, 6) != before[1]
    assert studio.bench.color("baseline", 0, 6) == studio.bench.color("baseline", 0, 6)


SENTENCE = (
    "The lighthouse at Skerry Point will be lit again on Saturday, and Maud Ferris, its last keeper, "
    "will be there with her son Thomas."
)
# How much of an element, 0 to 1, can be seen in the box that scrolls it and in the window.
IN_SIGHT = """element => {
  const seen = element.getBoundingClientRect(), box = element.closest(".says").getBoundingClientRect();
  const top = Math.max(seen.top, box.top, 0), bottom = Math.min(seen.bottom, box.bottom, innerHeight);
  return Math.max(0, bottom - top) / seen.height;
}"""


@pytest.mark.parametrize("size", [(1440, 900), (1920, 1080), (390, 844)])
@pytest.mark.parametrize("times", [1, 4])
def test_what_changed_is_in_sight_whatever_the_length(
    page: Page, address: str, size: tuple[int, int], times: int
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    studio = Studio(page, address)
    studio.write(" ".join([SENTENCE] * times))
    expect(studio.says).to_contain_text("Thomas")
    studio.bench.grid("beacon").scroll_into_view_if_needed()
    studio.settle().bench.click("beacon", -1, 3)  # everybody looks at Skerry
    studio.says.scroll_into_view_if_needed()
    changes = studio.says.locator(".bv-changes")
    expect(changes).not_to_contain_text("No entity changed.")
    expect(changes).to_contain_text("→")
    assert changes.evaluate(IN_SIGHT) > 0.95
    studio.says.evaluate("box => box.scrollTo(0, box.scrollHeight)")
    assert changes.evaluate(IN_SIGHT) > 0.95
    assert studio.says.locator(".bv-row").nth(1).evaluate(IN_SIGHT) > 0.2


def test_long_answers_are_beside_each_other_where_there_is_room(studio: Studio) -> None:
    studio.write(" ".join([SENTENCE] * 4))
    expect(studio.says).to_contain_text("Thomas")
    studio.settle()
    baseline, edited = (studio.says.locator(".bv-row").nth(n).bounding_box() for n in (0, 1))
    assert edited["x"] > baseline["x"] + baseline["width"] - 1
    assert edited["y"] == baseline["y"]


def test_where_nothing_changed_it_says_how_close_the_edit_came(studio: Studio) -> None:
    studio.write(SENTENCE)
    expect(studio.says).to_contain_text("No entity changed.")
    expect(studio.says).not_to_contain_text("Closest")  # nothing is edited yet
    studio.settle().bench.click("beacon", 0, 1)
    expect(studio.says).to_contain_text("No entity changed. ")


def test_a_stroke_right_after_a_new_text_is_kept(studio: Studio) -> None:
    """Whether the editors show the old words or already the new ones when it is painted."""
    studio.page.get_by_role("button", name="Reset both matrices").click()
    studio.settle()
    for number, cell in enumerate([(2, 3), (5, 1), (7, 0)]):  # cells that never meet as words move
        place = studio.bench.cell("beacon", *cell)
        studio.write(f"Then{number} {studio.box.input_value()}")
        studio.page.mouse.click(*place)  # without waiting for the answer
        expect(studio.says.locator(".bv-row").first).to_contain_text(f"Then{number}")
        until(lambda count=number + 1: beacon_cells(studio) == count, "the stroke in the link")


def beacon_cells(studio: Studio) -> int:
    """How many cells of A the design in the address has."""
    view = share.decode(parse_qs(urlsplit(studio.link).query)[LINK][0])
    return len(view.design.edits[0].beacon)


def test_a_stroke_is_one_step_of_undo(studio: Studio) -> None:
    before = studio.said, studio.link
    studio.bench.drag("beacon", (4, 0), (4, 7))
    assert studio.link != before[1]
    undo = studio.page.get_by_role("button", name="Undo")
    undo.click()
    expect(undo).to_be_disabled()
    assert (studio.said, studio.link) == before


def test_a_visit_to_other_pages_loses_nothing(studio: Studio) -> None:
    studio.bench.click("beacon", 0, 6)
    seen, link, text = studio.said, studio.link, studio.box.input_value()
    studio.page.get_by_role("link", name="Rules").click()
    expect(studio.page.get_by_role("button", name="Use in the Studio")).to_be_visible()
    studio.page.get_by_role("link", name="Studio").click()
    expect(studio.says).to_have_text(seen, use_inner_text=True)
    expect(studio.box).to_have_value(text)
    assert studio.link == link


def test_a_reload_and_a_link_bring_the_same_screen(studio: Studio) -> None:
    studio.bench.click("beacon", 0, 6)
    studio.page.get_by_label("Layer", exact=True).select_option("3")
    with studio.reopened() as theirs:
        expect(theirs.page.get_by_label("Layer", exact=True)).to_have_value("3")
        theirs.settle()
        assert theirs.bench.color("beacon", 0, 6) == studio.bench.leave().color("beacon", 0, 6)


def test_share_copies_the_address(studio: Studio) -> None:
    studio.bench.click("beacon", 0, 6)
    link = studio.link
    studio.press("Share")
    expect(studio.button("Copied")).to_be_visible()
    assert studio.page.evaluate("navigator.clipboard.readText()") == link


@pytest.mark.parametrize("link", ["?s=eNpVUEtuwyAQ", "?s=%3Cscript%3E", "?s=" + "A" * 3000])
def test_a_bad_link_says_so_and_opens_the_first_example(
    page: Page, address: str, link: str
) -> None:
    studio = Studio(page, address + link)
    expect(studio.alert).to_contain_text("link")
    expect(studio.says).to_contain_text("Barcelona")


def test_a_saved_design_opens_again(studio: Studio, tmp_path: Path) -> None:
    studio.bench.click("beacon", 4, 4)
    seen, edited = studio.said, studio.link
    with studio.page.expect_download() as download:
        studio.press("Save")
    path = tmp_path / "design.json"
    download.value.save_as(path)
    assert json.loads(path.read_text())["words"][0] == "Steve"
    studio.page.get_by_role("button", name="Reset").click()
    assert studio.link != edited
    studio.open_file(path)
    expect(studio.says).to_have_text(seen, use_inner_text=True)
    assert studio.link == edited


def test_a_design_for_another_text_asks_what_to_do(studio: Studio, tmp_path: Path) -> None:
    words = ["Samsung", "sued", "Apple", "in", "Cupertino."]
    path = tmp_path / "other.json"
    path.write_text(Design.neutral(words).with_cells(beacon=[("*", 2, 8.0)]).to_json())
    studio.open_file(path)
    expect(studio.page.get_by_text("made for another text")).to_be_visible()
    studio.press("Use the design's text")
    expect(studio.box).to_have_value(" ".join(words))
    expect(studio.says).to_contain_text("Samsung")


def test_a_file_that_is_no_design_loses_nothing(studio: Studio, tmp_path: Path) -> None:
    seen = studio.said
    path = tmp_path / "bad.json"
    path.write_text('{"beaconviz": 1, "words": ["a"')
    studio.open_file(path)
    expect(studio.alert).to_contain_text("not valid JSON")
    assert studio.said == seen


def test_html_in_the_text_is_shown_not_run(studio: Studio) -> None:
    text = "Ada <img src=x onerror=\"document.title='run'\"> <script>document.title='run'</script>"
    studio.write(text)
    expect(studio.says).to_contain_text("<img src=x")
    for panel in ("Heads", "Numbers", "Design", "Arithmetic", "BertViz", "Words"):
        studio.open_panel(panel)
        studio.bench.settle()
    expect(studio.says).to_contain_text("<script>document")
    assert studio.page.title() != "run"
    assert studio.page.locator("img[src=x]").count() == 0


def test_a_bad_text_says_how_to_mend_it_and_keeps_the_screen(studio: Studio) -> None:
    seen = studio.said
    studio.write("word " * 600)
    expect(studio.alert).to_contain_text("takes at most")
    assert studio.said == seen
    expect(studio.box).to_have_value("word " * 600)  # to be mended
    studio.bench.click("beacon", 1, 1)
    studio.write("Ada Lovelace lived in London.")
    expect(studio.says).to_contain_text("London")


def test_a_model_that_is_not_there_keeps_the_one_that_is(studio: Studio) -> None:
    studio.take("./no/such/folder")
    expect(studio.alert).to_contain_text("no folder")
    expect(studio.page.get_by_text("6 layers × 12 heads")).to_be_visible()
    expect(studio.says).to_contain_text("Steve")


def test_a_click_on_the_map_of_heads_looks_at_that_head(studio: Studio) -> None:
    heads = studio.page.get_by_test_id("workbench").locator(".heads canvas")
    box = heads.bounding_box()
    studio.page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5)
    expect(studio.page.get_by_role("button", name="Edit only layer")).to_be_visible()


def test_a_click_in_the_panel_of_heads_looks_at_that_head(studio: Studio) -> None:
    studio.open_panel("Heads")
    points = studio.page.locator(".js-plotly-plot").first.locator(".scatterlayer .point")
    points.nth(2 * 12 + 5).scroll_into_view_if_needed()
    box = points.nth(2 * 12 + 5).bounding_box()
    studio.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(studio.page.get_by_label("Layer", exact=True)).to_have_value("2")
    expect(studio.page.get_by_label("Head", exact=True)).to_have_value("5")


def test_dark_and_light_follow_the_person(browser: Browser, address: str) -> None:
    brightness = {}
    for scheme in ("light", "dark"):
        context = browser.new_context(viewport=WINDOW, color_scheme=scheme)
        studio = Studio(context.new_page(), address)
        brightness[scheme] = sum(studio.bench.color("baseline", 0, 7))
        expect(studio.bench.root).to_have_attribute("data-theme", scheme)
        context.close()
    assert brightness["light"] > brightness["dark"]
