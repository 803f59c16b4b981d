"""A task is one file: one that is only named in `TASKS` loads, changes, and is shown everywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from transformers import AutoModelForNextSentencePrediction
from typer.testing import CliRunner

import beaconviz as bv
from beaconviz import cli
from beaconviz.figures import report_html, says_html
from beaconviz.figures.html.overview import overview_html
from beaconviz.models import tasks
from beaconviz.models.tasks import TASKS, Task
from tests.next_sentence import ORDER, OrderOutput
from tests.tiny import tiny_model
from tests.ui.app import Studio

ROOMS = ("runs", "analysis", "figures", "cli", "optimize", "ui/studio", "ui/shell", "ui/read")
TEXT, SECOND = "Who lived in London ?", "Ada Lovelace lived in London."


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    auto = AutoModelForNextSentencePrediction
    return str(tiny_model("bert", tmp_path_factory.mktemp("order"), labels=None, auto=auto))


@pytest.fixture(autouse=True)
def known(monkeypatch):
    monkeypatch.setitem(TASKS, ORDER.name, ORDER)


@pytest.fixture
def comparison(folder):
    model = bv.load(folder, device="cpu")
    tokens = model.tokenize(TEXT, SECOND)
    design = bv.Design.neutral(tokens.names("word")).with_cells(beacon=[("*", 1, 300.0)])
    return bv.compare(model, tokens, design)


def test_its_checkpoint_loads_and_its_logits_are_read(comparison):
    assert comparison.baseline.model.task is ORDER
    assert comparison.baseline.logits.shape == (2,)
    assert comparison.baseline.output.follows != comparison.edited.output.follows


def test_what_changed_is_in_python_and_in_json(comparison):
    before, after = (run.output.follows for run in (comparison.baseline, comparison.edited))
    (change,) = comparison.changes
    assert str(change) == f"order {before:.2f} → {after:.2f}"
    record = json.loads(json.dumps(comparison.to_dict()))
    assert record["edited"]["follows"] == pytest.approx(after)
    assert record["changes"][0]["after"] == f"{after:.2f}"
    assert record["orders"] == [
        {"order": "follows", "baseline": pytest.approx(before), "edited": pytest.approx(after)}
    ]


def test_it_is_drawn_in_panels_and_reports(comparison):
    for page in (says_html(comparison), comparison._repr_html_(), report_html(comparison)):
        assert "The second text follows" in page
    assert "<h2>Orders</h2>" in report_html(comparison)
    assert "whether the second text follows" in overview_html(comparison.baseline.model)


def test_the_terminal_prints_it(folder):
    arguments = ["compare", TEXT, "--second", SECOND, "--model", folder]
    shown = CliRunner().invoke(cli.app, [*arguments, "--preset", "boost", "--set", "word=1"])
    assert shown.exit_code == 0
    (row,) = (line for line in shown.stdout.splitlines() if line.split()[:1] == ["follows"])
    assert len(row.split()) == 3
    neutral = CliRunner().invoke(cli.app, arguments)
    assert "no order changed" in neutral.stdout


def test_heads_are_scanned_and_explanations_tested(comparison):
    baseline = comparison.baseline
    found = bv.scan(baseline.model, baseline.aligned, comparison.design, bv.Divergence())
    assert found.unit == "nats"
    assert found.effect.max() > 0
    tested = bv.faithful(baseline, ("received",), draws=3)
    assert tested.name == "the second text follows"


def test_the_studio_shows_it(folder):
    studio = Studio().load(folder)
    assert "The second text follows" in studio.says
    studio.choose("panel", "words")
    assert not studio.errors
    assert "Whether it follows." in [caption.value for caption in studio.app.caption]


def test_another_task_s_output_is_refused_in_one_line(comparison):
    run = bv.run(bv.load("ner-mini"), TEXT)
    with pytest.raises(bv.BeaconvizError) as error:
        run.output.expect(OrderOutput)
    assert str(error.value) == (
        "ner-mini does not say whether a text follows another: it is for token-classification; "
        "expected a model for next-sentence-prediction"
    )
    assert comparison.baseline.output.expect(OrderOutput) is comparison.baseline.output


@pytest.mark.parametrize("room", ROOMS)
def test_no_room_that_shows_a_run_names_a_task(room):
    names = [name for name, value in vars(tasks).items() if isinstance(value, Task)]
    imported = re.compile(rf"models\.tasks import [^\n]*\b({'|'.join(names)})\b")
    assert len(names) == 7
    for path in (Path(bv.__file__).parent / room).rglob("*.py"):
        text = path.read_text("utf-8")
        assert not imported.search(text), path
        assert not re.search(r"task\.name\s*(==|!=|in\b)", text), path
