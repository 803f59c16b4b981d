"""The Search page: through AppTest what it does, in a browser what a person does with it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape

import pytest
from playwright.sync_api import Page, expect
from streamlit.testing.v1 import AppTest

from beaconviz.ui.search import form as search_form
from beaconviz.ui.search.form import JOB
from beaconviz.ui.shell.session import LINK, SEARCH, Session
from beaconviz.ui.studio.live import BENCH
from tests.ui.browser import Workbench
from tests.ui.patience import PATIENCE, until

NEW = [{"id": n, "title": f"Paper {n}", "text": f"Bees dance in hive {n}."} for n in range(3)]


def search_page() -> None:
    import streamlit as st

    from beaconviz.ui.search.page import page
    from beaconviz.ui.shell.session import ACTIVE, SEARCH

    st.session_state[ACTIVE] = SEARCH
    page()


class Search:
    """The page, as a person's hands and eyes."""

    def __init__(self, link: str | None = None) -> None:
        self.app = AppTest.from_function(search_page, default_timeout=PATIENCE)
        if link is not None:
            self.app.query_params[LINK] = link
        self.seq = 0
        self.run()

    def run(self) -> Search:
        self.app.run()
        assert not self.app.exception
        return self

    @property
    def session(self) -> Session:
        return self.app.session_state[SEARCH]

    @property
    def bench(self) -> dict:
        data = next(x.proto.bytes for x in self.app.get("bidi_component") if x.proto.bytes)
        return json.loads(data[4 : 4 + int.from_bytes(data[:4], "little")])

    @property
    def titles(self) -> list[str]:
        return re.findall(r'class="title"[^>]*>([^<]*)<', self.bench["says"])

    @property
    def arrows(self) -> list[str]:
        return re.findall(r'class="moved[^>]*>([^<]*)<', self.bench["says"])

    @property
    def errors(self) -> list[str]:
        return [error.value for error in self.app.error]

    def paint(self, **cells: list) -> Search:
        self.seq += 1
        generation = self.bench["document"]["generation"]
        edit = {"generation": generation, "stroke": self.seq, "marker": [], "beacon": []}
        self.app.session_state[BENCH] = {"edit": edit | cells | {"seq": self.seq}}
        return self.run()

    def choose(self, key: str, value: object) -> Search:
        widgets = (*self.app.segmented_control, *self.app.selectbox)
        next(widget for widget in widgets if widget.key == key).set_value(value)
        return self.run()

    def write(self, text: str) -> Search:
        self.app.text_input(key="text").set_value(text)
        return self.run()

    def upload(self, data: bytes, name: str = "papers.jsonl") -> Search:
        self.choose("search-source", "Upload")
        self.app.get("file_uploader")[-1].upload(name, data, "text/plain")
        return self.run()

    def finish(self) -> Search:
        until(lambda: not self.session.page_data[JOB].running)
        return self.run()


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def lines(records: list[dict]) -> bytes:
    return "\n".join(map(json.dumps, records)).encode()


def test_it_begins_with_an_edit_that_moves_the_ranking() -> None:
    search = Search()
    assert len(search.titles) == 10
    assert search.titles[:2] == ["A Jaguar from 1961", "The jaguar at night"]
    assert search.arrows[:2] == ["↑1", "↓1"]
    assert not search.errors


def test_a_stroke_moves_the_ranking_and_undo_brings_it_back() -> None:
    search = Search()
    first = search.titles
    search.paint(beacon=[["*", 3, 20.0]])
    assert search.titles != first
    search.seq += 1
    search.app.session_state[BENCH] = {"command": {"seq": search.seq, "name": "undo"}}
    assert search.run().titles == first


def test_without_an_edit_there_are_no_arrows() -> None:
    search = Search().paint()
    assert set(search.arrows) == {""}
    assert search.titles[0] == "The jaguar at night"
    assert "Paint in M or A" in search.bench["says"]


@pytest.mark.parametrize("method", ["tfidf", "bm25", "mean", "received", "similarity"])
def test_every_method_ranks(method: str) -> None:
    search = Search().choose("search-method", method).paint()
    assert "jaguar" in search.titles[0].lower()
    answer = unescape(search.paint(beacon=[["*", 3, 20.0]]).bench["says"])
    by_words = method in ("tfidf", "bm25")
    assert ("A word's weight grows" in answer) == by_words
    assert ("query's vector" in answer) != by_words
    assert not search.errors


def test_a_query_of_stop_words_is_refused_and_the_editor_stays() -> None:
    search = Search().choose("search-method", "bm25").write("of the")
    assert "stop words only" in search.bench["says"]
    assert search.bench["document"]["words"] == ["of", "the"]
    assert search.write("bees dance").titles[0] == "How bees tell the way"


def test_own_documents_are_searched_and_bad_ones_leave_the_work() -> None:
    search = Search().write("bees in a hive")
    search.upload(lines(NEW))
    assert sorted(search.titles) == ["Paper 0", "Paper 1", "Paper 2"]
    search.upload(b"{", "broken.jsonl")
    assert "is no JSON" in search.errors[0].replace("\\", "")
    assert search.session.view.text == "bees in a hive"
    search.choose("search-source", "Sample")
    assert search.titles[0] == "How bees tell the way"


def test_many_documents_are_read_in_the_background(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_form, "_QUICK", 10)
    search = Search()
    search.upload(
        lines([document | {"text": f"{document['text']} again"} for document in NEW])
    ).finish()
    assert sorted(search.titles) == ["Paper 0", "Paper 1", "Paper 2"]


def test_a_stopped_index_can_be_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_form, "_QUICK", 10)

    def stopped(*_: object, progress: Callable[[int, int], None], **__: object) -> None:
        search.session.page_data[JOB].stop()
        progress(1, 3)

    search = Search().finish()
    with monkeypatch.context() as patch:
        patch.setattr(search_form, "ready_index", stopped)
        search.upload(
            lines([document | {"text": f"{document['text']} and again"} for document in NEW])
        ).finish()
    assert any("Stopped before all documents" in markdown.value for markdown in search.app.markdown)
    search.app.button(key="go-on").click()
    assert sorted(search.run().finish().titles) == ["Paper 0", "Paper 1", "Paper 2"]


def test_a_link_of_another_page_is_searched_with_vectors() -> None:
    from beaconviz.ui.shell import share
    from tests.ui.app import WORKED

    search = Search(share.encode(WORKED))
    assert search.session.view.model == "minilm"
    assert search.session.view.text.startswith("Steve Jobs")
    assert len(search.titles) == 10


@pytest.mark.browser
def test_in_a_browser_the_ranking_moves_as_one_paints(
    page: Page, serve: Callable[[str], str]
) -> None:
    page.goto(f"{serve('app.py')}search")
    titles = page.locator(".bv-hits .title")
    expect(titles.first).to_have_text("A Jaguar from 1961")
    before = titles.all_inner_texts()
    bench = Workbench(page).settle()
    bench.click("beacon", -1, 0)  # all words attend to the first one
    expect(titles).not_to_have_text(before)  # the ranking is another one
    arrows = page.locator(".bv-hits .moved")
    expect(arrows.filter(has_text=re.compile("^[↑↓][1-9]")).first).to_be_visible()
    page.wait_for_function(
        "new URLSearchParams(location.search).get(beaconvizAddress.name) === beaconvizAddress.link"
    )
    shown_titles = titles.all_inner_texts()
    page.reload()
    expect(titles).to_have_text(shown_titles)
    page.get_by_role("link", name="Studio").click()
    expect(page.locator(".says")).to_contain_text("Barcelona")
    chosen = page.get_by_role("radio", name="mask", exact=True)
    expect(chosen).to_be_checked()
    page.get_by_role("link", name="Search").click()
    expect(titles).to_have_text(shown_titles)


@pytest.mark.browser
def test_in_a_browser_a_passage_opens_by_the_keyboard_and_stays_open_as_one_paints(
    page: Page, serve: Callable[[str], str]
) -> None:
    page.goto(f"{serve('app.py')}search")
    bench = Workbench(page).settle()
    key = page.locator(".bv-hits [data-kept]").first.get_attribute("data-kept")
    passage = page.locator(f".bv-hits [data-kept='{key}']")
    line = passage.locator("summary")
    narrow = line.bounding_box()["height"]
    line.press("Enter")
    expect(passage).to_have_attribute("open", "")
    assert line.bounding_box()["height"] > 1.5 * narrow
    scores = page.locator(".bv-hits .score").all_inner_texts()
    bench.click("beacon", -1, 0)
    expect(page.locator(".bv-hits .score")).not_to_have_text(scores)
    expect(passage).to_have_attribute("open", "")
    line.press("Enter")
    expect(passage).not_to_have_attribute("open", "")


@pytest.mark.browser
def test_on_a_phone_the_passage_has_a_line_of_its_own(
    page: Page, serve: Callable[[str], str]
) -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    page.goto(f"{serve('app.py')}search")
    Workbench(page).settle()
    title, passage = (page.locator(f".bv-hits .{name}").first for name in ("title", "passage"))
    assert passage.bounding_box()["y"] > title.bounding_box()["y"] + 15
    assert passage.bounding_box()["width"] > 300
