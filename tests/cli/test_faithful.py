"""`beaconviz faithful`: does what the model says depend on a method's words?"""

from __future__ import annotations

import json
import signal

import pytest
from typer.testing import CliRunner

from beaconviz import cli, samples
from beaconviz.analysis.explain import faithfulness_data as faithful_data
from beaconviz.analysis.explain.faithfulness import SHARES
from beaconviz.analysis.explain.weights import METHODS

TEXT = "Ada Lovelace met Charles Babbage in London, and the two planned a machine."
SAMPLE = samples.shipped("sample_data") / "sample.conll"
RULE = samples.shipped("sample_data") / "rules" / "mute-punctuation.yaml"
DESIGN = samples.shipped("sample_data") / "designs" / "mute-in.json"
QUICK = ("--method", "received")


def faithful(*arguments, given=None):
    return CliRunner().invoke(cli.app, ["faithful", *map(str, arguments)], input=given)


def read(result):
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout, parse_constant=pytest.fail)  # NaN is no JSON


def refused(result):
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    return result.stderr


@pytest.fixture(scope="module")
def whole():
    return read(faithful(TEXT, "--json"))


def test_every_method_is_tested_on_one_text(whole):
    assert set(whole) == {"said", "unit", "before", "methods", "curves"}
    assert "Ada Lovelace" in whole["said"]
    assert (whole["unit"], round(whole["before"])) == ("probability", 1)
    assert [row["method"] for row in whole["methods"]] == [*METHODS, "random"]
    for row in whole["methods"]:
        assert set(row) == {"method", "comprehensiveness", "sufficiency", "beats", "verdict"}
        assert -1 <= row["comprehensiveness"] <= 1
        assert 0 <= row["beats"] <= 1
    assert len(whole["curves"]) == 2 * len(SHARES) * (len(METHODS) + 1)
    for point in whole["curves"]:
        assert set(point) == {"measure", "method", "share", "value", "low", "high"}
        assert (point["low"] is None) == (point["method"] != "random")


def test_the_table_says_what_the_json_says(whole):
    result = faithful(TEXT)
    assert result.exit_code == 0
    assert result.stderr == ""
    assert f"ner-mini: {whole['said']}" in result.stdout
    for row in whole["methods"]:
        assert row["method"] in result.stdout
        assert f"{row['comprehensiveness']:.3f}" in result.stdout
    assert "Taken away: by how much" in result.stdout


def test_some_methods_each_once(whole):
    found = read(faithful(TEXT, *QUICK, "--method", "rollout", *QUICK, "--json"))
    assert [row["method"] for row in found["methods"]] == ["received", "rollout", "random"]
    expected = next(row for row in whole["methods"] if row["method"] == "received")
    assert found["methods"][0]["comprehensiveness"] == pytest.approx(
        expected["comprehensiveness"], abs=1e-5
    )


def test_another_thing_that_the_model_says():
    found = read(faithful(TEXT, "--about", 2, *QUICK, "--json"))
    assert "London" in found["said"]


def test_what_may_be_asked_about_is_named():
    told = refused(faithful(TEXT, "--about", 3, *QUICK))
    for name in ("--about is 3", "0 (", "Ada Lovelace", "Charles Babbage", "2 (", "London"):
        assert name in told


def test_a_page_with_curves(tmp_path):
    page = tmp_path / "page.html"
    result = faithful(TEXT.replace("machine", "<b>machine</b>"), *QUICK, "--html", page)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == f"report: {page}\n"
    written = page.read_text("utf-8")
    assert "Ada Lovelace" in written
    assert "received" in written
    assert "&lt;b&gt;machine" in written
    assert "<b>machine" not in written


@pytest.mark.parametrize(
    "edit",
    [
        ["--preset", "local-window", "--set", "width=1"],
        ["--rule", RULE],
        ["--design", DESIGN],
    ],
)
def test_every_kind_of_edit(edit):
    text = "Ada Lovelace , the founder of Apple , lives in London ."
    found = read(faithful(text, *QUICK, *edit, "--json"))
    assert found["before"] != read(faithful(text, *QUICK, "--json"))["before"]


def test_standard_input(whole):
    found = read(faithful("-", *QUICK, "--json", given=TEXT))
    assert found["said"] == whole["said"]
    assert found["before"] == pytest.approx(whole["before"], abs=1e-6)


def test_many_texts_of_a_conll_file():
    found = read(faithful("--data", SAMPLE, "--limit", 7, *QUICK, "--json"))
    assert set(found) == {"model", "texts", "left_out", "left_out_because", "methods"}
    assert found["texts"] + found["left_out"] == 7
    received, random = found["methods"]
    assert received["method"] == "received"
    assert received["low"] <= received["over_random"] <= received["high"]
    assert 0 <= received["p"] <= 1
    assert (random["method"], random["over_random"]) == ("random", None)


def test_many_texts_of_a_txt_file(tmp_path):
    file = tmp_path / "texts.txt"
    file.write_bytes(
        f"\ufeff{TEXT}\r\n\r\n  nothing of note happened here  \r\n{TEXT}\r\n".encode()
    )
    found = read(faithful("--data", file, *QUICK, "--json"))
    assert (found["texts"], found["left_out"]) == (2, 1)
    assert read(faithful("--data", file, "--limit", 1, *QUICK, "--json"))["texts"] == 1
    shown = faithful("--data", file, *QUICK).stdout
    assert "2 texts, 1 left out (ner-mini finds no entity" in shown
    assert "over random words" in shown


def test_an_edit_of_many_texts():
    told = ["--data", SAMPLE, "--limit", 6, *QUICK, "--json"]
    edited = read(faithful(*told, "--preset", "local-window", "--set", "width=1"))
    assert edited["methods"] != read(faithful(*told))["methods"]


def test_stopping_counts_what_was_done(monkeypatch, interruptible):
    real, done = faithful_data._tested, []

    def stopped(*given):
        done.append(given)
        if len(done) == 3:
            signal.raise_signal(signal.SIGINT)
        return real(*given)

    monkeypatch.setattr(faithful_data, "_tested", stopped)
    result = faithful("--data", SAMPLE, *QUICK, "--json")
    found = read(result)
    assert found["texts"] + found["left_out"] == 2
    assert "stopped after 2 of 12 texts" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "give one of TEXT, --data"),
        ([TEXT, "--data", SAMPLE], "TEXT and --data were given; choose one of them"),
        ([TEXT, "--method", "best"], "expected one of received"),
        (
            [TEXT, "--preset", "boost", "--rule", RULE],
            "--rule and --preset were given; choose one of them",
        ),
        ([TEXT, "--preset", "nope"], "expected one of worked-example"),
        ([TEXT, "--preset", "local-window", "--set", "width=-1"], "width is -1"),
        ([TEXT, "--set", "width=1"], "without --preset"),
        ([TEXT, "--rule", "no-such.yaml"], "cannot read no-such.yaml"),
        ([TEXT, "--rule", SAMPLE], "rule"),
        ([TEXT, "--design", RULE], "JSON"),
        ([TEXT, "--model", "./no-such-folder"], "no folder"),
        ([TEXT, "--html", "no/such/page.html"], "no folder"),
        ([TEXT, "--limit", "2"], "--limit has no effect without --data"),
        (["--data", SAMPLE, "--about", "1"], "--data and --about were given"),
        (["--data", SAMPLE, "--html", "page.html"], "--data and --html were given"),
        (["--data", "no-such.conll"], "cannot read no-such.conll"),
        (["--data", "no-such.txt"], "cannot read no-such.txt"),
        (["--data", RULE], "line 2: found"),
        ([""], "the text is empty"),
        (["nothing of note happened here"], "finds no entity"),
        (["Ada Lovelace met"], "fewer than 2 words"),
        ([f"{TEXT} " * 60], "token"),
        (["--data", SAMPLE, "--model", "translate-mini"], "models of one text"),
        ([TEXT, "--model", "translate-mini"], "models of one text"),
    ],
)
def test_what_does_not_fit_is_one_line_and_code_2(arguments, told):
    assert told in refused(faithful(*arguments))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bad.txt", b""),
        ("bad.txt", b" \n\n"),
        ("bad.txt", b"\x00\x01"),
        ("bad.txt", TEXT.encode("utf-16-le")),
        ("bad.txt", b"Ada \xff met Bob"),
        ("bad.conll", b""),
        ("bad.conll", b"\x00\x01"),
    ],
)
def test_bad_data_is_one_line(tmp_path, name, content):
    file = tmp_path / name
    file.write_bytes(content)
    assert name in refused(faithful("--data", file, *QUICK))


def test_data_that_is_left_out_is_told(tmp_path):
    tasks = [
        {"data": {"text": TEXT}, "annotations": annotations}
        for annotations in ([{"result": []}], [])
    ]
    file = tmp_path / "tasks.json"
    file.write_text(json.dumps(tasks), "utf-8")
    result = faithful("--data", file, "--json", *QUICK)
    assert result.exit_code == 0, result.stderr
    assert "nobody annotated with entities (1: number 2)" in result.stderr


def test_data_of_which_nothing_is_said_is_one_line(tmp_path):
    file = tmp_path / "dull.txt"
    file.write_text("nothing of note happened here\nand nothing there\n")
    assert "none of 2 texts could be tested with ner-mini: ner-mini finds no entity" in refused(
        faithful("--data", file, *QUICK)
    )


def test_an_error_in_every_text_is_the_error_that_is_shown():
    told = refused(faithful("--data", SAMPLE, *QUICK, "--preset", "boost", "--set", "word=500"))
    assert "none of 12 texts could be tested" in told
    assert "word is 500; expected a number from 0 to" in told


def test_progress_where_it_is_asked_for():
    result = faithful(TEXT, *QUICK, "--json", "--progress")
    assert read(result)
    lines = result.stderr.splitlines()
    assert lines[0].startswith("readings of the text: ")
    done, count = lines[-1].removeprefix("readings of the text: ").split(" of ")
    assert done == count
    assert faithful(TEXT, *QUICK, "--json").stderr == ""
    many = faithful("--data", SAMPLE, "--limit", 2, *QUICK, "--json", "--progress")
    assert many.stderr.splitlines()[-1] == "texts: 2 of 2"
