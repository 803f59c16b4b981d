"""`beaconviz evaluate` and `beaconviz profile`."""

import json
import signal

import pytest
from typer.testing import CliRunner

import beaconviz as bv
from beaconviz import cli, samples
from beaconviz.engine.elastic import ElasticBeacons, Options
from beaconviz.runs.learned_beacons import load_learned, save_learned
from tests.tiny import tiny_model

SAMPLE = samples.shipped("sample_data") / "sample.conll"
RULE = samples.shipped("sample_data") / "rules" / "mute-punctuation.yaml"
DESIGN = samples.shipped("sample_data") / "designs" / "mute-in.json"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return str(tiny_model("bert", tmp_path_factory.mktemp("bert")))


@pytest.fixture
def evaluate(tiny):
    def run(*arguments, data=SAMPLE):
        told = ["evaluate", str(data), "--model", tiny, *map(str, arguments)]
        return CliRunner().invoke(cli.app, told)

    return run


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        (["--preset", "local-window", "--set", "width=1"], "preset local-window width=1"),
        (["--rule", RULE], "rule mute-punctuation"),
        (["--design", DESIGN], "design mute-in"),
    ],
)
def test_json_of_every_kind_of_edit(evaluate, edit, name):
    result = evaluate(*edit, "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["edit"] == name
    assert found["sentences"] == found["of"] == 12
    assert 0 <= found["edited"]["f1"] <= 1
    low, high = found["change"]["interval"]
    assert low <= found["change"]["f1"] <= high


@pytest.fixture
def learned(tiny, tmp_path):
    """A folder of beacons for the tiny model, drawn at random."""
    model = bv.load(tiny)
    save_learned(ElasticBeacons(model.made_for, Options(frozen=True, marker=True)), tmp_path / "b")
    return tmp_path / "b"


def test_learned_beacons_are_an_edit_too(evaluate, learned):
    found = json.loads(evaluate("--learned", learned, "--json").stdout)
    assert found["edit"] == "learned beacons b"
    assert found["left_alone"] == 0
    refused = evaluate("--learned", learned, "--rule", RULE)
    assert refused.exit_code == 2
    assert "--rule and --learned" in refused.stderr
    none = evaluate("--learned", learned.parent)
    assert none.exit_code == 2
    assert "has no elastic.json" in none.stderr


def test_compare_shows_what_learned_beacons_do(tiny, learned):
    text = "Steve Jobs was the co-founder of Apple Inc."
    told = ["compare", text, "--model", tiny, "--learned", str(learned), "--json"]
    result = CliRunner().invoke(cli.app, told)
    assert result.exit_code == 0, result.stderr
    model = bv.load(tiny)
    run = bv.run(model, text, learned=load_learned(learned, model))
    assert json.loads(result.stdout)["edited"]["tags"] == run.tags
    refused = CliRunner().invoke(cli.app, [*told, "--preset", "long-distance"])
    assert refused.exit_code == 2
    assert "--preset and --learned were given; choose one of them" in refused.stderr


def test_csv_and_a_page(evaluate, tmp_path):
    result = evaluate("--preset", "long-distance", "--csv", "--html", tmp_path / "page.html")
    lines = result.stdout.splitlines()
    assert lines[0] == "sentence,text,gold,baseline,edited,became"
    assert len(lines) == 13
    assert "long-distance" in (tmp_path / "page.html").read_text("utf-8")


def test_a_table_for_people(evaluate):
    shown = evaluate("--preset", "long-distance", "--limit", "5").stdout
    assert "5 of 5 sentences" in shown
    assert "strict micro" in shown


def test_answers_are_kept_and_gone_on_from(evaluate, tmp_path, monkeypatch):
    file = tmp_path / "answers.jsonl"
    edit = ["--preset", "local-window", "--batch", "4", "--json"]
    whole = json.loads(evaluate(*edit).stdout)
    kept = evaluate(*edit, "--resume", file)
    assert json.loads(kept.stdout) == whole
    lines = file.read_text().splitlines()
    file.write_text("\n".join(lines[:6]))  # a kill after five sentences
    again = evaluate(*edit, "--resume", file)
    assert json.loads(again.stdout) == whole
    other = evaluate("--preset", "long-distance", "--resume", file)
    assert other.exit_code == 2
    assert "another edit" in other.stderr


def test_stopping_scores_what_was_done(evaluate, monkeypatch, interruptible):
    from beaconviz.evaluate import judge

    real, calls = judge.judge_batch, []

    def stopped(*arguments):
        calls.append(arguments)
        if len(calls) == 3:
            signal.raise_signal(signal.SIGINT)
        return real(*arguments)

    monkeypatch.setattr(judge, "judge_batch", stopped)
    result = evaluate("--preset", "local-window", "--batch", "4", "--json")
    found = json.loads(result.stdout)
    assert (found["sentences"], found["of"]) == (8, 12)
    assert "stopped after 8 of 12" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "the edit to evaluate is missing; give one of --design, --rule, --preset, --learned"),
        (
            ["--preset", "boost", "--rule", RULE],
            "--rule and --preset were given; choose one of them",
        ),
        (["--preset", "nope"], "expected one of worked-example"),
        (["--preset", "local-window", "--set", "width=-1"], "width is -1"),
        (["--rule", "no-such.yaml"], "cannot read no-such.yaml"),
        (["--rule", SAMPLE], "rule"),
        (["--design", RULE], "JSON"),
        (["--preset", "local-window", "--map", "GPE"], "GPE"),
        (["--preset", "local-window", "--html", "no/such/page.html"], "cannot write"),
        (["--preset", "local-window", "--resume", "no/such/file"], "cannot write"),
        (["--preset", "local-window", "--resume", RULE], "holds no answers"),
        (["--rule", RULE, "--set", "width=1"], "without --preset"),
    ],
)
def test_what_does_not_fit_is_one_line_and_code_2(evaluate, arguments, told):
    result = evaluate(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert told in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("content", [b"", b"\x00\x01", "Ann\tO".encode("utf-16-le"), b"Ann\tPER\n"])
def test_bad_data_is_one_line(evaluate, tmp_path, content):
    file = tmp_path / "bad.conll"
    file.write_bytes(content)
    result = evaluate("--preset", "local-window", data=file)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "bad.conll" in result.stderr


@pytest.fixture
def profile(tiny):
    def run(*arguments, data=SAMPLE):
        told = ["profile", str(data), "--model", tiny, *map(str, arguments)]
        return CliRunner().invoke(cli.app, told)

    return run


@pytest.fixture
def partly(tmp_path):
    """An export of Label Studio with a task that nobody annotated."""
    result = [{"type": "labels", "value": {"start": 0, "end": 3, "labels": ["PER"]}}]
    done = {"data": {"text": "Ann sang"}, "annotations": [{"result": result}]}
    file = tmp_path / "partly.json"
    file.write_text(json.dumps([*[done] * 4, {**done, "annotations": []}]), "utf-8")
    return file


def test_a_remark_says_what_was_left_out(evaluate, profile, partly):
    for command in (evaluate, profile):
        result = command("--preset", "local-window", "--json", data=partly)
        assert result.exit_code == 0, result.stderr
        assert (
            "Left out: records that nobody annotated with entities (1: number 5)." in result.stderr
        )
    assert json.loads(evaluate("--preset", "local-window", "--json", data=partly).stdout)["of"] == 4


def test_a_profile_ranks_every_head_and_has_its_controls(profile, tmp_path):
    page = tmp_path / "page.html"
    result = profile("--preset", "long-distance", "--json", "--html", page)
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert len(found["heads"]) == 12
    assert [point["k"] for point in found["curve"]] == [1, 2, 4, 8]
    assert "long-distance" in page.read_text("utf-8")


def test_a_profile_prints_heads_that_a_rule_takes(profile):
    line = profile("--preset", "long-distance").stdout.splitlines()[-1]
    heads = json.loads(line.partition("heads: ")[2])
    assert all(0 <= head < 4 for some in heads.values() for head in some)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "the edit is missing"),
        (["--preset", "local-window", "--set", "width=-1"], "width is -1"),
        (["--preset", "local-window", "--html", "no/such/page.html"], "no folder"),
    ],
)
def test_what_a_profile_does_not_take_is_one_line(profile, arguments, told):
    result = profile(*arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert told in result.stderr
