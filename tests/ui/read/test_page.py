"""The Read page: through AppTest what it does, on the sample article and on texts of one's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Semaphore
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest

from beaconviz import samples
from beaconviz.analysis.explain.faithfulness import Faithful, faithful
from beaconviz.analysis.explain.keywords import Weighing, is_stop_word, key_words, weighing
from beaconviz.analysis.explain.weights import METHODS
from beaconviz.core.presets import PRESETS
from beaconviz.ui.read import faithfulness
from beaconviz.ui.read import job as read_job
from beaconviz.ui.read.faithfulness import FaithfulnessJob
from beaconviz.ui.read.job import ReadJob
from beaconviz.ui.read.page import JOB
from beaconviz.ui.shell import cache
from beaconviz.ui.shell.session import STUDIO, Session
from tests.tiny import tiny_model
from tests.ui.patience import PATIENCE, until

OWN = "Ada Lovelace met Charles Babbage in London, and the two of them planned a machine."
BARE = "nothing of note has happened here since the last rain"
LONG = " ".join(f"{OWN} It was the year {1800 + number}." for number in range(60))
PAGE = LONG[:900]
COLD = "what clothes to wear when it is cold"


def app() -> None:
    """The app, with a way for a test to say which page it wants."""
    import streamlit as st

    from beaconviz.ui.pages import pages
    from beaconviz.ui.shell.navigation import go_to

    shown = st.navigation(list(pages().values()), position="hidden")
    target = st.session_state.pop("wanted", None)
    if target is not None:
        go_to(target)
    shown.run()


class Read:
    """The page, as a person's hands and eyes."""

    def __init__(self) -> None:
        self.app = AppTest.from_function(app, default_timeout=PATIENCE)
        self.go("Read")

    def run(self) -> Read:
        self.app.run()
        assert not self.app.exception, "a traceback on the screen"
        return self

    def go(self, name: str) -> Read:
        self.app.session_state["wanted"] = name
        return self.run()

    def widget(self, key: str) -> Any:
        kinds = ("segmented_control", "selectbox", "multiselect", "toggle", "text_input",
                 "text_area", "number_input")  # fmt: skip
        matching = [
            widget for kind in kinds for widget in getattr(self.app, kind) if widget.key == key
        ]
        assert matching, f"no control {key}; the page says: {self.says} {self.errors}"
        return matching[0]

    def choose(self, key: str, value: object) -> Read:
        self.widget(key).set_value(value)
        return self.run()

    def own(self, text: str) -> Read:
        if self.widget("read-source").value != "My own":
            self.choose("read-source", "My own")
        return self.choose("read-text", text)

    def model(self, name: str) -> Read:
        """Another model, as one that was typed before a visit to another page."""
        self.go("Rules").session.recalled["read-model"] = name
        return self.go("Read")

    def upload(self, name: str, content: bytes) -> Read:
        self.app.file_uploader(key="read-file").set_value([(name, content, "text/plain")])
        return self.run()

    def press(self, label: str) -> Read:
        next(button for button in self.app.button if button.label == label).click()
        return self.run()

    def finish(self, task: Callable[[], ReadJob | FaithfulnessJob]) -> Read:
        until(lambda: not task().running)
        return self.run()

    @property
    def session(self) -> Session:
        return self.app.session_state[STUDIO]

    @property
    def job(self) -> ReadJob:
        return self.session.page_data[JOB]

    @property
    def test(self) -> FaithfulnessJob:
        return self.session.page_data[faithfulness.JOB]

    @property
    def weights(self) -> torch.Tensor:
        assert self.job.before is not None
        return self.job.before.weights

    @property
    def errors(self) -> list[str]:
        return [error.value.replace("\\", "") for error in self.app.error]

    @property
    def infos(self) -> list[str]:
        return [info.value.replace("\\", "") for info in self.app.info]

    @property
    def says(self) -> str:
        return " ".join(markdown.value.replace("\\", "") for markdown in self.app.markdown)

    @property
    def buttons(self) -> list[str]:
        return [button.label for button in self.app.button]

    @property
    def html(self) -> str:
        return " ".join(block.proto.body for block in self.app.get("html"))

    @property
    def drawn(self) -> bool:
        """Whether key words are on the page."""
        return "The words with the largest weights" in self.html


@pytest.fixture
def read() -> Read:
    return Read()


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Semaphore:
    """A text is weighed by as many steps as are released."""
    allowed = Semaphore(0)

    def waiting(*arguments: Any, **options: Any) -> Iterator[Weighing]:
        for step in weighing(*arguments, **options):
            allowed.acquire(timeout=PATIENCE)
            yield step

    monkeypatch.setattr(read_job, "weighing", waiting)
    return allowed


@pytest.fixture
def readings(monkeypatch: pytest.MonkeyPatch) -> Semaphore:
    """A test of methods, of few orders at random, goes on by as many batches as are released."""
    allowed = Semaphore(0)

    def waiting(*arguments: Any, progress: Callable[[int, int], None], **options: Any) -> Faithful:
        def report(done: int, count: int) -> None:
            allowed.acquire(timeout=PATIENCE)
            progress(done, count)

        return faithful(*arguments, progress=report, draws=4, **options)

    monkeypatch.setattr(faithfulness, "faithful", waiting)
    return allowed


def one_line(errors: list[str]) -> str:
    assert len(errors) == 1
    assert "\n" not in errors[0]
    return errors[0]


def test_the_sample_article_is_weighed(read: Read) -> None:
    job = read.job
    assert job.before.text == samples.article()
    assert job.before.model_name == "ner-mini"
    assert job.after is None
    assert read.weights.sum().item() == pytest.approx(1, abs=1e-4)
    assert torch.allclose(
        read.weights, key_words(cache.model("ner-mini"), samples.article()).weights, atol=1e-6
    )
    assert not read.errors
    heaviest = max(job.before.spans(job.before.share_of_text(0.2)), key=lambda span: span.weight)
    assert heaviest.text in read.html
    assert any("Special tokens" in caption.value for caption in read.app.caption)


@pytest.mark.parametrize("method", METHODS[1:])
def test_another_method_weighs_otherwise(read: Read, method: str) -> None:
    before = read.own(OWN).weights
    read.choose("read-method", method)
    assert read.job.before.method == method
    assert not torch.allclose(read.weights, before, atol=1e-3)
    assert read.weights.sum().item() == pytest.approx(1, abs=1e-4)
    assert read.drawn
    assert not read.errors


def test_a_query_finds_the_words_that_answer_it(read: Read) -> None:
    read.choose("read-model", "minilm").choose("read-method", "similarity")
    without_query = read.weights
    read.choose("read-query", COLD)
    with_query = read.weights
    assert read.job.request.options["query"] == COLD
    assert not torch.allclose(with_query, without_query, atol=1e-4)
    words = read.job.before.words
    warm = next(n for n, word in enumerate(words) if word.text == "clothes")
    assert with_query[warm] > 2 * without_query[warm]
    assert warm in read.job.before.top(10)
    read.choose("read-score", "dot")
    assert not torch.allclose(read.weights, with_query, atol=1e-4)


def test_a_query_is_left_out_of_other_methods(read: Read) -> None:
    read.own(OWN).choose("read-method", "similarity").choose("read-query", "machines")
    read.choose("read-method", "rollout")
    assert "query" not in read.job.request.options
    assert not read.errors
    read.choose("read-method", "similarity")
    assert read.widget("read-query").value == "machines"  # for when it is wanted again


def test_stop_words_are_left_out_when_asked(read: Read) -> None:
    read.own(OWN)
    common = [is_stop_word(word.text) for word in read.job.before.words]
    assert read.weights[common].sum() > 0
    read.choose("read-stop", False)
    assert read.weights[common].sum() == 0
    assert read.weights.sum().item() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("part", ["layers", "heads"])
def test_other_layers_and_heads_see_other_words(read: Read, part: str) -> None:
    every = read.own(OWN).weights
    read.choose(f"read-{part}", [1, 0])
    assert read.job.request.options[part] == [0, 1]
    chosen = read.weights
    assert not torch.allclose(chosen, every, atol=1e-4)
    model = cache.model("ner-mini")
    assert torch.allclose(chosen, key_words(model, OWN, **{part: [0, 1]}).weights, atol=1e-6)
    read.choose(f"read-{part}", [])
    assert read.job.request.options[part] is None
    assert torch.equal(read.weights, every)


def test_a_smaller_model_forgets_the_layers_it_lacks(
    read: Read, tmp_path_factory: pytest.TempPathFactory
) -> None:
    small = str(tiny_model("bert", tmp_path_factory.mktemp("bert")))  # 3 layers of 4 heads
    read.own(OWN).choose("read-layers", [0, 2, 5]).choose("read-heads", [1, 11])
    read.model(small)
    assert read.job.request.options["layers"] == [0, 2]
    assert read.job.request.options["heads"] == [1]
    assert not read.errors
    assert read.drawn


def test_the_studios_text_and_design_give_two_sides(read: Read) -> None:
    read.choose("read-source", "The Studio's text").choose("edit-or-none", "The Studio's design")
    view = read.session.view
    assert not view.design.is_neutral
    assert read.job.before.text == read.job.after.text == view.text
    assert read.job.request.design == view.design
    assert not torch.allclose(read.job.before.weights, read.job.after.weights, atol=1e-4)
    model = cache.model(view.model)
    edited = key_words(model, view.text, design=view.design).weights
    assert torch.allclose(read.job.after.weights, edited, atol=1e-6)


def test_the_studios_text_is_followed(read: Read) -> None:
    read.choose("read-source", "The Studio's text")
    session = read.session
    words = tuple(OWN.split())
    session.step(replace(session.view, text=OWN, design=session.view.design.realigned(words)))
    read.run()
    assert read.job.before.text == OWN


def test_the_untouched_side_is_not_weighed_again(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    designs = []

    def counting(*arguments: Any, **options: Any) -> Iterator[Weighing]:
        designs.append(options["design"])
        return weighing(*arguments, **options)

    monkeypatch.setattr(read_job, "weighing", counting)
    before = read.own(OWN).job.before
    assert designs == [None]
    read.choose("edit-or-none", "A preset").choose("evaluate-preset", "local-window")
    assert read.job.before is before
    assert None not in designs[1:]
    first = read.job.after
    read.choose("local-window-width", 1)
    assert read.job.before is before
    assert read.job.after is not first
    assert None not in designs[1:]
    again = len(designs)
    read.run()  # and nothing at all where nothing was chosen
    assert len(designs) == again
    read.choose("read-stop", False)
    assert read.job.before is not before
    assert designs[again] is None


def test_every_kind_of_edit_is_made_for_the_text(read: Read) -> None:
    read.own(OWN).choose("edit-or-none", "A preset").choose("evaluate-preset", "local-window")
    assert read.job.request.design == PRESETS["local-window"].make(tuple(OWN.split()))
    read.choose("edit-or-none", "A rule").choose("evaluate-rule", "mute-punctuation")
    assert read.job.request.edit == "rule Mute punctuation"
    assert not read.errors
    read.choose("edit-or-none", "No edit")
    assert read.job.after is None


def test_a_setting_that_does_not_fit_is_one_line(read: Read) -> None:
    read.own(OWN).choose("edit-or-none", "A preset").choose("evaluate-preset", "local-window")
    read.choose("local-window-width", -1)
    assert "Width is -1" in one_line(read.errors)
    assert not read.drawn
    read.choose("local-window-width", 2)
    assert not read.errors
    assert read.drawn


def test_no_text_yet_says_what_to_do(read: Read) -> None:
    read.choose("read-source", "My own")
    assert read.infos == ["Paste a text, or choose a file, on the left."]
    assert not read.drawn
    read.own(" \n ")
    assert read.infos == ["Paste a text, or choose a file, on the left."]
    assert read.own(OWN).drawn
    assert "Paste" not in " ".join(read.infos)


def test_punctuation_alone_is_one_line_and_stays(read: Read) -> None:
    read.own("... !? --")
    assert "no word with a letter or a digit" in one_line(read.errors)
    assert read.widget("read-text").value == "... !? --"
    assert not read.drawn
    assert not read.own(OWN).errors
    assert read.drawn


def test_stop_words_alone_are_one_line(read: Read) -> None:
    read.own("the of and").choose("read-stop", False)
    assert "stop words only" in one_line(read.errors)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\x00\x01\x02", "NUL byte"),
        ("café".encode("latin-1"), "not UTF-8"),
        (b"\xff\xfe\xe9", "UTF-16"),
    ],
)
def test_an_upload_that_cannot_be_read_is_one_line_and_the_text_stays(
    read: Read, content: bytes, message: str
) -> None:
    read.own(OWN).upload("mine.txt", content)
    error = one_line(read.errors)
    assert message in error
    assert error.startswith("mine")
    assert read.widget("read-text").value == OWN
    assert read.job.before.text == OWN
    assert read.drawn
    read.upload("other.txt", b"\xef\xbb\xbfAda met Bob.\r\nIn Paris.")
    assert not read.errors
    assert read.widget("read-text").value == read.job.before.text == "Ada met Bob.\nIn Paris."


def test_text_on_the_page_is_text(read: Read) -> None:
    read.own("<img src=x onerror=alert(1)> & <script>alert(2)</script> met Ada in Paris")
    assert read.drawn
    assert "<img" not in read.html
    assert "<script>" not in read.html


def test_a_long_text_is_weighed_in_the_background(read: Read, parts: Semaphore) -> None:
    read.own(LONG)
    assert read.job.running
    assert f"{len(LONG):,} characters" in read.says
    assert "Stop" in read.buttons
    assert not read.drawn
    parts.release(2)  # the beginning, and the first part
    until(lambda: read.job.position[0] >= 1)
    assert read.job.position[1] >= 3
    assert "parts of the text" in read.job.progress
    parts.release(99)
    read.finish(lambda: read.job)
    assert read.drawn
    assert read.job.before.windows == read.job.position[1]
    assert any(
        f"read in {read.job.position[1]} parts" in caption.value for caption in read.app.caption
    )


def test_a_stop_leaves_a_button_to_go_on(read: Read, parts: Semaphore) -> None:
    read.own(LONG)
    parts.release(2)
    until(lambda: read.job.position[0] >= 1)
    read.press("Stop")
    assert read.job.stopping
    parts.release()
    read.finish(lambda: read.job)
    assert read.job.before is None
    assert "Stopped before the whole text was processed" in read.says
    assert read.widget("read-text").value == LONG
    assert not read.drawn
    parts.release(99)
    read.press("Go on").finish(lambda: read.job)
    assert read.drawn
    assert "Stopped" not in read.says
    assert torch.allclose(read.weights, key_words(cache.model("ner-mini"), LONG).weights, atol=1e-6)


def test_a_stop_before_the_edited_side_keeps_the_untouched_one(
    read: Read, parts: Semaphore
) -> None:
    parts.release(99)
    read.own(LONG).finish(lambda: read.job)
    before = read.job.before
    while parts.acquire(blocking=False):
        pass
    read.choose("edit-or-none", "A rule")
    assert read.job.running
    parts.release(2)
    count = before.windows
    until(lambda: read.job.position[0] >= count + 1)
    assert read.job.position[1] == 2 * count
    read.press("Stop")
    parts.release()
    read.finish(lambda: read.job)
    assert read.job.before is before
    assert read.job.after is None
    assert "Go on" in read.buttons
    parts.release(99)
    read.press("Go on").finish(lambda: read.job)
    assert read.job.before is before
    assert read.job.after is not None
    assert read.drawn


def test_another_choice_stops_what_is_not_wanted_any_more(read: Read, parts: Semaphore) -> None:
    read.own(LONG)
    old = read.job
    assert old.running
    read.choose("read-method", "rollout")
    assert old.stopping
    assert read.job is not old
    assert read.job.request.method == "rollout"
    parts.release(99)
    read.finish(lambda: read.job)
    assert read.job.before.method == "rollout"
    assert read.drawn


def test_what_fails_in_the_background_is_one_line(read: Read) -> None:
    read.own(LONG + " " + "a-" * 700).finish(lambda: read.job)
    assert "put a space into it" in one_line(read.errors)
    assert "Go on" not in read.buttons


def test_choices_survive_a_visit_to_another_page(read: Read) -> None:
    read.own(OWN).choose("read-model", "minilm").choose("read-layers", [0, 1])
    read.choose("read-stop", False).choose("edit-or-none", "A preset")
    read.choose("evaluate-preset", "local-window")
    job = read.job
    read.go("Rules").go("Read")
    values = {
        "read-source": "My own",
        "read-text": OWN,
        "read-model": "minilm",
        "read-method": "received",
        "read-layers": [0, 1],
        "read-stop": False,
        "edit-or-none": "A preset",
        "evaluate-preset": "local-window",
    }
    assert {key: read.widget(key).value for key in values} == values
    assert read.job is job
    assert read.drawn


def test_a_query_survives_a_visit_to_another_page(read: Read) -> None:
    read.own(OWN).choose("read-method", "similarity").choose("read-query", "machines")
    read.choose("read-score", "dot")
    job = read.job
    read.go("Rules").go("Read")
    assert read.widget("read-query").value == "machines"
    assert read.widget("read-score").value == "dot"
    assert read.job is job


@pytest.mark.parametrize(
    ("model", "message"), [("./no-such-folder", "no folder"), ("translate-mini", "reads one")]
)
def test_a_model_that_does_not_fit_is_one_line(read: Read, model: str, message: str) -> None:
    read.own(OWN).model(model)
    assert message in one_line(read.errors)
    read.choose("read-model", "ner-mini")
    assert not read.errors
    assert read.drawn


def test_each_method_gets_a_verdict(read: Read) -> None:
    read.own(OWN)
    options = read.widget("faithful-output").options
    assert len(options) > 1
    assert "Babbage" in options[1]
    read.choose("faithful-output", 1).press("Test faithfulness").finish(lambda: read.test)
    result = read.test.result
    assert not read.errors
    assert "Babbage" in result.name
    assert "Babbage" in read.says
    assert len(read.app.get("plotly_chart")) == 1
    assert read.html.count("<tbody><tr>") == 1
    for method in (*METHODS, "random"):
        assert f"<td>{method}</td>" in read.html
        assert result.verdict(method) in read.html
    assert set(result.comprehensiveness) == set(METHODS)


def test_a_verdict_is_of_what_was_chosen(read: Read) -> None:
    read.own(OWN).press("Test faithfulness").finish(lambda: read.test)
    assert "bv-faithful" in read.html
    read.choose("faithful-output", 1)
    assert '<table class="bv-faithful">' not in read.html  # of another thing said
    read.choose("faithful-output", 0)
    assert '<table class="bv-faithful">' in read.html


def test_either_side_of_an_edit_can_be_tested(read: Read) -> None:
    read.choose("read-source", "The Studio's text").choose("edit-or-none", "The Studio's design")
    assert read.widget("faithful-run").value == "edited"
    read.press("Test faithfulness").finish(lambda: read.test)
    edited = read.test
    assert edited.run.design == read.job.request.design
    read.choose("faithful-run", "baseline")
    assert '<table class="bv-faithful">' not in read.html
    read.press("Test faithfulness").finish(lambda: read.test)
    assert read.test is not edited
    assert read.test.run.design is None or read.test.run.design.is_neutral
    assert read.test.result.before != edited.result.before


def test_a_text_without_entities_says_so(read: Read) -> None:
    read.own(BARE)
    assert read.drawn
    assert "finds no entity in this text" in one_line(read.infos)
    assert "Test faithfulness" not in read.buttons
    assert "Test faithfulness" in read.own(OWN).buttons


def test_a_text_too_short_to_test_is_one_line(read: Read) -> None:
    read.own("Ada Lovelace met").press("Test faithfulness").finish(lambda: read.test)
    assert "fewer than 2 words" in one_line(read.errors)


def test_a_text_too_long_to_test_is_one_line(read: Read) -> None:
    read.own(LONG).finish(lambda: read.job)
    assert read.drawn
    assert "token" in one_line(read.infos)
    assert "Test faithfulness" not in read.buttons


def test_a_test_that_is_stopped_can_be_begun_again(read: Read, readings: Semaphore) -> None:
    read.own(LONG[:450]).press("Test faithfulness")
    assert read.test.running
    assert "Stop" in read.buttons
    readings.release(2)  # the beginning, and the first batch
    until(lambda: read.test.position[0])
    assert read.test.position[0] < read.test.position[1]
    assert "readings of the text" in read.test.progress
    read.press("Stop")
    assert read.test.stopping
    readings.release()
    read.finish(lambda: read.test)
    assert read.test.result is None
    assert '<table class="bv-faithful">' not in read.html
    assert not read.errors
    readings.release(9999)
    read.press("Test faithfulness").finish(lambda: read.test)
    assert read.test.result is not None
    assert '<table class="bv-faithful">' in read.html


def test_a_new_test_ends_the_old_one(read: Read, readings: Semaphore) -> None:
    read.own(OWN).press("Test faithfulness")
    old = read.test
    read.choose("faithful-output", 1).press("Test faithfulness")
    assert old.stopping
    assert read.test is not old
    readings.release(9999)
    read.finish(lambda: read.test)
    assert "Babbage" in read.test.result.name
