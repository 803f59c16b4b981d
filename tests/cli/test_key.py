"""`beaconviz key`: the words of a text that count."""

from __future__ import annotations

import json

import pytest
from transformers import AutoModelForSeq2SeqLM
from typer.testing import CliRunner

import beaconviz as bv
from beaconviz import cli, samples
from beaconviz.analysis.explain.keywords import is_stop_word, key_words
from beaconviz.analysis.explain.weights import METHODS
from beaconviz.core import presets
from tests.tiny import tiny_model

TEXT = "Ada Lovelace, was the co-founder of Apple Inc. in London"
LONG = " ".join(f"{TEXT} {number}." for number in range(40))
DESIGN = samples.shipped("sample_data") / "designs" / "mute-in.json"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return str(tiny_model("bert", tmp_path_factory.mktemp("bert")))


@pytest.fixture(scope="module")
def model(tiny):
    return bv.load(tiny)


@pytest.fixture
def key(tiny):
    def run(*arguments, text=TEXT, given=None):
        told = ["key", text, "--model", tiny, *map(str, arguments)]
        return CliRunner().invoke(cli.app, told, input=given)

    return run


def read(result):
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout, parse_constant=pytest.fail)  # NaN is no JSON


def weights(found):
    return [one["weight"] for one in found["words"]]


def test_json_has_every_word_with_its_weight_and_place(key, tiny, model):
    found = read(key("--json"))
    assert set(found) == {"model", "method", "windows", "remarks", "words"}
    assert (found["model"], found["method"], found["windows"]) == (tiny, "received", 1)
    assert [one["word"] for one in found["words"]] == TEXT.split()
    for one in found["words"]:
        assert set(one) == {"word", "weight", "start", "end"}
        assert TEXT[one["start"] : one["end"]] == one["word"]
    assert weights(found) == pytest.approx(key_words(model, TEXT).weights.tolist())
    assert sum(weights(found)) == pytest.approx(1)


@pytest.mark.parametrize("method", METHODS)
def test_every_method(key, model, method):
    found = read(key("--method", method, "--json"))
    assert found["method"] == method
    assert weights(found) == pytest.approx(
        key_words(model, TEXT, method).weights.tolist(), abs=1e-6
    )


def test_only_the_heaviest(key):
    every = read(key("--json"))["words"]
    found = read(key("--top", 3, "--json"))["words"]
    heaviest = sorted(every, key=lambda one: -one["weight"])[:3]
    assert found == sorted(heaviest, key=lambda one: one["start"])  # in the order of the text
    assert len(read(key("--top", 999, "--json"))["words"]) == len(every)


def test_the_fewest_that_cover_a_share(key):
    found = read(key("--cover", 0.5, "--json"))
    assert 0 < len(found["words"]) < len(TEXT.split())
    assert sum(weights(found)) >= 0.5
    assert sum(weights(found)) - min(weights(found)) < 0.5
    assert len(read(key("--cover", 1, "--json"))["words"]) == len(TEXT.split())


def test_stop_words_are_left_out_when_asked(key):
    common = [is_stop_word(word) for word in TEXT.split()]
    found = weights(read(key("--no-stop-words", "--json")))
    assert [weight == 0 for weight in found] == common
    assert sum(found) == pytest.approx(1)
    assert min(weights(read(key("--json")))) > 0


def test_some_layers_and_heads(key, model):
    found = weights(read(key("--layer", 0, "--layer", 2, "--head", 1, "--json")))
    expected = key_words(model, TEXT, layers=[0, 2], heads=[1]).weights.tolist()
    assert found == pytest.approx(expected)
    assert found != pytest.approx(weights(read(key("--json"))), abs=1e-4)


def test_a_query_is_answered_by_minilm():
    text = "The library opens at nine. Bring warm clothes and a torch. The lamp was built in 1871."
    told = ["key", text, "--query", "what should I wear?", "--json"]
    found = read(CliRunner().invoke(cli.app, told))
    assert (found["model"], found["method"]) == ("minilm", "similarity")
    best = max(found["words"], key=lambda one: one["weight"])["word"]
    assert best in ("warm", "clothes", "Bring")
    dot = read(CliRunner().invoke(cli.app, [*told, "--score", "dot"]))
    assert weights(dot) != pytest.approx(weights(found), abs=1e-3)


def test_without_a_query_it_is_ner_mini():
    found = read(CliRunner().invoke(cli.app, ["key", TEXT, "--json"]))
    assert (found["model"], found["method"]) == ("ner-mini", "received")


def test_a_preset_has_the_untouched_words_beside_it(key, model):
    preset = ["--preset", "local-window", "--set", "width=0"]
    found = read(key(*preset, "--json"))
    design = presets.local_window(tuple(TEXT.split()), width=0)
    assert weights(found) == pytest.approx(key_words(model, TEXT, design=design).weights.tolist())
    assert found["baseline"] == read(key("--json"))["words"]
    assert weights(found) != pytest.approx([one["weight"] for one in found["baseline"]], abs=1e-4)
    few = read(key(*preset, "--top", 2, "--json"))
    assert [one["word"] for one in few["baseline"]] == [one["word"] for one in few["words"]]
    assert "baseline" not in read(key("--json"))
    shown = key(*preset).stdout
    assert "untouched" in shown
    assert "untouched" not in key().stdout


def test_a_design_file(key, tmp_path):
    file = tmp_path / "design.json"
    cells = [("*", 1, 60.0)]
    file.write_text(bv.Design.neutral(TEXT.split()).with_cells(beacon=cells).to_json())
    found = read(key("--design", file, "--json"))
    assert found["words"][1]["weight"] > 2 * found["baseline"][1]["weight"]


def test_a_table_for_people(key):
    found = read(key("--top", 2, "--json"))["words"]
    result = key("--top", 2)
    assert result.exit_code == 0
    assert TEXT in result.stdout
    assert "key words" in result.stdout
    for one in found:
        assert one["word"].strip(",.") in result.stdout.partition("key words")[2]
    assert "Special tokens" in result.stdout
    assert result.stderr == ""


def test_markup_in_a_text_is_text(key):
    text = "Ada [bold]met[/bold] the [/] of Apple"
    assert text in key(text=text).stdout


def test_the_reading_view_is_written(key, tmp_path):
    page = tmp_path / "page.html"
    text = "Ada </script><script>alert(1)</script> met Apple <!-- here"
    result = key("--preset", "local-window", "--top", 2, "--html", page, text=text)
    assert result.exit_code == 0, result.stderr
    assert result.stderr == f"report: {page}\n"
    written = page.read_text("utf-8")
    assert "<script>alert" not in written
    assert "<!-- here" not in written
    assert '"untouched"' in written
    assert '"edited"' in written
    assert f'"share": {2 / len(text.split())}'[:14] in written
    assert "http" not in written  # it needs no network


def test_standard_input(key):
    assert read(key("--json", text="-", given=TEXT)) == read(key("--json"))
    found = read(key("--json", text="-", given=b"\xef\xbb\xbfAda met\r\nApple\r\n"))
    assert [one["word"] for one in found["words"]] == ["Ada", "met", "Apple"]


def test_a_long_text_is_read_in_parts(key, model):
    found = read(key("--json", text=LONG))
    assert found["windows"] > 2
    assert [one["word"] for one in found["words"]] == LONG.split()
    assert weights(found) == pytest.approx(key_words(model, LONG).weights.tolist())
    assert sum(weights(found)) == pytest.approx(1, abs=1e-4)
    assert f"read in {found['windows']} parts" in " ".join(found["remarks"])
    shown = key("--top", 3, text=LONG)
    assert shown.exit_code == 0
    assert f"read in {found['windows']} parts" in shown.stdout
    edited = read(key("--preset", "local-window", "--json", text=LONG))
    assert edited["windows"] == found["windows"]
    assert len(edited["baseline"]) == len(found["words"])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--method", "best"], "expected one of received"),
        (
            ["--query", "Apple", "--method", "received"],
            "--query has no effect without --method similarity",
        ),
        (["--query", ""], "empty"),
        (["--query", "Apple", "--score", "best"], "the score is 'best'"),
        (["--score", "dot"], "--score has no effect without --method similarity"),
        (["--cover", "0"], "share to cover is 0"),
        (["--cover", "1.5"], "share to cover is 1.5"),
        (["--cover", "nan"], "share to cover is nan"),
        (["--top", "2", "--cover", "0.5"], "--top and --cover were given"),
        (["--method", "integrated", "--layer", "0"], "--layer has no effect without"),
        (["--query", "Apple", "--head", "0"], "--head has no effect without"),
        (["--layer", "3"], "layer is 3; expected a number from 0 to 2"),
        (["--head", "-1"], "head is -1"),
        (["--preset", "nope"], "expected one of worked-example"),
        (["--preset", "local-window", "--set", "width=-1"], "width is -1"),
        (["--preset", "local-window", "--set", "width=wide"], "not a number"),
        (["--preset", "local-window", "--design", DESIGN], "choose one of them"),
        (["--set", "width=1"], "without --preset"),
        (["--design", "no-such.json"], "cannot read no-such.json"),
        (["--design", DESIGN], "realigned"),
        (["--html", "no/such/page.html"], "no folder"),
        (["--html", "."], "cannot write"),
        (["--model", "./no-such-folder"], "no folder"),
    ],
)
def test_what_does_not_fit_is_one_line_and_code_2(key, arguments, told):
    result = key(*arguments)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert told in result.stderr


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the text is empty"),
        (" \n", "the text is empty"),
        ("... !?", "no word with a letter or a digit"),
        ("a-" * 300, "put a space into it"),
    ],
)
def test_a_text_without_words_is_one_line(key, text, told):
    for result in (key(text=text), key(text="-", given=text)):
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
        assert told in result.stderr


def test_stop_words_alone_are_one_line(key):
    result = key("--no-stop-words", text="the of and")
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "stop words only" in result.stderr


@pytest.mark.parametrize("given", [b"Ada \xff met", b"\x00\x01", "Ada".encode("utf-16-le")])
def test_standard_input_that_is_no_text_is_one_line(key, given):
    result = key(text="-", given=given)
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "standard input" in result.stderr


def test_a_model_that_translates_is_refused(tmp_path):
    folder = tiny_model("bart", tmp_path, labels=None, auto=AutoModelForSeq2SeqLM)
    result = CliRunner().invoke(cli.app, ["key", TEXT, "--model", str(folder)])
    assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (2, "", 1)
    assert "reads one and writes another" in result.stderr


def test_the_name_of_a_file_is_no_text(tmp_path):
    file = tmp_path / "article.txt"
    file.write_text("Steve Jobs founded Apple.")
    done = CliRunner().invoke(cli.app, ["key", str(file)])
    assert done.exit_code == 2
    assert f"beaconviz key - < {file}" in done.stderr
