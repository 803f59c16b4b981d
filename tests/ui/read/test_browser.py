"""The Read page in a real browser: a slider that asks nobody, and a page of its own that keeps
it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from beaconviz import samples
from tests.ui.browser import idle, with_worked_example

pytestmark = pytest.mark.browser

WORDS = len(samples.article().split())
# Counts what the page says to the server: a run of the page begins with a message.
LISTEN = """() => {
  window.sent = 0;
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (...given) { window.sent += 1; return send.apply(this, given); };
}"""
TITLES = "words => words.map(word => word.title)"


class View:
    """A reading view, in the app or on a page of its own, as a person's hands and eyes."""

    def __init__(self, page: Page, root: Locator) -> None:
        self.page = page
        self.root = root
        self.slider = root.get_by_role("slider")
        self.sides = root.locator(".bvr-side")
        expect(self.slider).to_be_visible()

    def words(self, kind: str = "", side: int = 0) -> Locator:
        return self.sides.nth(side).locator(f".bvr-word{kind}")

    def press(self, key: str, times: int = 1) -> View:
        self.slider.focus()
        for _ in range(times):
            self.page.keyboard.press(key)
        return self

    def hide(self) -> View:
        self.root.get_by_role("checkbox", name="hide the rest").click()
        return self

    @property
    def kept(self) -> list[str]:
        return self.words(".kept").all_inner_texts()


def kept_count(percent: int, count: int = WORDS) -> int:
    """How many words a share of the text is; JavaScript rounds a half up."""
    return max(1, int(percent / 100 * count + 0.5))


def choose(page: Page, box: str, option: str) -> None:
    page.get_by_role("combobox", name=box, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


@pytest.fixture
def read(page: Page, serve: Callable[[str], str]) -> Page:
    page.add_init_script(f"({LISTEN})()")
    page.goto(with_worked_example(f"{serve('app.py')}read"))
    page.get_by_test_id("reading").locator(".bvr-word").first.wait_for()
    idle(page)
    return page


@pytest.fixture
def view(read: Page) -> View:
    return View(read, read.get_by_test_id("reading"))


@pytest.fixture
def edited(read: Page, view: View) -> View:
    """The Studio's text, untouched and edited."""
    read.get_by_role("radio", name="The Studio's text").click()
    choose(read, "Edit", "The Studio's design")
    expect(view.sides).to_have_count(2)
    idle(read)
    return View(read, read.get_by_test_id("reading"))


@pytest.fixture
def alone(context: BrowserContext) -> Iterator[Page]:
    """A page without a network, on which a script error fails the test."""
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("requestfailed", lambda request: errors.append(request.url))
    page.on(
        "console", lambda message: errors.append(message.text) if message.type == "error" else None
    )
    yield page
    assert not errors


def test_the_slider_asks_nobody(read: Page, view: View) -> None:
    expect(view.words()).to_have_count(WORDS)
    expect(view.slider).to_have_value("20")
    expect(view.words(".kept")).to_have_count(kept_count(20))
    assert read.evaluate("window.sent") > 0  # the page itself was asked for
    before = read.evaluate("window.sent")
    many = set(view.kept)
    view.press("ArrowLeft", 10)
    expect(view.slider).to_have_value("10")
    assert len(view.kept) == kept_count(10)
    assert set(view.kept) < many
    expect(view.root.locator("output")).to_have_text("10 % of this text")
    expect(view.sides.locator(".bvr-said")).to_contain_text(f"{kept_count(10)} of {WORDS} words")
    expect(view.slider).to_have_attribute("aria-valuetext", "10 % of this text")
    view.press("End")
    expect(view.words(".kept")).to_have_count(WORDS)
    expect(view.sides.locator(".bvr-said")).to_contain_text("100 % of the weight")
    view.press("Home")
    expect(view.words(".kept")).to_have_count(kept_count(1))
    assert read.evaluate("window.sent") == before


def test_the_rest_can_be_hidden(read: Page, view: View) -> None:
    hidden_words = view.words(":not(.kept)")
    assert hidden_words.first.bounding_box()["width"] > 1
    before = read.evaluate("window.sent")
    view.hide()
    are_kept = view.words().evaluate_all(
        "words => words.filter(word => word.getBoundingClientRect().width > 1)"
        ".map(word => word.className.includes('kept'))"
    )
    assert are_kept == [True] * kept_count(20)
    view.press("ArrowRight", 10)
    expect(view.words(".kept")).to_have_count(kept_count(30))
    assert view.words(".kept").last.bounding_box()["width"] > 1
    view.hide()
    assert hidden_words.first.bounding_box()["width"] > 1
    assert read.evaluate("window.sent") == before


def test_an_edit_has_two_columns_and_frames(edited: View) -> None:
    left, right = (edited.sides.nth(n).bounding_box() for n in (0, 1))
    assert left["x"] + left["width"] <= right["x"]
    assert abs(left["y"] - right["y"]) < 2
    names = edited.root.locator(".bvr-name")
    expect(names.nth(0)).to_contain_text("untouched")
    expect(names.nth(1)).to_contain_text("edited")
    note = edited.root.locator(".bvr-note")
    expect(note).to_contain_text("Framed: read only after the edit")
    weights = [  # as the words themselves say, to a hundredth of a percent
        [float(title.split()[0]) for title in edited.words("", side).evaluate_all(TITLES)]
        for side in (0, 1)
    ]
    share = sum(abs(x - y) for x, y in zip(*weights, strict=True)) / 2
    assert share > 0.5
    match = re.search(r"The edit moved ([\d.]+) % of the weight", note.inner_text())
    assert float(match[1]) == pytest.approx(share, abs=0.6)
    edited.press("Home").press("ArrowRight", 39)
    expect(edited.slider).to_have_value("40")
    count = edited.words().count()
    both = [
        edited.words("", side).evaluate_all("words => words.map(w => [...w.classList])")
        for side in (0, 1)
    ]
    framed = []
    for before, after in zip(*both, strict=True):
        assert ("new" in after) == ("kept" in after and "kept" not in before)
        assert ("lost" in after) == ("kept" in before and "kept" not in after)
        assert not {"new", "lost"} & set(before)
        framed.append("new" in after)
    assert 0 < sum(framed) <= kept_count(40, count)
    assert edited.words(".new", 1).first.evaluate("w => getComputedStyle(w).outlineStyle") == (
        "solid"
    )
    assert edited.words(".lost", 1).first.evaluate(
        "w => getComputedStyle(w).borderBottomStyle"
    ) == ("dashed")
    edited.press("End")  # all is read on both sides
    expect(edited.words(".new", 1)).to_have_count(0)


def test_another_choice_keeps_the_slider_where_it_was(read: Page, view: View) -> None:
    view.press("ArrowRight", 15).hide()
    first = view.kept
    sent = read.evaluate("window.sent")
    read.get_by_text('Include stop words such as "the"').click()
    expect(view.words('[title^="0.00 %"]').first).to_be_attached()  # drawn anew
    idle(read)
    assert read.evaluate("window.sent") > sent
    expect(view.slider).to_have_value("35")
    expect(view.root.get_by_role("checkbox", name="hide the rest")).to_be_checked()
    expect(view.words(".kept")).to_have_count(kept_count(35))
    assert view.kept != first
    choose(read, "Edit", "A rule")
    expect(view.sides).to_have_count(2)
    expect(view.slider).to_have_value("35")
    expect(view.root.get_by_role("checkbox", name="hide the rest")).to_be_checked()


def test_a_run_that_changes_nothing_draws_nothing_anew(read: Page, view: View) -> None:
    view.press("ArrowLeft", 5)
    view.words().first.evaluate("word => (word.dataset.mine = 'yes')")
    sent = read.evaluate("window.sent")
    read.get_by_role("button", name="Test faithfulness").click()
    expect(read.get_by_test_id("stProgress").or_(read.locator(".bv-faithful"))).to_be_visible()
    assert read.evaluate("window.sent") > sent
    expect(view.words().first).to_have_attribute("data-mine", "yes")
    expect(view.slider).to_have_value("15")
    expect(view.words(".kept")).to_have_count(kept_count(15))


def test_text_in_the_view_is_text(read: Page, view: View) -> None:
    read.get_by_role("radio", name="My own").click()
    box = read.get_by_role("textbox", name="Your text")
    text = "Ada <img src=x onerror=window.bad=1> met\n\n<b>Bob</b> in Paris"
    box.fill(text)
    box.press("Control+Enter")
    expect(view.sides.locator(".bvr-text")).to_have_text(text, use_inner_text=True)
    expect(view.root.locator("img, b")).to_have_count(0)
    assert read.evaluate("window.bad") is None


def test_the_saved_page_works_without_a_network(
    read: Page, edited: View, alone: Page, tmp_path: Path
) -> None:
    with read.expect_download() as download:
        read.get_by_role("button", name="Save as a page").click()
    assert download.value.suggested_filename == "key-words.html"
    file = tmp_path / "key-words.html"
    download.value.save_as(file)
    alone.context.set_offline(True)
    alone.goto(file.as_uri())
    saved = View(alone, alone.locator("#reading"))
    expect(saved.sides).to_have_count(2)
    expect(saved.sides.nth(0).locator(".bvr-text")).to_have_text(
        edited.sides.nth(0).locator(".bvr-text").inner_text(), use_inner_text=True
    )
    count = saved.words().count()
    expect(saved.slider).to_have_value("20")
    expect(saved.words(".kept")).to_have_count(kept_count(20, count))
    saved.press("End")
    expect(saved.words(".kept")).to_have_count(count)
    saved.press("Home").press("ArrowRight", 49)
    expect(saved.words(".kept", 1)).to_have_count(kept_count(50, count))
    saved.hide()
    assert saved.words(":not(.kept)").first.bounding_box()["width"] < 1
