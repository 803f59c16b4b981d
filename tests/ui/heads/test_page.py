"""The Heads page: through AppTest what it does, with a model of 3 × 4 heads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from threading import Semaphore

import pytest
from streamlit.testing.v1 import AppTest

import beaconviz as bv
from beaconviz import samples
from beaconviz.analysis.scan import at_heads
from beaconviz.core import presets
from beaconviz.data.dataset import read_dataset, read_dataset_text
from beaconviz.evaluate.head_profile import Profile, Progress, profile
from beaconviz.rules.rule import Rule
from beaconviz.ui.heads import job as heads_job
from beaconviz.ui.heads import result as heads_result
from beaconviz.ui.heads.job import ProfileJob
from beaconviz.ui.heads.page import JOB
from beaconviz.ui.shared import learned_beacons as learned
from beaconviz.ui.shell.session import STUDIO, Session
from beaconviz.ui.shell.state import History
from tests.tiny import tiny_model
from tests.ui.app import WORKED
from tests.ui.patience import PATIENCE, until

HEADS = 12
STEPS = HEADS + 4 * 4 + 1  # of a whole profile: four numbers of heads, each with three draws
TEXT = "Steve Jobs was the co-founder of Apple Inc."
SAMPLE = read_dataset(samples.shipped("sample_data") / "sample.conll").sentences
TEXTS = [*(" ".join(sentence.words) for sentence in SAMPLE), *[TEXT] * 8]


def heads_page() -> None:
    from beaconviz.ui.heads.page import page

    page()


class Heads:
    """The page, as a person's hands and eyes."""

    def __init__(self, model: str, data: str) -> None:
        self.app = AppTest.from_function(heads_page, default_timeout=PATIENCE)
        self.app.session_state[STUDIO] = Session(History(WORKED))
        self.run()
        design = presets.local_window(TEXT.split(), width=0)
        self.session.step(replace(self.session.view, model=model, design=design))
        self.upload(data).choose("edit-source", "A preset").choose(
            "evaluate-preset", "local-window"
        )

    def run(self) -> Heads:
        self.app.run()
        assert not self.app.exception
        return self

    def back(self) -> Heads:
        """The page after a visit to another one, where Streamlit forgets what widgets hold."""
        other = Heads.__new__(Heads)
        other.app = AppTest.from_function(heads_page, default_timeout=PATIENCE)
        other.app.session_state[STUDIO] = self.session
        return other.run()

    @property
    def session(self) -> Session:
        return self.app.session_state[STUDIO]

    @property
    def job(self) -> ProfileJob | None:
        return self.session.page_data.get(JOB)

    @property
    def errors(self) -> list[str]:
        return [error.value.replace("\\", "") for error in self.app.error]

    @property
    def says(self) -> str:
        return " ".join(markdown.value.replace("\\", "") for markdown in self.app.markdown)

    @property
    def buttons(self) -> list[str]:
        return [button.label for button in self.app.button]

    def choose(self, key: str, value: object) -> Heads:
        widgets = (*self.app.segmented_control, *self.app.selectbox, *self.app.number_input)
        matching = [widget for widget in widgets if widget.key == key]
        assert matching, f"no control {key}; the page says: {self.says} {self.errors}"
        matching[0].set_value(value)
        return self.run()

    def press(self, label: str) -> Heads:
        next(button for button in self.app.button if button.label == label).click()
        return self.run()

    def upload(self, content: str) -> Heads:
        self.session.page_data["data-file"] = "own.conll", content.encode()
        return self.choose("data-source", "Upload")

    def finish(self) -> Heads:
        until(lambda: not self.job.running)
        return self.run()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(tiny_model("bert", tmp_path_factory.mktemp("bert")))


@pytest.fixture(scope="module")
def data(tiny: str) -> str:
    """Sentences with what the model says of them as their labels: an edit then moves the score."""
    model = bv.load(tiny)
    runs = [bv.run(model, text) for text in TEXTS]
    return "\n\n".join(
        "\n".join(f"{word} {tag}" for word, tag in zip(run.words, run.tags, strict=True))
        for run in runs
    )


@pytest.fixture(scope="module")
def expected(tiny: str, data: str) -> Profile:
    """The profile that the page should come to."""
    sentences = read_dataset_text(data, "own.conll").sentences
    *_, last = profile(bv.load(tiny), sentences, windowed)
    assert len(set(last.profile.alone.values())) > 1
    return last.profile


@pytest.fixture
def heads(tiny: str, data: str) -> Heads:
    return Heads(tiny, data)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pages that were gone to."""
    pages: list[str] = []
    monkeypatch.setattr(heads_result, "go_to", pages.append)
    return pages


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Semaphore:
    """A profile goes on by as many steps as are released."""
    allowed = Semaphore(0)

    def waiting(*arguments: object) -> Iterator[Progress]:
        for step in profile(*arguments):
            allowed.acquire(timeout=PATIENCE)
            yield step

    monkeypatch.setattr(heads_job, "profile", waiting)
    return allowed


def windowed(words: tuple[str, ...]) -> bv.Design:
    return presets.local_window(words)


def stopped_after(heads: Heads, passes: Semaphore, steps: int, done: int) -> Heads:
    """Stopped while it was at the step after these, which count as so many passes."""
    heads.press("Profile")
    passes.release(steps)
    until(lambda: heads.job.position is not None and heads.job.position.done >= done)
    heads.press("Stop")
    assert heads.job.stopping
    passes.release()
    return heads.finish()


def test_the_profile_and_its_verdict_are_shown(heads: Heads, expected: Profile) -> None:
    heads.press("Profile").finish()
    assert heads.job.profile_so_far == expected
    assert expected.verdict in heads.says
    assert not heads.errors
    assert len(heads.app.get("plotly_chart")) == 2


def test_the_numbers_of_the_verdict_are_in_the_table(expected: Profile) -> None:
    table = heads_result.rivals_html(expected)
    for name, score in expected.rivals.items():
        assert f'<td>{name}</td><td class="n">{score:.3f}</td>' in table
        assert f"{expected.top.best - score:+.3f}".replace("-", "−") in table
    assert "10 sentences held out" in table


@pytest.mark.parametrize("source", ["The Studio's design", "A preset", "A rule"])
def test_the_best_heads_are_used_in_the_studio(
    heads: Heads, source: str, opened: list[str]
) -> None:
    before = heads.session.view
    heads.choose("edit-source", source)
    if source == "A rule":
        heads.choose("evaluate-rule", "long-names")
    heads.press("Profile").finish().choose("best-heads", 3)
    heads.press("Use the best 3 heads in the Studio")
    assert opened == ["Studio"]
    words = tuple(TEXT.split())
    unaimed = {
        "The Studio's design": before.design,
        "A preset": windowed(words),
        "A rule": Rule.from_yaml(samples.rules()["long-names"]).design(words),
    }[source]
    assert heads.session.view.text == TEXT
    assert heads.session.view.design == at_heads(unaimed, heads.job.profile_so_far.best(3))
    assert heads.session.history.undo().present.design == before.design


def test_an_edit_with_nothing_to_do_there_brings_a_sentence(
    heads: Heads, opened: list[str]
) -> None:
    heads.choose("edit-source", "A rule").choose("evaluate-rule", "mute-punctuation")
    heads.press("Profile").finish().choose("best-heads", 1)
    heads.press("Use the best head in the Studio")
    assert opened == ["Studio"]
    view = heads.session.view
    assert view.text in TEXTS
    assert not view.design.is_neutral
    assert view.design.edits[0].heads == heads.job.profile_so_far.best(1)


def test_nothing_is_lost_on_another_page(heads: Heads) -> None:
    heads.choose("evaluate-preset", "long-distance").choose("long-distance-width", 2)
    heads.press("Profile").finish()
    heads.choose("best-heads", heads.job.profile_so_far.top.k + 2)
    back = heads.back()
    assert back.app.selectbox(key="evaluate-preset").value == "long-distance"
    assert back.app.number_input(key="long-distance-width").value == 2
    assert back.app.number_input(key="best-heads").value == heads.job.profile_so_far.top.k + 2
    assert heads.job.profile_so_far.verdict in back.says


def test_another_profile_starts_with_its_own_number(heads: Heads) -> None:
    heads.press("Profile").finish()
    top = heads.job.profile_so_far.top.k
    heads.choose("best-heads", top + 2).press("Profile").finish()
    assert heads.app.number_input(key="best-heads").value == top


def test_an_edit_that_changes_nothing_is_reported(heads: Heads) -> None:
    heads.choose("local-window-width", 99).press("Profile").finish()
    assert (
        "No choice of heads that was tried changes the held-out score: it stays at 1.000."
        in heads.says
    )
    assert "Profile" in heads.buttons
    assert not [label for label in heads.buttons if label.startswith("Use")]
    assert not heads.app.get("plotly_chart")


def test_a_stop_among_the_heads_scores_nothing_and_goes_on(
    heads: Heads, expected: Profile, passes: Semaphore
) -> None:
    stopped_after(heads, passes, 4, done=5)
    assert "Nothing is scored" in heads.says
    assert f"of {heads.job.position.total} passes" in heads.says
    assert len(heads.job.result["heads"]) == len(heads.job.profile_so_far.alone) < HEADS
    assert len(heads.app.get("plotly_chart")) == 1
    assert not [label for label in heads.buttons if label.startswith("Use")]
    passes.release(STEPS - 5)  # what was done is not done again
    heads.press("Go on").finish()
    assert heads.job.profile_so_far == expected
    assert "Stopped" not in heads.says


def test_a_stop_on_the_curve_keeps_its_points(
    heads: Heads, expected: Profile, passes: Semaphore
) -> None:
    stopped_after(heads, passes, HEADS + 5, done=HEADS + 8)
    assert "Stopped after" in heads.says
    assert heads.job.profile_so_far.curve == expected.curve[:1]
    assert heads.job.profile_so_far.verdict in heads.says
    assert "Use the best head in the Studio" in heads.buttons


def test_the_page_stays_live_while_it_works(heads: Heads, passes: Semaphore) -> None:
    heads.press("Profile")
    assert heads.job.running
    assert next(button for button in heads.app.button if button.label == "Profile").disabled
    heads.choose("evaluate-preset", "long-distance")
    assert heads.job.edit.startswith("preset local-window")
    passes.release(99)
    heads.finish()


def test_too_few_sentences_are_one_line(heads: Heads) -> None:
    heads.upload("Ada B-PER\n\nBob B-PER\n").press("Profile").finish()
    assert heads.errors == ["Found 2 sentences; a profile takes at least 4."]
    assert "Go on" not in heads.buttons


def test_a_setting_that_fits_no_sentence_is_one_line(heads: Heads) -> None:
    heads.choose("local-window-width", -1).press("Profile")
    assert heads.job is None
    assert len(heads.errors) == 1
    assert "Width is" in heads.errors[0]


def test_learned_beacons_are_not_offered(heads: Heads) -> None:
    heads.session.recalled["edit-source"] = learned.TITLE  # as it was left on Evaluate
    heads = heads.back()
    source = heads.app.selectbox(key="edit-source")
    assert learned.TITLE not in source.options
    assert source.value == "A rule"
    assert not heads.errors


def test_many_sentences_start_with_some(heads: Heads) -> None:
    sentence = "Ada B-PER\nlives O\n\n"
    heads.upload(sentence * 300)
    limit = next(box for box in heads.app.number_input if box.label == "Sentences, of 300")
    assert limit.value == 200
    limit.set_value(4)
    heads.run().press("Profile").finish()
    assert len(heads.job.sentences) == 4


def test_the_json_says_what_was_profiled(heads: Heads, expected: Profile) -> None:
    heads.press("Profile").finish()
    fields = json.loads(json.dumps(heads.job.result))
    assert fields["data"] == "own.conll"
    assert fields["edit"].startswith("preset local-window")
    assert fields["sentences"] == len(TEXTS)
    assert len(fields["heads"]) == HEADS
    assert fields["verdict"] == expected.verdict
