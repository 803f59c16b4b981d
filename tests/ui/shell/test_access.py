"""What an app opens: decided by where its server listens and what its command line names."""

from __future__ import annotations

import pytest

from beaconviz.core.errors import BeaconvizError
from beaconviz.ui.shell.access import AccessError, access, granted, is_loopback


@pytest.mark.parametrize("address", ["localhost", "127.0.0.1", "127.0.0.53", "::1"])
def test_an_app_that_its_own_machine_reaches_opens_everything(address: str) -> None:
    rules = granted([], address)
    rules.check_model("/home/ada/secret")
    rules.check_path("data", "/etc/passwd")


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "::", "192.168.1.7", "127.0.0.1.example.org", "lab-server", "", None, "unix:///s"],
)
def test_any_other_address_is_closed(address: str | None) -> None:
    assert not is_loopback(address)
    rules = granted([], address)
    rules.check_model("ner-mini")
    for name in ("/home/ada/secret", ".", "dslim/bert-base-NER", "ner-mini/", " ner-mini"):
        with pytest.raises(AccessError, match="does not offer the model"):
            rules.check_model(name)
    for path in ("/etc/passwd", "../secret.conll", ""):
        with pytest.raises(AccessError, match="does not open the data file"):
            rules.check_path("data", path)


def test_an_app_behind_a_proxy_can_be_closed_too() -> None:
    assert not granted(["--closed"], "localhost").unrestricted


def test_what_the_command_line_names_is_offered_and_nothing_beside_it() -> None:
    arguments = ["--model", "runs/ner", "--model=acme/tagger", "--data", "a.conll"]
    rules = granted([*arguments, "--documents=papers", "--beacons", "-odd"][:-2], "0.0.0.0")
    for name in ("runs/ner", "acme/tagger", "minilm"):
        rules.check_model(name)
    rules.check_path("data", "a.conll")
    rules.check_path("documents", "papers")
    assert rules.named("documents") == ("papers",)
    with pytest.raises(AccessError):
        rules.check_model("runs/ner/../other")
    with pytest.raises(AccessError):
        rules.check_path("documents", "a.conll")  # named for something else
    with pytest.raises(AccessError):
        rules.check_path("beacons", "runs/ner")


@pytest.mark.parametrize("arguments", [["--clsoed"], ["--close"], ["--model"], ["stray"]])
def test_arguments_that_are_not_understood_open_nothing(
    monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["/somewhere/app.py", *arguments])
    with pytest.raises(BeaconvizError, match="options it does not have"):
        access()


def test_the_arguments_of_another_program_are_not_the_apps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["pytest", "--closed", "-q"])
    assert access().models == ()
