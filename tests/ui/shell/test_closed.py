"""The app as other people meet it: they open what ships and what was named, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from beaconviz import samples
from beaconviz.ui.search import form as search_form
from beaconviz.ui.shared import edit_form
from beaconviz.ui.shared import learned_beacons as learned
from beaconviz.ui.shell import share
from beaconviz.ui.shell.access import AccessError
from beaconviz.ui.shell.examples import first_view
from tests.tiny import tiny_model
from tests.ui.app import Studio
from tests.ui.browser import ROOT, WINDOW, serving
from tests.ui.browser import Studio as InBrowser
from tests.ui.closed import Closed
from tests.ui.evaluate.test_page import Evaluate
from tests.ui.read.test_page import Read
from tests.ui.search.test_page import Search

DATA = samples.shipped("sample_data") / "sample.conll"
PAPERS = samples.shipped("sample_data") / "retrieval" / "documents.jsonl"


def data_from_path(path: str) -> object:
    return edit_form.dataset_at(path, {})


def documents_from_path(path: str) -> object:
    return search_form.documents_at(path)


def beacons_from_path(path: str) -> object:
    return learned.beacons("ner-mini", path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model("bert", tmp_path_factory.mktemp("secret"))


def link_to(model: Path) -> str:
    return share.encode(replace(first_view(), model=str(model)))


def only_line(errors: list[str]) -> str:
    assert len(errors) == 1
    return errors[0].replace("\\", "")


def test_a_second_visitor_gets_no_model_that_somebody_loaded_before(
    closed: Closed, folder: Path
) -> None:
    assert str(folder) in Studio().load(str(folder)).app.selectbox(key="model").options
    closed()
    visitor = Studio(link_to(folder))
    assert visitor.session.view.model == "ner-mini"
    assert "does not offer" in visitor.session.messages.question.text
    assert [answer for answer, _ in visitor.session.messages.question.answers] == [
        "Show it with ner-mini"
    ]
    assert str(folder) not in visitor.app.selectbox(key="model").options
    visitor.load(str(folder))
    assert "does not offer the model" in only_line(visitor.errors)
    assert visitor.session.view.model == "ner-mini"


@pytest.mark.parametrize("name", ["/etc", "dslim/bert-base-NER", "./ner-mini"])
def test_names_that_a_visitor_sends_are_refused_before_anything_is_looked_at(
    closed: Closed, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    closed()
    visitor = Studio()
    monkeypatch.setattr("beaconviz.load", lambda name: pytest.fail(f"looked for {name}"))
    assert "does not offer the model" in only_line(visitor.load(name).errors)


def test_a_folder_that_was_named_is_offered_and_its_link_opens(
    closed: Closed, folder: Path
) -> None:
    closed("--model", str(folder))
    visitor = Studio()
    assert str(folder) in visitor.app.selectbox(key="model").options
    assert visitor.choose("model", str(folder)).session.view.model == str(folder)
    assert Studio(link_to(folder)).session.view.model == str(folder)


def test_evaluate_reads_named_files_alone(closed: Closed) -> None:
    closed()
    page = Evaluate()
    assert sources(page, "data-source") == ["Sample", "Upload"]
    closed("--data", str(DATA))
    page = Evaluate()
    assert sources(page, "data-source") == ["Sample", "Upload", "Provided"]
    page.choose("data-source", "Provided").start().finish()
    assert page.job.data == DATA.name


def test_search_reads_named_documents_alone(closed: Closed) -> None:
    closed()
    page = Search()
    assert sources(page, "search-source") == ["Sample", "Upload"]
    closed("--documents", str(PAPERS))
    page = Search()
    assert sources(page, "search-source") == ["Sample", "Upload", "Provided"]
    assert len(page.choose("search-source", "Provided").titles) == 10


@pytest.mark.parametrize("read", [data_from_path, documents_from_path, beacons_from_path])
def test_no_reader_takes_a_path_that_was_not_named(
    closed: Closed, read: Callable[[str], object]
) -> None:
    closed("--model", "named")
    with pytest.raises(AccessError, match="does not open"):
        read(str(DATA))


def test_read_offers_no_other_models(closed: Closed, folder: Path) -> None:
    closed()
    page = Read()
    box = page.app.selectbox(key="read-model")
    box.options.append(str(folder))
    box.set_value(str(folder))
    page.app.run()
    assert "does not offer the model" in only_line([error.value for error in page.app.error])


def sources(page: Evaluate | Search, key: str) -> list[str]:
    return next(box for box in page.app.segmented_control if box.key == key).options


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[str]:
    """The address of an app that listens to every network, and was started with one model."""
    log = tmp_path_factory.mktemp("app") / "log.txt"
    options = {"address": "0.0.0.0", "arguments": [f"--model={folder}"]}
    with serving(ROOT / "app.py", log, **options) as address:
        yield address


@pytest.mark.browser
def test_in_a_browser_a_visitor_gets_what_was_named_and_no_link_opens_more(
    browser: Browser, elsewhere: str, folder: Path, tmp_path: Path
) -> None:
    other = tiny_model("bert", tmp_path)
    with browser.new_context(viewport=WINDOW) as first:
        studio = InBrowser(first.new_page(), elsewhere)
        studio.page.get_by_role("combobox", name="Model").click()
        expect(studio.page.get_by_role("option", name=str(folder))).to_be_visible()
        studio.page.get_by_role("option", name=str(folder)).click()
        expect(studio.page.get_by_text("3 layers × 4 heads")).to_be_visible()
    with browser.new_context(viewport=WINDOW) as second:
        studio = InBrowser(second.new_page(), f"{elsewhere}?s={link_to(other)}")
        expect(studio.page.get_by_text("which this app does not offer")).to_be_visible()
        expect(studio.button(f"Load {other}")).to_have_count(0)
        expect(studio.page.get_by_text("6 layers × 12 heads")).to_be_visible()
