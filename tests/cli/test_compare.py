"""The command line: what it prints where, and how it refuses."""

import json
import os
import re
import subprocess
import sys

import pytest
from transformers import AutoModelForCausalLM
from typer.testing import CliRunner

from beaconviz import cli, samples
from tests.tiny import tiny_head, tiny_model

TEXT = "Steve Jobs was the co-founder of Apple Inc."
EXAMPLE = str(samples.shipped("sample_data") / "designs" / "worked-example.json")
FOR_ANOTHER_TEXT = str(samples.shipped("sample_data") / "designs" / "mute-in.json")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return str(tiny_model("bert", tmp_path_factory.mktemp("bert")))


@pytest.fixture
def compare(tiny):
    def call(*arguments, text=TEXT, typed=None):
        return CliRunner().invoke(
            cli.app, ["compare", text, "--model", tiny, *arguments], input=typed
        )

    return call


def test_json_is_all_that_standard_output_holds(compare, tiny):
    result = compare("--design", EXAMPLE, "--json")
    assert result.exit_code == 0
    data = json.loads(result.stdout)
    assert list(data) == [
        "model", "device", "words", "tokens", "design", "baseline", "edited", "changes", "metrics",
    ]  # fmt: skip
    assert data["model"] == tiny
    assert data["words"] == TEXT.split()
    assert data["design"]["edits"][0]["beacon"] == [[2, 6, 1.0]]
    assert list(data["edited"]) == ["entities", "tags"]
    assert len(data["metrics"]) == 3 * 4


def test_json_of_one_head(compare):
    data = json.loads(compare("--json", "--layer", "1", "--head", "2").stdout)
    assert [(row["layer"], row["head"]) for row in data["metrics"]] == [(1, 2)]


def test_for_a_person_it_prints_both_answers_words_and_heads(compare):
    result = compare("--preset", "boost", "--set", "word=6")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["baseline", "edited"]
    assert "divergence" in result.stdout
    assert "co-founder" in result.stdout


def test_a_model_that_writes_prints_its_guesses(tmp_path):
    folder = tiny_model("llama", tmp_path, labels=None, auto=AutoModelForCausalLM)
    told = ["compare", "Ada lived in London", "--model", str(folder), "--preset", "long-distance"]
    shown = CliRunner().invoke(cli.app, told)
    assert shown.exit_code == 0, shown.stderr
    assert "guess" in shown.stdout
    found = json.loads(CliRunner().invoke(cli.app, [*told, "--json"]).stdout)
    assert found["guesses"][0]["rank_edited"] == 1
    assert found["baseline"]["text"] == found["edited"]["text"] != ""


def test_markup_in_the_text_is_printed_as_it_is(compare):
    assert "[bold]x[/bold]" in compare(text="[bold]x[/bold] [/] was").stdout


def test_text_from_standard_input(compare):
    result = compare("--json", text="-", typed="Ada lived in London\n")
    assert json.loads(result.stdout)["words"] == ["Ada", "lived", "in", "London"]


def test_pasta_knows_the_head_size(compare):
    result = compare("--preset", "pasta", "--set", "highlighted=0,1", "--json")
    cells = json.loads(result.stdout)["design"]["edits"][0]["beacon"]
    assert [cell[1] for cell in cells] == [2, 3, 4, 5, 6, 7]


def test_a_report_is_written(compare, tmp_path):
    result = compare("--json", "--html", str(tmp_path / "report.html"))
    assert json.loads(result.stdout)["words"]
    assert "co-founder" in (tmp_path / "report.html").read_text("utf-8")


def test_a_design_moves_to_other_words_when_told(compare):
    result = compare("--json", "--realign", "--design", FOR_ANOTHER_TEXT, text="stay in paris")
    assert json.loads(result.stdout)["design"]["edits"][0]["beacon"] == [["*", 1, -1e4]]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--preset", "nope"], "expected one of worked-example"),
        (["--preset", "boost", "--set", "speed=1"], "known are word, value"),
        (["--preset", "boost", "--set", "word=six"], "is not a number"),
        (["--preset", "boost", "--set", "word=99"], "expected a number from 0 to 7"),
        (["--set", "word=1"], "without --preset"),
        (["--preset", "boost", "--design", EXAMPLE], "choose one"),
        (["--design", "no-such-file.json"], "cannot read no-such-file.json"),
        (["--design", os.devnull], "not valid JSON"),
        (["--design", FOR_ANOTHER_TEXT], "--realign"),
        (["--model", "./no-such-folder"], "no folder"),
        (["--layer", "9"], "layer is 9"),
        (["--layer", "-1"], "layer is -1"),
        (["--head", "4"], "head is 4"),
        (["--html", "no-such-folder/report.html"], "cannot write"),
    ],
)
def test_what_does_not_fit_is_one_line_and_code_2(compare, arguments, told):
    result = compare(*arguments, "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert told in result.stderr


@pytest.mark.parametrize("text", ["", "  \n", "word " * 400, "x" * 1_000_000])
def test_texts_that_cannot_be_run_are_one_line_too(compare, text):
    result = compare("--json", text=text)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)


def test_version_and_help_are_quick():
    """They import neither torch nor the interface."""
    code = (
        "import sys; from typer.testing import CliRunner; from beaconviz.cli import app;"
        "print(CliRunner().invoke(app, ['--version']).stdout, CliRunner().invoke(app, ['--help']).exit_code,"
        "[m for m in ('torch', 'transformers', 'streamlit', 'plotly') if m in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert re.fullmatch(r"beaconviz \d+\.\d+\.\d+\S*\s+0 \[\]\s*", shown.stdout)


def test_the_app_starts_streamlit_beside_its_settings(monkeypatch):
    calls = []
    monkeypatch.setattr(os, "execv", lambda path, arguments: calls.append(arguments))
    CliRunner().invoke(cli.app, ["app", "--port", "8600", "--no-browser"], catch_exceptions=False)
    (command,) = calls
    script = samples.shipped("app.py")
    assert command[1:6] == ["-P", "-m", "beaconviz.ui", "run", str(script)]
    assert command[command.index("--server.port") + 1] == "8600"
    assert (script.parent / ".streamlit" / "config.toml").exists()


def test_the_app_is_told_what_it_may_offer(monkeypatch, tmp_path):
    calls = []
    monkeypatch.setattr(os, "execv", lambda path, arguments: calls.append(arguments))
    file = tmp_path / "-odd name.conll"
    file.touch()
    named = ["--model", "acme/tagger", "--data", str(file), "--documents", str(tmp_path)]
    arguments = ["app", "--address", "0.0.0.0", "--closed", *named]
    CliRunner().invoke(cli.app, arguments, catch_exceptions=False)
    (command,) = calls
    assert command[command.index("--server.address") + 1] == "0.0.0.0"
    assert command[command.index("--") + 1 :] == [
        "--closed",
        "--model=acme/tagger",
        f"--data={file}",
        f"--documents={tmp_path}",
    ]


@pytest.mark.parametrize("option", ["--model", "--data", "--documents", "--beacons"])
def test_the_app_refuses_to_offer_what_is_not_there(monkeypatch, option):
    monkeypatch.setattr(os, "execv", lambda *_: pytest.fail("it was started"))
    refused = CliRunner().invoke(cli.app, ["app", option, "./no/such/thing"])
    assert (refused.exit_code, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert "is not there" in refused.stderr


@pytest.mark.parametrize("name", ["finetune", "elastic", "train-translator"])
def test_training_explains_itself_and_refuses_in_one_line(name):
    shown = CliRunner().invoke(cli.app, [name, "--help"])
    assert shown.exit_code == 0
    assert "--dev" in re.sub(r"\x1b\[[0-9;]*m", "", shown.stdout)
    refused = CliRunner().invoke(cli.app, [name, "nope", "--dev", "nope", "--out", "nope"])
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "cannot read nope" in refused.stderr


def test_what_a_checkpoint_says_and_is_not_followed_is_one_line_of_errors(tmp_path):
    folder = tiny_model("bert", tmp_path, labels=["LABEL_0", "LABEL_1", "LABEL_2"])
    result = CliRunner().invoke(cli.app, ["compare", TEXT, "--model", str(folder), "--json"])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["model"] == str(folder)
    (line,) = result.stderr.splitlines()
    assert "no names (LABEL_0 to LABEL_2)" in line


def test_logits_that_are_no_numbers_are_refused_in_one_line(tmp_path):
    folder = tiny_model("bert", tmp_path)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"layer_norm_eps": -1.0}))
    result = CliRunner().invoke(cli.app, ["compare", TEXT, "--model", str(folder)])
    assert (result.exit_code, result.stdout) == (2, "")
    (line,) = result.stderr.splitlines()
    assert "gives logits that are no numbers" in line


def test_edits_of_a_decoder_are_told_of_its_attention(tmp_path):
    """Which has a layer that the encoder has not; the words' attention to each other is as it
    was."""
    model = tiny_head("bart", "BartForSequenceClassification", tmp_path / "bart")
    design = {
        "beaconviz": 1,
        "words": ["Ada", "lived", "in", "London"],
        "edits": [{"attention": "cross", "beacon": [["*", 1, 60.0]], "layers": [2]}],
    }
    (tmp_path / "design.json").write_text(json.dumps(design), encoding="utf-8")
    call = ["compare", "Ada lived in London", "--model", str(model)]
    call += ["--design", str(tmp_path / "design.json"), "--layer", "2"]
    result = CliRunner().invoke(cli.app, call)
    assert result.exit_code == 0, result.output
    assert "weight" in result.stdout
    assert "received" not in result.stdout
    assert re.search(r"cross +2 +[01] +0\.[1-9]", result.stdout)
    data = json.loads(CliRunner().invoke(cli.app, [*call, "--json"]).stdout)
    assert {row["attention"] for row in data["metrics"]} == {"cross"}
    assert data["information_weights"][1]["weight_change"] > 1
