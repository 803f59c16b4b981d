"""How commands end: one line on standard error, whatever went wrong, and an exit code."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner

from beaconviz import cli
from beaconviz.cli.shared.command import Command, Commands, exit_code, remark
from beaconviz.core.errors import BeaconvizError
from tests.tiny import tiny_model

TEXT = "Steve Jobs was the co-founder of Apple Inc."
LONG = "n" * 300


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    return str(tiny_model("bert", tmp_path_factory.mktemp("bert")))


def invoke(*arguments, **options):
    return CliRunner().invoke(cli.app, list(arguments), **options)


def refused(result):
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert result.stderr.startswith("beaconviz: ")
    return result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["compare"], "Missing argument 'text'"),
        (["compare", TEXT, "--nonsense"], "No such option: --nonsense"),
        (["compare", TEXT, "--layer", "many"], "--layer': "),
        (["compare", TEXT, "more"], "unexpected extra argument"),
        (["compare", TEXT, "--beams", "0"], "--beams': "),
        (["compare", TEXT, "--model"], "requires an argument"),
        (["key", TEXT, "--top", "0"], "--top': "),
        (["faithful", TEXT, "--about", "-1"], "--about': "),
        (["retrieve"], "Missing option '--docs'"),
        (["evaluate", "x", "--preset", "mute", "--batch", "0"], "--batch': "),
        (["profile", "x", "--preset", "mute", "--limit", "3"], "--limit': "),
        (["app", "--port", "99999"], "--port': "),
        (["finetune"], "Missing argument 'train'"),
        (["finetune", "x", "--dev", "y", "--out", "z", "--nonsense"], "No such option"),
        (["elastic", "x", "--dev", "y"], "Missing option '--out'"),
        (["train-translator", "x", "--dev", "y", "--out", "z", "--rank", "r"], "--rank': "),
        (["compare", "a\0b"], "NUL character"),
        (["compare", TEXT, "--model", "a\0b"], "NUL character"),
        (["compare", TEXT, "--model", LONG], LONG[:60]),
        (["compare", TEXT, "--design", LONG], "File name too long"),
        (["compare", TEXT, "--learned", LONG], "File name too long"),
        (["compare", TEXT, "--html", f"{LONG}/page.html"], "File name too long"),
        (["key", TEXT, "--html", LONG], "File name too long"),
        (["faithful", TEXT, "--progress", "--html", "."], "it is a folder"),
        (["faithful", "--data", LONG], "File name too long"),
        (["retrieve", "--docs", LONG, "--query", "x"], "File name too long"),
        (["evaluate", LONG, "--preset", "mute"], "File name too long"),
        (["evaluate", "x", "--rule", LONG], ""),
        (["finetune", LONG, "--dev", "y", "--out", "z"], "File name too long"),
    ],
)
def test_what_does_not_fit_is_one_line_and_code_2(arguments, told):
    assert told in refused(invoke(*arguments))


@pytest.mark.parametrize(
    "setting",
    ["highlighted=", "highlighted=null", "highlighted=[0]", "alpha=null", 'alpha="x"', "alpha=1,2",
     "alpha=NaN", "alpha=1e400", "highlighted=true", "highlighted=0.5", f"alpha={'[' * 5000}"],
)  # fmt: skip
def test_a_setting_that_is_no_number_is_one_line(tiny, setting):
    refused(invoke("compare", TEXT, "--model", tiny, "--preset", "pasta", "--set", setting))


def test_pasta_without_words_takes_its_default(tiny):
    result = invoke("compare", TEXT, "--model", tiny, "--preset", "pasta", "--json")
    cells = json.loads(result.stdout)["design"]["edits"][0]["beacon"]
    assert [cell[1] for cell in cells] == [1, 2, 3, 4, 5, 6, 7]


def test_no_command_shows_the_help():
    result = invoke()
    assert result.exit_code == 0
    assert "compare" in result.stdout


def small(body):
    app = typer.Typer(cls=Commands, add_completion=False)
    app.command(cls=Command)(body)
    app.command("other", cls=Command)(lambda: None)
    return CliRunner().invoke(app, [body.__name__])


def test_remarks_come_after_a_success_and_not_before_an_error():
    def fine():
        remark("a remark")
        typer.echo("result")

    def wrong():
        remark("a remark")
        raise BeaconvizError("in\ntwo lines")

    result = small(fine)
    assert (result.stdout, result.stderr) == ("result\n", "a remark\n")
    assert small(wrong).stderr == "beaconviz: in two lines\n"


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (BeaconvizError("wrong"), 2, "beaconviz: wrong\n"),
        (OSError(36, "File name too long", LONG), 2, f"{LONG[:80]}…: File name too long"),
        (OSError(28, "No space left on device"), 2, "cannot write the output: No space left"),
        (ConnectionError("no route"), 2, "beaconviz: no route\n"),
        (KeyboardInterrupt(), 130, ""),
        (BrokenPipeError(), 141, ""),
    ],
)
def test_errors_become_exit_codes(error, code, told, capsys):
    def call():
        raise error

    assert exit_code(call) == code
    assert told in capsys.readouterr().err


def test_an_error_of_the_program_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        exit_code(lambda: 1 / 0)


def shell(line, **environment):
    """A line for bash; unbuffered, Python itself would lose what is written in part."""
    variables = {name: each for name, each in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line}"],
        capture_output=True,
        text=True,
        env=variables | environment,
    )


@pytest.fixture(scope="module")
def printing(tmp_path_factory):
    """A command that prints much, with the ending that all commands have."""
    file = tmp_path_factory.mktemp("printing") / "much.py"
    file.write_text(
        "import sys, typer\n"
        "from beaconviz.cli.shared.command import Command, Commands\n"
        "from beaconviz.cli.shared.common import print_json\n"
        "app = typer.Typer(cls=Commands, add_completion=False)\n"
        "@app.command(cls=Command)\n"
        "def much(lines: int = 100000):\n"
        "    typer.echo('\\n'.join(map(str, range(lines))))\n"
        "@app.command(cls=Command)\n"
        "def text(as_json: bool = False):\n"
        "    print_json({'text': '→ 😀'}) if as_json else typer.echo('→ 😀')\n"
        "@app.command(cls=Command)\n"
        "def rich():\n"
        "    from rich.console import Console\n"
        "    for number in range(20000): Console().print(number)\n"
        "@app.command(cls=Command)\n"
        "def read():\n"
        "    from beaconviz.cli.shared.common import argument_text\n"
        "    typer.echo(argument_text('-'))\n"
        "app()\n"
    )
    return f"{sys.executable} {file}"


def test_a_reader_that_goes_away_ends_it_quietly(printing):
    done = shell(f"{printing} much | head -n 1")
    assert done.stdout == "0\n"
    assert done.stderr == ""
    assert done.returncode == 141  # as that of seq 100000 | head -n 1


@pytest.mark.parametrize("what", ["rich", "much --help"])
def test_what_rich_prints_ends_as_quietly(printing, what):
    """rich would end the program with the code of an error."""
    done = shell(f"{printing} {what} | true")
    assert (done.returncode, done.stdout, done.stderr) == (141, "", "")


def test_a_stream_that_is_closed_is_one_line(printing):
    done = shell(f"{printing} much --lines 1 >&-")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("beaconviz: standard output is closed")
    assert done.stderr.count("\n") == 1
    done = shell(f"{printing} read <&-")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("beaconviz: the text is -, and standard input is closed")
    assert shell(f"{printing} much --lines 1 2>&- <&-").stdout == "0\n"
    assert shell(f"{printing} nonsense >&- 2>&- <&-").returncode == 2


@pytest.mark.parametrize("width", ["0", "", "00"])
def test_a_terminal_of_no_width_is_shown_all(printing, width):
    done = shell(f"{printing} rich", COLUMNS=width)
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 20000)
    assert done.stdout.startswith("0\n1\n")


@pytest.mark.parametrize("lines", [1, 100000])
def test_output_that_is_full_is_one_line(printing, lines):
    done = shell(f"{printing} much --lines {lines} > /dev/full")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "beaconviz: cannot write the output: No space left on device\n"


def test_errors_into_what_is_full_keep_their_code(printing):
    assert shell(f"{printing} nonsense 2> /dev/full").returncode == 2


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_output_in_another_encoding(printing, encoding):
    shown = shell(f"{printing} text", PYTHONIOENCODING=encoding)
    assert shown.returncode == 0, shown.stderr
    printed = shell(f"{printing} text --as-json", PYTHONIOENCODING=encoding)
    assert json.loads(printed.stdout) == {"text": "→ 😀"}
