"""How long a person waits for the Studio, beside a process that only imports what it needs.

    python -m benchmarks.start [--rounds 3]

Each round starts, one after the other: a process that imports torch, transformers and streamlit and
loads ner-mini; and `beaconviz app`, opened in a real browser as soon as its server answers. Medians
in seconds, counted from the command, and the ratio to the bare process of the same round:

    bare       the process has loaded the model
    server     the server of the app answers
    readable   the page shows text, of the outline or the Studio
    usable     the workbench is drawn
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser

from tests.ui.browser import _free_port, chromium

BARE = (
    "import torch, transformers, streamlit; from beaconviz.models.loading import load; "
    "load('ner-mini')"
)
READABLE = "() => document.querySelector('.stApp')?.innerText.trim().length > 20"


def bare() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", BARE], check=True, capture_output=True)
    return time.perf_counter() - start


@contextmanager
def app(port: int) -> Iterator[None]:
    command = [sys.executable, "-c", "from beaconviz.cli import app; app()"]
    command += ["app", "--no-browser", "--port", str(port)]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        server.terminate()
        server.wait(30)


def answers(address: str) -> bool:
    try:
        return bool(urllib.request.urlopen(f"{address}_stcore/health").read())
    except (urllib.error.URLError, ConnectionError):
        return False


def started(browser: Browser) -> dict[str, float]:
    """The seconds from the command to each of the marks."""
    port = _free_port()
    address = f"http://localhost:{port}/"
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.set_default_timeout(300_000)
    start = time.perf_counter()
    marks = {}
    with app(port):
        while not answers(address):
            time.sleep(0.02)  # a server that starts can only be asked again
        marks["server"] = time.perf_counter() - start
        page.goto(address, wait_until="commit")
        page.wait_for_function(READABLE)
        marks["readable"] = time.perf_counter() - start
        page.locator("[data-testid=workbench][data-drawn]").wait_for()
        marks["usable"] = time.perf_counter() - start
    page.close()
    return marks


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds: list[dict[str, float]] = []
    options = parser.parse_args()
    with chromium() as browser:
        for _ in range(options.rounds):
            rounds.append({"bare": bare(), **started(browser)})
    for name in rounds[0]:
        seconds = statistics.median(each[name] for each in rounds)
        ratio = statistics.median(each[name] / each["bare"] for each in rounds)
        print(f"{name:<9} {seconds:6.2f} s  {ratio:.2f} × bare")


if __name__ == "__main__":
    main()
